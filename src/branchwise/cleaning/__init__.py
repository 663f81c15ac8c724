"""Cleaning: rows in; rows, repairs and quarantined rows out, and nothing lost between."""

from branchwise.cleaning.clean import clean
from branchwise.cleaning.model import Cleaned, Context, Piece, RuleEffect
from branchwise.cleaning.parse import install_macros

__all__ = ["Cleaned", "Context", "Piece", "RuleEffect", "clean", "install_macros"]
