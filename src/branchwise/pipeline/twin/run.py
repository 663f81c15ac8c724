"""``twin run``: days of a scenario, their measures, and what to make of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from branchwise.core.errors import BranchwiseError, Where, failure
from branchwise.core.languages import Language, Text
from branchwise.core.progress import Progress, silent
from branchwise.core.tabulation import Tabulation
from branchwise.core.units import quantity
from branchwise.pipeline.twin import words
from branchwise.pipeline.twin.days import played, traced
from branchwise.pipeline.twin.on_date import scenario_on
from branchwise.pipeline.twin.places import BASE, Twins, calibrated, chosen_scenario
from branchwise.pipeline.twin.simulated import Effort, Reached, simulated
from branchwise.pipeline.twin.spread import compile_first
from branchwise.pipeline.twin.trust import Trust, trust
from branchwise.twin.change import changed
from branchwise.twin.files import scenario_digest
from branchwise.twin.scenario import Scenario

SEED = 1
NO_WORKSPACE = "BW-WHS-001"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """A run of one branch.

    Attributes
    ----------
    branch_id, scenario_name, scenario_digest : str
        What was simulated.
    changes : tuple of str
        What was changed on the way.
    trust : Trust
        The verdict on the branch's twin.
    rows : tuple of dict
        ``measure``, ``class``, ``station``, ``value``, ``lower``, ``upper``, ``unit``.
    replications, seed : int
        Which days.
    reached : Reached or None
        What was reached of a wanted precision.
    files : mapping of str to Path
        What was written: ``trace``, ``play``.
    """

    branch_id: str
    scenario_name: str
    scenario_digest: str
    changes: tuple[str, ...]
    trust: Trust
    rows: tuple[dict[str, Any], ...]
    replications: int
    seed: int
    reached: Reached | None = None
    files: tuple[tuple[str, Path], ...] = ()

    @property
    def warnings(self) -> tuple[Text, ...]:
        """A precision that was not reached."""
        if self.reached is None or self.reached.is_reached:
            return ()
        values = {name: f"{getattr(self.reached, name):.1%}" for name in ("reached", "wanted")}
        branch, days = self.branch_id, f"{self.replications:,}"
        return (words.NOT_REACHED.filled(branch=branch, replications=days, **values),)

    def as_json(self) -> dict[str, Any]:
        """Return the ``result`` of the JSON document, the verdict first."""
        return {
            **self.trust.as_json(),
            "branch_id": self.branch_id,
            "scenario": self.scenario_name,
            "scenario_digest": self.scenario_digest,
            "changes": list(self.changes),
            "rows": [dict(row) for row in self.rows],
            "replications": self.replications,
            "precision": None if self.reached is None else self.reached.reached,
            "files": {name: str(path) for name, path in self.files},
        }

    def as_tables(self, language: Language) -> tuple[Tabulation, ...]:
        """Return the verdict, then the measures."""
        phrases = words.WORDS[language]
        title = phrases["run"].format(
            branch=self.branch_id, scenario=self.scenario_name,
            replications=f"{self.replications:,}", seed=self.seed,
        )  # fmt: skip
        changes = phrases["changes"].format(changes=", ".join(self.changes))
        written = tuple(phrases["file"].format(path=path) for _, path in self.files)
        table = Tabulation(
            title=title,
            columns=tuple(phrases["run_columns"].split("|")),
            rows=tuple(
                (
                    words.label(row["measure"], language),
                    row["class"],
                    row["station"],
                    quantity(row["value"], row["unit"], language),
                    interval(row, language),
                )
                for row in self.rows
            ),
            notes=(*((changes,) if self.changes else ()), phrases["machines"], *written),
        )
        return verdict_table(((self.branch_id, self.trust),), language), table


def verdict_table(found: Sequence[tuple[str, Trust]], language: Language) -> Tabulation:
    """Return the verdicts as lines that stand before everything else."""
    lines = tuple(
        words.WORDS[language]["verdict"].format(
            branch=branch_id,
            verdict=words.VERDICT_WORDS[each.verdict].read_in(language),
            reason=each.reason.read_in(language),
            remedy="" if each.verdict == "trusted" else each.remedy.read_in(language),
        )
        for branch_id, each in found
    )
    return Tabulation(title="", notes=(*lines, ""))


def interval(row: dict[str, Any], language: Language) -> str | None:
    """Return the interval of a row for people."""
    if row["lower"] is None or row["upper"] is None:
        return None
    lower, upper = (quantity(row[name], row["unit"], language) for name in ("lower", "upper"))
    return f"{lower} – {upper}"


def run(
    workspace: Path,
    branch_id: str | None = None,
    *,
    scenario: str = BASE,
    changes: Sequence[str] = (),
    effort: Effort | None = None,
    seed: int = SEED,
    trace: bool = False,
    play: Path | None = None,
    on: date | None = None,
    language: Language = "en",
    progress: Progress | None = None,
) -> RunReport:
    """Simulate days of one branch.

    Parameters
    ----------
    workspace : Path
        The workspace; not needed for a scenario file alone.
    branch_id : str, optional
        The branch; the only calibrated one, or that of the scenario file, by default.
    scenario : str
        Path of a file, or name of a stored scenario.
    changes : sequence of str
        See `branchwise.twin.change`.
    effort : Effort, optional
        How many days.
    seed : int
        Seed of all chance.
    trace : bool
        Whether to store the days as canonical tables.
    play : Path, optional
        Page to write that plays the first day.
    on : date, optional
        A coming day: its weekday with the visits that are forecast for it; see `on_date`.
    language : {"en", "zh-Hant", "zh-Hans"}
        Of that page.
    progress : Progress, optional
        Where the work tells how far it is.

    Raises
    ------
    BranchwiseError
        [BW-TWN-001] and following of an unsound scenario, [BW-TWN-030] to [BW-TWN-035] of a
        broken file, [BW-TWN-045] without a branch, [BW-TWN-038] for a branch or scenario that is
        not there, [BW-TWN-039] for numbers that cannot be, [BW-TWN-040] to [BW-TWN-044] of
        changes.
    """
    from branchwise.twin.measures import estimates

    effort, progress = effort or Effort(), progress or silent()
    effort.check()
    twins, found = found_scenario(workspace, branch_id, scenario, changes, on=on)
    compile_first(progress)
    with progress.task(words.SIMULATING, total=1) as task:
        result, reached = simulated(found, effort, seed)
        task.advance()
    files: list[tuple[str, Path]] = []
    if trace:
        files.append(("trace", traced(workspace, found, result.replications, seed, progress)))
    if play is not None:
        files.append(("play", played(workspace if twins else None, found, seed, play, language)))
    return RunReport(
        branch_id=found.branch_id,
        scenario_name=found.name,
        scenario_digest=scenario_digest(found),
        changes=tuple(changes),
        trust=trust(twins, found.branch_id),
        rows=tuple(each.as_row() for each in estimates(result)),
        replications=result.replications,
        seed=seed,
        reached=reached,
        files=tuple(files),
    )


def found_scenario(
    workspace: Path,
    branch_id: str | None,
    scenario: str,
    changes: Sequence[str],
    *,
    on: date | None = None,
) -> tuple[Twins | None, Scenario]:
    """Return the twins of a workspace, if it is one, and the scenario asked for.

    With a date, that of its weekday with the visits forecast for it, before any change.
    """
    try:
        twins: Twins | None = Twins.of(workspace)
    except BranchwiseError as error:
        if error.problems[0].code != NO_WORKSPACE or not Path(scenario).suffix:
            raise
        twins = None
    if branch_id is None and twins is not None and not Path(scenario).suffix:
        known = calibrated(twins, ())
        if len(known) > 1:
            shown = ", ".join(known[:12])
            raise failure("BW-TWN-045", Where(place="--branch"), count=len(known), known=shown)
        branch_id = known[0]
    if on is not None and twins is not None and branch_id is not None:
        found = scenario_on(workspace, twins, branch_id, scenario, on)
        return twins, changed(found, changes) if changes else found
    return twins, chosen_scenario(twins, branch_id, scenario, changes)
