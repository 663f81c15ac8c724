"""The report of `optimise staffing`: rows for programs, a table for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from branchwise.core.languages import Language, Text
from branchwise.core.tabulation import Tabulation
from branchwise.core.units import duration, quantity
from branchwise.optimise.model import Counts, StaffingDecision, StaffingProblem
from branchwise.optimise.problems.staffing import clock_time
from branchwise.optimise.solvers.limits import people_for
from branchwise.pipeline.optimise.staffing_words import WORDS
from branchwise.pipeline.twin.trust import Trust

TIMES = 1.959963984540054


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffingReport:
    """How many people at which post when.

    Attributes
    ----------
    branch_id, scenario_name, scenario_digest : str
        For which branch and day.
    trust : Trust
        The verdict on the branch's twin.
    problem : StaffingProblem
        What was asked.
    decision : StaffingDecision or None
        What was found; None where the twin may not be trusted.
    people : array, shape (posts, slots)
        The staffing advised.
    today, offered_load, erlang_c : array, shape (posts, slots)
        People on duty in the scenario as it is, and by formula.
    warnings : tuple of Text
        What is weak.
    """

    branch_id: str
    scenario_name: str
    scenario_digest: str
    trust: Trust
    problem: StaffingProblem
    decision: StaffingDecision | None
    people: Counts
    today: Counts
    offered_load: Counts
    erlang_c: Counts
    warnings: tuple[Text, ...] = ()

    @property
    def missed_by_load(self) -> int | None:
        """Quarter-hours in which the offered load misses the target; None if not simulated."""
        if self.decision is None:
            return None
        return int((self.decision.attained_by_load.share < self.problem.target.share).sum())

    @property
    def rows(self) -> list[dict[str, Any]]:
        """One row a post and quarter-hour."""
        problem, decision = self.problem, self.decision
        names = [one.name for one in problem.demands]
        found = []
        for place, post in enumerate(problem.posts):
            demand = names.index(post.demand)
            for slot in range(problem.slots.count):
                since, until = problem.slots.bounds[slot : slot + 2]
                found.append(
                    {
                        "station": post.name,
                        "demand": post.demand,
                        "from": clock_time(since),
                        "to": clock_time(until),
                        "today": int(self.today[place, slot]),
                        "people": int(self.people[place, slot]),
                        "offered_load": int(self.offered_load[place, slot]),
                        "erlang_c": int(self.erlang_c[place, slot]),
                        **_attained(decision, demand, slot),
                    }
                )
        return found

    def as_json(self) -> dict[str, Any]:
        """Return the ``result`` of the JSON document, the verdict first."""
        problem, decision = self.problem, self.decision
        hours = problem.hours(self.people)
        return {
            **self.trust.as_json(),
            "branch_id": self.branch_id,
            "scenario": self.scenario_name,
            "scenario_digest": self.scenario_digest,
            "status": "not_simulated" if decision is None else decision.status,
            "seed": None if decision is None else decision.seed,
            "target": {
                "seconds": problem.target.seconds,
                "share": problem.target.share,
                "quantile": problem.target.demand_quantile,
            },
            "demand_factor": problem.demand_factor,
            "hours": hours,
            "hours_today": problem.hours(self.today),
            "hours_offered_load": problem.hours(self.offered_load),
            "hours_erlang_c": problem.hours(self.erlang_c),
            "saved_share": saved(hours, problem.hours(self.offered_load)),
            "offered_load_missed": self.missed_by_load,
            "saved_share_erlang_c": saved(hours, problem.hours(self.erlang_c)),
            "people_present": people_for(problem.lunch, self.people),
            "replications": None if decision is None else decision.replications,
            "appraisals": None if decision is None else decision.appraisals,
            "rows": self.rows,
        }

    def as_tables(self, language: Language) -> tuple[Tabulation, ...]:
        """Return the staffing, quarter-hour by quarter-hour."""
        problem, phrases = self.problem, WORDS[language]
        title = phrases["title"].format(
            branch=self.branch_id,
            scenario=self.scenario_name,
            share=quantity(problem.target.share, "share", language),
            wait=duration(problem.target.seconds, language),
            quantile=quantity(problem.target.demand_quantile, "share", language),
        )
        rows = tuple(
            (
                row["station"],
                row["from"],
                row["to"],
                row["today"],
                row["people"],
                row["offered_load"],
                row["erlang_c"],
                quantity(row["attained"], "share", language),
                _interval(row, language),
            )
            for row in self.rows
        )
        columns = tuple(phrases["columns"].split("|"))
        return (Tabulation(title=title, columns=columns, rows=rows, notes=self._notes(language)),)

    def _notes(self, language: Language) -> tuple[str, ...]:
        problem, phrases = self.problem, WORDS[language]
        hours = {
            "hours": problem.hours(self.people),
            "load": problem.hours(self.offered_load),
            "erlang": problem.hours(self.erlang_c),
            "today": problem.hours(self.today),
        }
        shares = {
            f"{name}_change": f"{-(saved(hours['hours'], hours[name]) or 0.0):+.1%}"
            for name in ("load", "erlang")
        }
        notes = [
            phrases["hours"].format(**{name: f"{n:,.2f}" for name, n in hours.items()}, **shares),
            phrases["people"].format(people=people_for(problem.lunch, self.people)),
            phrases["demand"].format(factor=f"{problem.demand_factor:.2f}"),
        ]
        if self.decision is not None:
            days, seed = f"{self.decision.replications:,}", self.decision.seed
            notes.append(phrases["days"].format(days=days, seed=seed))
            notes.append(phrases["missed"].format(count=self.missed_by_load))
        return (*notes, phrases["left_out"])


def saved(hours: float, against: float) -> float | None:
    """Return the share of hours saved.

    Examples
    --------
    >>> saved(75.0, 100.0)
    0.25
    """
    return 1 - hours / against if against > 0 else None


def _attained(decision: StaffingDecision | None, demand: int, slot: int) -> dict[str, Any]:
    if decision is None or np.isnan(decision.attained.share[demand, slot]):
        return {"attained": None, "lower": None, "upper": None}
    share = float(decision.attained.share[demand, slot])
    half = TIMES * float(decision.attained.error[demand, slot])
    return {
        "attained": share,
        "lower": max(share - half, 0.0),
        "upper": min(share + half, 1.0),
    }


def _interval(row: dict[str, Any], language: Language) -> str | None:
    if row["lower"] is None:
        return None
    lower, upper = (quantity(row[name], "share", language) for name in ("lower", "upper"))
    return f"{lower} – {upper}"
