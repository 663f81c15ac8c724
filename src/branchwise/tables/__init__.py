"""Canonical tables, declared as data, and what derives from the declaration."""
