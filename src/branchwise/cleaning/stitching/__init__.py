"""Stitching: which posted transactions belong to which service, and how far clocks are apart."""

from branchwise.cleaning.stitching.model import Reason, Side, Stitching
from branchwise.cleaning.stitching.stitch import PAIRS, stitch

__all__ = ["PAIRS", "Reason", "Side", "Stitching", "stitch"]
