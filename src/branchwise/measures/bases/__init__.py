"""Queries that stand between the canonical tables and measures which need them rearranged."""
