"""The workspace and its versioned store."""
