"""What to do: where branches stand out, what it costs, and what would mend it."""
