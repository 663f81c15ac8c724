"""``twin compare``: two scenarios on the same days, difference by difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from branchwise.core.errors import Where, failure
from branchwise.core.languages import Language
from branchwise.core.progress import Progress, silent
from branchwise.core.tabulation import Tabulation
from branchwise.core.units import difference as signed
from branchwise.core.units import quantity
from branchwise.measures.catalogue import catalogue
from branchwise.pipeline.twin import words
from branchwise.pipeline.twin.places import BASE, chosen_scenario
from branchwise.pipeline.twin.run import SEED, found_scenario, interval, verdict_table
from branchwise.pipeline.twin.simulated import Effort, simulated
from branchwise.pipeline.twin.spread import compile_first
from branchwise.pipeline.twin.trust import Trust, trust
from branchwise.twin.files import scenario_digest


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareReport:
    """Two scenarios of a branch.

    Attributes
    ----------
    branch_id, name_a, name_b : str
        The branch; what the baseline and the other are called.
    digest_a, digest_b : str
        Of the two scenarios.
    trust : Trust
        The verdict on the branch's twin.
    rows : tuple of dict
        ``measure``, ``class``, ``station``, ``a``, ``b``, ``difference``, ``lower``, ``upper``,
        ``unit``, ``is_distinct``.
    replications, seed : int
        Which days.
    """

    branch_id: str
    name_a: str
    name_b: str
    digest_a: str
    digest_b: str
    trust: Trust
    rows: tuple[dict[str, Any], ...]
    replications: int
    seed: int

    def as_json(self) -> dict[str, Any]:
        """Return the ``result`` of the JSON document, the verdict first."""
        return {
            **self.trust.as_json(),
            "branch_id": self.branch_id,
            "a": {"scenario": self.name_a, "scenario_digest": self.digest_a},
            "b": {"scenario": self.name_b, "scenario_digest": self.digest_b},
            "rows": [dict(row) for row in self.rows],
            "replications": self.replications,
        }

    def as_tables(self, language: Language) -> tuple[Tabulation, ...]:
        """Return the verdict, then the differences."""
        phrases = words.WORDS[language]
        title = phrases["compared"].format(
            branch=self.branch_id, a=self.name_a, b=self.name_b,
            replications=f"{self.replications:,}", seed=self.seed,
        )  # fmt: skip
        columns = phrases["compared_columns"].format(a=self.name_a, b=self.name_b)
        table = Tabulation(
            title=title,
            columns=tuple(columns.split("|")),
            rows=tuple(self._cells(row, language) for row in self.rows),
            notes=(phrases["pairs"], phrases["machines"]),
        )
        return verdict_table(((self.branch_id, self.trust),), language), table

    def _cells(self, row: dict[str, Any], language: Language) -> tuple[object, ...]:
        a, b = (quantity(row[name], row["unit"], language) for name in ("a", "b"))
        which = words.WORDS[language][_judged(row)] if row["is_distinct"] else None
        return (
            words.label(row["measure"], language), row["class"], row["station"], a, b,
            signed(row["difference"], row["unit"], language), interval(row, language), which,
        )  # fmt: skip


def compare(
    workspace: Path,
    branch_id: str | None = None,
    *,
    scenarios: Sequence[str] = (BASE,),
    changes: Sequence[str] = (),
    effort: Effort | None = None,
    seed: int = SEED,
    progress: Progress | None = None,
) -> CompareReport:
    """Compare a scenario with a baseline: the same customers on the same days in both.

    Parameters
    ----------
    workspace : Path
        The workspace; not needed for scenario files.
    branch_id : str, optional
        The branch; the only calibrated one, or that of the files, by default.
    scenarios : sequence of str
        The baseline and the other, files or names; one stands for both.
    changes : sequence of str
        Made to the other only.
    effort : Effort, optional
        How many days.
    seed : int
        Seed of all chance.
    progress : Progress, optional
        Where the work tells how far it is.

    Returns
    -------
    CompareReport
        Differences are the other minus the baseline.

    Raises
    ------
    BranchwiseError
        [BW-TWN-039] for more than two scenarios, [BW-TWN-046] for two that are the same; as
        `run.run`.
    """
    effort, progress = effort or Effort(), progress or silent()
    effort.check()
    pair = [*scenarios, scenarios[0]][:2] if scenarios else [BASE, BASE]
    twins, a = found_scenario(workspace, branch_id, pair[0], ())
    b = chosen_scenario(twins, branch_id or a.branch_id, pair[1], changes)
    if len(scenarios) > 2:  # noqa: PLR2004
        values = {"option": "--scenario", "given": ", ".join(scenarios), "rule": "A, B"}
        raise failure("BW-TWN-039", Where(place="--scenario"), **values)
    if scenario_digest(a) == scenario_digest(b):
        raise failure("BW-TWN-046", Where(place="--scenario, --set"))
    compile_first(progress)
    with progress.task(words.SIMULATING, total=2) as task:
        before, _ = simulated(a, effort, seed)
        task.advance()
        after, _ = simulated(b, Effort(replications=before.replications), seed)
        task.advance()
    changed = ", ".join(changes)
    name_b = " + ".join(part for part in (b.name, changed) if part) if changes else b.name
    return CompareReport(
        branch_id=b.branch_id,
        name_a=a.name,
        name_b=name_b,
        digest_a=scenario_digest(a),
        digest_b=scenario_digest(b),
        trust=trust(twins, b.branch_id),
        rows=tuple(_differences(before, after)),
        replications=before.replications,
        seed=seed,
    )


def _differences(before: Any, after: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - Results
    from branchwise.twin.measures import difference, estimates

    of_before = {each.key: each for each in estimates(before)}
    rows = []
    for other in estimates(after):
        baseline = of_before.get(other.key)
        if baseline is None:
            continue
        found = difference(other, baseline)
        lower, upper = found.lower, found.upper
        rows.append(
            {
                "measure": other.measure, "class": other.customer_class, "station": other.station,
                "a": baseline.value, "b": other.value, "difference": found.value,
                "lower": lower, "upper": upper, "unit": other.unit,
                "is_distinct": lower is not None and upper is not None and (lower > 0 or upper < 0),
            }
        )  # fmt: skip
    return rows


def _judged(row: dict[str, Any]) -> str:
    known = catalogue().get(row["measure"])
    direction = "none" if known is None else known.direction
    if direction not in {"lower", "higher"}:
        return "other"
    return "better" if (row["difference"] < 0) == (direction == "lower") else "worse"
