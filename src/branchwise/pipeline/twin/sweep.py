"""``twin run --sweep``: many branches by many days, over processes, interruptible and resumable.

Each branch's result is a file of its own, written whole when the branch is done. Its name says
what it is of: scenario, changes and all, seed, days, version. A second run takes what is there.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from branchwise import __version__
from branchwise.core.errors import BranchwiseError
from branchwise.core.languages import Language, Text
from branchwise.core.progress import Progress, silent
from branchwise.core.tabulation import Tabulation
from branchwise.core.units import quantity
from branchwise.pipeline.twin import words
from branchwise.pipeline.twin.places import BASE, Twins, calibrated, chosen_scenario
from branchwise.pipeline.twin.run import SEED
from branchwise.pipeline.twin.simulated import Effort, simulated
from branchwise.pipeline.twin.spread import Refused, compile_first, sifted, spread
from branchwise.pipeline.twin.trust import Trust, trust
from branchwise.twin.files import scenario_digest

SHOWN = (
    "queues.wait_mean_seconds",
    "queues.wait_p90_seconds",
    "queues.within_standard_share",
    "queues.abandoned_share",
    "twin.busy_share",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepReport:
    """A sweep.

    Attributes
    ----------
    results : tuple of dict
        One a branch, as stored: ``branch_id``, ``scenario``, ``scenario_digest``,
        ``replications``, ``rows``.
    trusts : tuple of Trust
        The verdicts, in the same order.
    files : tuple of Path
        Where the results are stored, in the same order.
    count_before : int
        Branches that were done before.
    replications, seed : int
        Days of each branch, at most; seed of all chance.
    warnings : tuple of Text
        Branches left out, and why.
    """

    results: tuple[dict[str, Any], ...]
    trusts: tuple[Trust, ...]
    files: tuple[Path, ...]
    count_before: int
    replications: int
    seed: int
    warnings: tuple[Text, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the ``result`` of the JSON document."""
        return {
            "rows": [
                {"branch_id": each["branch_id"], **row}
                for each in self.results
                for row in each["rows"]
            ],
            "replications": self.replications,
            "done_before": self.count_before,
            "branches": [
                {
                    "branch_id": each["branch_id"],
                    **standing.as_json(),
                    "scenario": each["scenario"],
                    "scenario_digest": each["scenario_digest"],
                    "replications": each["replications"],
                    "file": str(path),
                }
                for each, standing, path in zip(self.results, self.trusts, self.files, strict=True)
            ],
        }

    def as_tables(self, language: Language) -> tuple[Tabulation, ...]:
        """Return one line a branch, with the verdict on its twin."""
        phrases = words.WORDS[language]
        title = phrases["sweep"].format(
            count=len(self.results), replications=f"{self.replications:,}", seed=self.seed
        )
        skipped = words.SKIPPED.filled(count=self.count_before, all=len(self.results))
        rows = tuple(
            (
                each["branch_id"],
                words.VERDICT_WORDS[standing.verdict].read_in(language),
                *(_cell(each["rows"], measure, language) for measure in SHOWN),
            )
            for each, standing in zip(self.results, self.trusts, strict=True)
        )
        notes = (skipped.read_in(language),) if self.count_before else ()
        columns = tuple(phrases["sweep_columns"].split("|"))
        return (Tabulation(title=title, columns=columns, rows=rows, notes=notes),)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Item:
    workspace: Path
    branch_id: str
    scenario: str
    changes: tuple[str, ...]
    effort: Effort
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    path: Path
    was_there: bool


def sweep(
    workspace: Path,
    branches: Sequence[str] = (),
    *,
    scenario: str = BASE,
    changes: Sequence[str] = (),
    effort: Effort | None = None,
    seed: int = SEED,
    workers: int | None = None,
    progress: Progress | None = None,
) -> SweepReport:
    """Simulate many branches; an interrupted sweep goes on where it was.

    Parameters
    ----------
    workspace : Path
        The workspace.
    branches : sequence of str
        Codes; all that have been calibrated by default.
    scenario : str
        Name of a stored scenario.
    changes : sequence of str
        Made to every branch.
    effort : Effort, optional
        How many days of each.
    seed : int
        Seed of all chance.
    workers : int, optional
        Processes; those of the cores by default. The result is the same with any number.
    progress : Progress, optional
        Where the work tells how far it is.

    Raises
    ------
    BranchwiseError
        [BW-TWN-038] for a branch that is not calibrated, [BW-TWN-039] for numbers that cannot be;
        if no branch could be simulated, whatever stopped them.
    """
    effort, progress = effort or Effort(), progress or silent()
    effort.check()
    twins = Twins.of(workspace)
    chosen = calibrated(twins, branches)
    items = [
        _Item(
            workspace=workspace, branch_id=name, scenario=scenario, changes=tuple(changes),
            effort=effort, seed=seed,
        )
        for name in chosen
    ]  # fmt: skip
    compile_first(progress)
    with twins.writing(progress):
        done = spread(_swept, items, title=words.SWEEPING, workers=workers, progress=progress)
    found, warnings = sifted(chosen, done)
    results = tuple(json.loads(each.path.read_text(encoding="utf-8")) for each in found)
    return SweepReport(
        results=results,
        trusts=tuple(trust(twins, each["branch_id"]) for each in results),
        files=tuple(each.path for each in found),
        count_before=sum(each.was_there for each in found),
        replications=max(each["replications"] for each in results),
        seed=seed,
        warnings=warnings,
    )


def _swept(item: _Item) -> _Done | Refused:
    """Simulate one branch, unless that has been done."""
    twins = Twins.of(item.workspace)
    try:
        found = chosen_scenario(twins, item.branch_id, item.scenario, item.changes)
        digest = scenario_digest(found)
        days = item.effort.precision or item.effort.days
        name = f"{digest}-{item.seed}-{days}-{__version__}.json"
        path = twins.folder(item.branch_id) / "runs" / name
        if path.is_file():
            return _Done(path=path, was_there=True)
        result, _ = simulated(found, item.effort, item.seed)
    except BranchwiseError as error:
        return Refused(problems=error.problems)
    from branchwise.twin.measures import estimates

    document = {
        "branch_id": item.branch_id,
        "scenario": found.name,
        "scenario_digest": digest,
        "changes": list(item.changes),
        "seed": item.seed,
        "replications": result.replications,
        "version": __version__,
        "rows": [each.as_row() for each in estimates(result)],
    }
    text = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)
    return _Done(path=twins.write(path, text + "\n"), was_there=False)


def _cell(rows: Sequence[dict[str, Any]], measure: str, language: Language) -> str | None:
    for row in rows:
        if (row["measure"], row["class"], row["station"]) == (measure, None, None):
            return quantity(row["value"], row["unit"], language)
    return None
