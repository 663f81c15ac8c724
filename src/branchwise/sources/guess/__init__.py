"""Drafts of a mapping for files that nobody has described yet."""
