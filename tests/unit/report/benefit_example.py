"""Benefits made by hand for the branches of the example report: kept, missed, open, too early."""

from __future__ import annotations

from datetime import date

from branchwise.evaluate.effects import Estimate
from branchwise.report.benefit import Benefit

WITHIN, LOST = "queues.within_standard_share", "queues.abandoned_share"
APRIL, MAY = date(2026, 4, 1), date(2026, 5, 31)


def measured(month, difference, half=0.05, days=20, others=("00305", "00306")):
    known = difference is not None
    return Estimate(
        month=month,
        starts_on=APRIL if known else None,
        ends_on=MAY if known else None,
        difference=difference,
        lower=difference - half if known else None,
        upper=difference + half if known else None,
        count_days=days,
        count_days_before=60,
        comparisons=others,
    )


def benefit(branch_id, name, verdict, difference, **changes):
    """Return a promise of +10 points (5 to 15) with two months of the same difference."""
    months = () if difference is None else tuple(
        measured(month, difference) for month in ("2026-04", "2026-05")
    )  # fmt: skip
    guards = tuple(measured(one.month, 0.01, 0.02) for one in months)
    return Benefit(**{
        "branch_id": branch_id,
        "branch_name": name,
        "action_ids": (f"{branch_id}:more_windows:1:teller",),
        "interventions": ("more_windows",),
        "starts_on": APRIL,
        "measure": WITHIN,
        "baseline": 0.6,
        "promised": 0.10,
        "lower": 0.05,
        "upper": 0.15,
        "guard_rail": LOST,
        "guard_rail_limit": 0.02,
        "months": months,
        "whole": measured("all", difference, 0.03, 40),
        "guard_months": guards,
        "guard_whole": measured("all", 0.01, 0.02, 40),
        "verdict": verdict,
        "days_needed": 40,
        "comparisons": ("新港支行", "廣場支行"),
    } | changes)  # fmt: skip


def make_benefits():
    """Return six packages, one of each verdict but `not_measurable`, and one never promised."""
    nothing = {"measure": None, "baseline": None, "promised": None, "lower": None, "upper": None}
    return (
        benefit("00301", "城中支行", "kept", 0.11),
        benefit("00302", "東門支行", "not_kept", 0.01),
        benefit("00303", "新港支行", "guard_rail_broken", 0.08,
                guard_whole=measured("all", 0.06, 0.02, 40)),
        benefit("00304", "廣場支行", "not_shown", 0.03),
        benefit("00305", "河西支行", "too_early", 0.09, whole=measured("all", 0.09, 0.03, 12)),
        benefit("00306", "北門支行", "not_measurable", None, months=(), whole=None,
                guard_months=(), guard_whole=None, guard_rail=None, **nothing),
    )  # fmt: skip
