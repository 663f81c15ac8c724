"""Public web tables as a source: on a recorded basis, as robots.txt allows, slowly."""
