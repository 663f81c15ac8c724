"""Cleaning: rows in; rows, repairs and quarantined rows out, and nothing lost between."""

from branchwise.cleaning.parse import install_macros

__all__ = ["install_macros"]
