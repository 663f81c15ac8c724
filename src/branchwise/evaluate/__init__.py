"""Whether what was promised came true: evaluation designs and effects of actions."""
