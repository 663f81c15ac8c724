"""SQL databases as a source: read only, streamed, by a watermark if there is one."""
