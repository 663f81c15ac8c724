"""``twin validate``: the branch's own last days foretold by a twin that has not seen them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from branchwise import __version__
from branchwise.core.errors import BranchwiseError
from branchwise.core.languages import Language, Text
from branchwise.core.progress import Progress, silent
from branchwise.core.tabulation import Tabulation
from branchwise.core.units import quantity
from branchwise.pipeline.twin import words
from branchwise.pipeline.twin.batches import Batch, batches_of, spread_batches
from branchwise.pipeline.twin.calibrate import STANDARD
from branchwise.pipeline.twin.places import BASE, Twins, branches_of, calibrated
from branchwise.pipeline.twin.spread import Refused, compile_first, opened, sifted
from branchwise.twin.files import scenario_digest
from branchwise.twin.records import ValidationRecord, load_calibration, validation_text
from branchwise.warehouse.workspace import Workspace

if TYPE_CHECKING:
    from branchwise.core.ports import Engine
    from branchwise.twin.calibrate.log import Log
    from branchwise.twin.validate import Validation

SEED = 1
COMPARED = ("wait_mean_seconds", "wait_p90_seconds", "abandoned_share", "count_served")


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidateReport:
    """The verdicts.

    Attributes
    ----------
    records : tuple of ValidationRecord
        One a branch, as stored.
    warnings : tuple of Text
        Branches left out, and why.
    """

    records: tuple[ValidationRecord, ...]
    warnings: tuple[Text, ...] = ()

    @property
    def is_trusted(self) -> bool:
        """Whether every branch is trusted."""
        return not self.warnings and all(each.verdict == "trusted" for each in self.records)

    def as_json(self) -> dict[str, Any]:
        """Return the ``result`` of the JSON document; of one branch its verdict on top."""
        branches = [_record_json(record) for record in self.records]
        return {**(branches[0] if len(branches) == 1 else {}), "branches": branches}

    def as_tables(self, language: Language) -> tuple[Tabulation, ...]:
        """Return one line a branch; of one branch its comparisons besides."""
        phrases = words.WORDS[language]
        rows = tuple(
            (
                record.branch_id,
                words.VERDICT_WORDS[record.verdict].read_in(language),
                *_shown(_whole(record), language),
                record.reason.read_in(language),
            )
            for record in self.records
        )
        table = Tabulation(
            title=phrases["validated"].format(count=len(rows)),
            columns=tuple(phrases["validated_columns"].split("|")),
            rows=rows,
            notes=tuple(
                dict.fromkeys(
                    f"{record.branch_id} · {record.remedy.read_in(language)}"
                    for record in self.records
                    if record.verdict != "trusted"
                )
            ),
        )
        return (table, self._compared(language)) if len(self.records) == 1 else (table,)

    def _compared(self, language: Language) -> Tabulation:
        phrases = words.WORDS[language]
        record = self.records[0]
        rows = tuple(
            (
                words.label(str(row["measure"]), language),
                row.get("customer_class"),
                *_shown(row, language),
            )
            for row in record.rows
            if row["measure"] in COMPARED and _dimensions(row) <= {"customer_class"}
        )
        columns = phrases["compared_with_days"].split("|")
        note = phrases["coverage"].format(
            share=quantity(record.coverage.get("all"), "share", language),
            learned=record.days_learned,
            held_out=record.days_held_out,
        )
        return Tabulation(title="", columns=tuple(columns), rows=rows, notes=(note,))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    replications: int
    seed: int
    standard_seconds: float


def validate(
    workspace: Path,
    branches: Sequence[str] = (),
    *,
    replications: int = 60,
    seed: int = SEED,
    workers: int | None = None,
    progress: Progress | None = None,
) -> ValidateReport:
    """Hold calibrated branches against their own last days and store the verdicts.

    Each is held against the data that it was calibrated from, whatever was loaded since.

    Parameters
    ----------
    workspace : Path
        The workspace.
    branches : sequence of str
        Codes; all that have been calibrated by default.
    replications : int
        Times that each day is simulated.
    seed : int
        Seed of all chance.
    workers : int, optional
        Processes; those of the cores by default.
    progress : Progress, optional
        Where the work tells how far it is.

    Raises
    ------
    BranchwiseError
        [BW-TWN-036] for no such branch, [BW-TWN-038] for one not calibrated, [BW-TWN-039] for a
        number that cannot be, [BW-CAL-005] if no branch has enough days.
    """
    progress = progress or silent()
    require_positive("--replications", replications)
    twins = Twins.of(workspace)
    standard = Workspace.open(workspace).read_assumptions().value(STANDARD)
    with opened(workspace) as (engine, _):
        branches_of(engine, branches)
    chosen = calibrated(twins, branches)
    snapshots = {name: _snapshot(twins, name) for name in chosen}
    pairs = [(name, found) for name, found in snapshots.items() if isinstance(found, str)]
    wish = _Wish(replications=replications, seed=seed, standard_seconds=standard)
    batches = batches_of(workspace, pairs, wish, workers)
    compile_first(progress)
    with twins.writing(progress):
        done = spread_batches(
            _validated, batches, title=words.VALIDATING, workers=workers, progress=progress
        )
    results = dict(zip((name for name, _ in pairs), done, strict=True))
    records, warnings = sifted(
        chosen,
        [
            found if isinstance(found, Refused) else results[name]
            for name, found in snapshots.items()
        ],
    )
    return ValidateReport(records=tuple(records), warnings=warnings)


def require_positive(option: str, given: float | None) -> None:
    """Raise [BW-TWN-039] for a number that is not above zero."""
    from branchwise.core.errors import Where, failure

    if given is not None and not given > 0:
        values = {"option": option, "given": given, "rule": f"{option} > 0"}
        raise failure("BW-TWN-039", Where(place=option), **values)


def _snapshot(twins: Twins, branch_id: str) -> str | Refused:
    """Return the data that a branch was calibrated from."""
    try:
        return load_calibration(twins.path(branch_id, "calibration")).snapshot_id
    except BranchwiseError as error:
        return Refused(problems=error.problems)


def _validated(batch: Batch[_Wish]) -> list[ValidationRecord | Refused]:
    """Validate branches and write their verdicts."""
    twins = Twins.of(batch.workspace)

    def work(name: str, engine: Engine, log: Log) -> ValidationRecord:
        return _stored(twins, name, batch, _held_against(engine, name, batch.wish, log))

    return batch.each(work)


def _held_against(engine: Engine, branch_id: str, wish: _Wish, log: Log) -> Validation:
    from branchwise.twin.validate import validate as hold_against

    return hold_against(
        engine,
        branch_id,
        replications=wish.replications,
        seed=wish.seed,
        standard_seconds=wish.standard_seconds,
        log=log,
    )


def _stored(
    twins: Twins, branch_id: str, batch: Batch[_Wish], found: Validation
) -> ValidationRecord:
    record = ValidationRecord(
        branch_id=branch_id,
        scenario_digest=scenario_digest(twins.scenario(branch_id, BASE)),
        snapshot_id=batch.snapshot_id,
        version=__version__,
        seed=batch.wish.seed,
        verdict=found.verdict,
        reason=found.reason,
        remedy=found.remedy,
        coverage=dict(found.coverage),
        replications=found.replications,
        days_learned=len(found.days_learned),
        days_held_out=len(found.days_held_out),
        rows=tuple(row.as_json() for row in found.rows),  # type: ignore[misc]
    )
    twins.write(twins.path(branch_id, "validation"), validation_text(record))
    return record


def _record_json(record: ValidationRecord) -> dict[str, Any]:
    return {
        "branch_id": record.branch_id,
        "verdict": record.verdict,
        "reason": record.reason.en,
        "remedy": record.remedy.en,
        "rows": [{"branch_id": record.branch_id, **row} for row in record.rows],
        "coverage": record.coverage.get("all"),
        "coverage_by": dict(record.coverage),
        "days_learned": record.days_learned,
        "days_held_out": record.days_held_out,
        "replications": record.replications,
        "scenario_digest": record.scenario_digest,
        "snapshot_id": record.snapshot_id,
    }


KNOWN = {"measure", "observed", "mean", "lower", "upper", "count_rows"}


def _dimensions(row: Any) -> set[str]:  # noqa: ANN401
    return set(row) - KNOWN


def _whole(record: ValidationRecord) -> dict[str, Any] | None:
    for row in record.rows:
        if row["measure"] == "wait_mean_seconds" and not _dimensions(row):
            return dict(row)
    return None


def _shown(row: Any, language: Language) -> tuple[str | None, str | None, str | None]:  # noqa: ANN401
    if row is None:
        return None, None, None
    unit = "share" if row["measure"].endswith("_share") else "s"
    unit = "visit" if row["measure"].startswith("count_") else unit
    observed, mean, lower, upper = (
        quantity(row[name], unit, language) for name in ("observed", "mean", "lower", "upper")
    )
    return observed, mean, f"{lower} – {upper}"
