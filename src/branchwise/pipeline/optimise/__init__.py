"""Decisions of a workspace: one file a problem."""
