"""What became of the bank's actions as the report shows it: packages, not single options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from branchwise.evaluate.designs import POST_DAYS
from branchwise.pipeline.evaluate import Evaluated
from branchwise.pipeline.evaluate_report import Outcome
from branchwise.report.benefit import Benefit

SHARED = ("branch_id", "package_id", "starts_on", "measure", "promised", "guard_rail_measure")


def benefits(evaluated: Evaluated) -> tuple[Benefit, ...]:
    """Return the benefits of a bank's actions, those carried out together as one.

    Parameters
    ----------
    evaluated : Evaluated
        As `branchwise.pipeline.evaluate.outcomes_of` gives it.
    """
    packages: dict[tuple[Any, ...], list[Outcome]] = {}
    for found in evaluated.outcomes:
        packages.setdefault(_key(found.action), []).append(found)
    return tuple(_benefit(found, evaluated.names) for found in packages.values())


def _key(action: Mapping[str, Any]) -> tuple[Any, ...]:
    key = tuple(action[name] for name in SHARED)
    # without a package an action stands alone, whatever else is the same
    return key if action["package_id"] else (*key, action["action_id"])


def _benefit(outcomes: list[Outcome], names: Mapping[str, str]) -> Benefit:
    first = outcomes[0]
    action, post_days = first.action, first.action["post_days"]
    whole = first.measured[-1] if first.measured else None
    compared = () if whole is None else whole.comparisons
    return Benefit(
        branch_id=action["branch_id"],
        branch_name=names.get(action["branch_id"], action["branch_id"]),
        action_ids=tuple(found.action["action_id"] for found in outcomes),
        interventions=tuple(dict.fromkeys(found.action["intervention"] for found in outcomes)),
        starts_on=action["starts_on"],
        measure=action["measure"],
        baseline=action["baseline"],
        promised=action["promised"],
        lower=action["promised_lower"],
        upper=action["promised_upper"],
        guard_rail=action["guard_rail_measure"],
        guard_rail_limit=action["guard_rail_limit"] or 0.0,
        months=first.measured[:-1],
        whole=whole,
        guard_months=first.guard[:-1],
        guard_whole=first.guard[-1] if first.guard else None,
        verdict=first.verdict,
        days_needed=POST_DAYS if post_days is None else post_days,
        comparisons=tuple(names.get(code, code) for code in compared),
    )
