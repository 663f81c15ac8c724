"""What a month of a branch holds: visits, late visits, uses of machines, transactions, its mix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from branchwise.core.ports import Engine
from branchwise.plan.model import WHOLE_BANK

DAYS_PER_MONTH = 365.25 / 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Volumes:
    """Monthly volumes by branch.

    Attributes
    ----------
    months : float
        Length of the period, first to last day with visits or transactions; 0 without any.
    by_branch : mapping of str to mapping of str to float
        ``visits``, ``late_visits``, ``machine_uses``, ``counter_transactions``,
        ``transactions``, ``authorised``, ``teller_hours`` a month; ``*`` for the whole bank.
    mix : mapping of str to mapping of str to float
        Share of the visits by kind of business, 0-1.
    """

    months: float
    by_branch: Mapping[str, Mapping[str, float]]
    mix: Mapping[str, Mapping[str, float]]

    def of(self, branch_id: str) -> Mapping[str, float]:
        """Return the monthly volumes of a branch; empty where there are none."""
        return self.by_branch.get(branch_id, {})


PERIOD = """
SELECT min(local_on) AS starts_on, max(local_on) AS ends_on,
       date_diff('day', min(local_on), max(local_on)) + 1 AS days
FROM (SELECT local_on FROM visit UNION ALL SELECT local_on FROM "transaction")
"""
VISITS = """
SELECT branch_id, count(*) AS visits, count(*) FILTER (wait_seconds > $limit) AS late_visits
FROM visit WHERE outcome <> 'open' AND NOT coalesce(is_suspect, false) GROUP BY branch_id
"""
MACHINES = """
SELECT branch_id, count(*) AS machine_visits
FROM visit WHERE origin IN ('smart_counter', 'atm') GROUP BY branch_id
"""
TRANSACTIONS = """
SELECT branch_id,
       count(*) AS transactions,
       count(*) FILTER (channel IN ('smart_counter', 'atm')) AS machine_uses,
       count(*) FILTER (channel = 'counter') AS counter_transactions,
       count(*) FILTER (authorisation_seconds IS NOT NULL) AS authorised
FROM "transaction"
WHERE channel <> 'batch' AND NOT coalesce(is_reversal, false) AND branch_id IS NOT NULL
GROUP BY branch_id
"""
TELLERS = """
SELECT shift.branch_id, sum(work_seconds) / 3600.0 AS teller_hours
FROM shift LEFT JOIN staff_member USING (staff_id)
WHERE leave_kind = 'none'
  AND coalesce(shift.post, staff_member.post) IN ('teller', 'corporate_teller', 'agent')
  AND shift.branch_id IS NOT NULL AND work_seconds IS NOT NULL
GROUP BY shift.branch_id
"""
MIX = """
SELECT visit.branch_id, coalesce(service.family, visit.business_line, 'other') AS kind,
       count(*) AS visits
FROM visit LEFT JOIN service USING (service_id) GROUP BY ALL
"""


def volumes(engine: Engine, *, wait_limit_seconds: float) -> Volumes:
    """Count what a month of each branch holds.

    Parameters
    ----------
    engine : Engine
        With the relations ``visit``, ``transaction``, ``service``, ``shift`` and ``staff_member``.
    wait_limit_seconds : float
        Wait beyond which a visit is late [s].

    Returns
    -------
    Volumes
        Counts of the period divided by its length in months of 30.4 days.
    """
    days = engine.table(PERIOD).to_pylist()[0]["days"] or 0
    months = days / DAYS_PER_MONTH
    counted: dict[str, dict[str, float]] = {WHOLE_BANK: {}}
    answers = (
        engine.table(VISITS, {"limit": wait_limit_seconds}),
        engine.table(MACHINES),
        engine.table(TRANSACTIONS),
        engine.table(TELLERS),
    )
    for answer in answers:
        for row in answer.to_pylist():
            branch = counted.setdefault(row.pop("branch_id"), {})
            for base, count in row.items():
                branch[base] = count / months
                whole = counted[WHOLE_BANK]
                whole[base] = whole.get(base, 0.0) + count / months
    for branch in counted.values():
        machine_visits = branch.pop("machine_visits", 0.0)
        branch["machine_uses"] = max(branch.get("machine_uses", 0.0), machine_visits)
    return Volumes(months=months, by_branch=counted, mix=_mix(engine))


def _mix(engine: Engine) -> dict[str, dict[str, float]]:
    counts: dict[str, dict[str, float]] = {}
    for row in engine.table(MIX).to_pylist():
        counts.setdefault(row["branch_id"], {})[row["kind"]] = row["visits"]
    return {
        branch: {kind: count / sum(kinds.values()) for kind, count in kinds.items()}
        for branch, kinds in counts.items()
    }
