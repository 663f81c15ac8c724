"""``twin calibrate``: scenarios read off the branches' own tables, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from branchwise import __version__
from branchwise.core.languages import Language, Text
from branchwise.core.progress import Progress, silent
from branchwise.core.tabulation import Tabulation
from branchwise.pipeline.twin import words
from branchwise.pipeline.twin.batches import Batch, batches_of, spread_batches
from branchwise.pipeline.twin.places import BASE, Twins, branches_of
from branchwise.pipeline.twin.spread import Refused, opened, sifted
from branchwise.twin.files import scenario_digest, scenario_text
from branchwise.twin.records import CalibrationRecord, calibration_text
from branchwise.warehouse.workspace import Workspace

if TYPE_CHECKING:
    from branchwise.core.ports import Engine
    from branchwise.twin.calibrate import Calibration
    from branchwise.twin.calibrate.log import Log

STANDARD = "wait_standard_seconds"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrateReport:
    """What was calibrated.

    Attributes
    ----------
    snapshot_id : str
        Data that was read.
    records : tuple of CalibrationRecord
        One a branch, as stored.
    files : tuple of Path
        The scenario of each, in the same order.
    warnings : tuple of Text
        Branches left out, and why.
    """

    snapshot_id: str
    records: tuple[CalibrationRecord, ...]
    files: tuple[Path, ...]
    warnings: tuple[Text, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the ``result`` of the JSON document."""
        return {
            "snapshot_id": self.snapshot_id,
            "branches": [
                _record_json(record, path)
                for record, path in zip(self.records, self.files, strict=True)
            ],
        }

    def as_tables(self, language: Language) -> tuple[Tabulation, ...]:
        """Return one line a branch."""
        phrases = words.WORDS[language]
        rows = tuple(
            (
                record.branch_id,
                words.STRENGTH_WORDS[record.strength].read_in(language),
                len(record.days_used),
                len(record.days_left_out),
                len(record.parameters),
                len(record.notes),
                str(path),
            )
            for record, path in zip(self.records, self.files, strict=True)
        )
        title = phrases["calibrated"].format(count=len(rows), snapshot=self.snapshot_id)
        columns = tuple(phrases["calibrated_columns"].split("|"))
        return (Tabulation(title=title, columns=columns, rows=rows, notes=self._notes(language)),)

    def _notes(self, language: Language) -> tuple[str, ...]:
        """Return each note once, with the branches of which it is true where not of all."""
        told: dict[str, list[str]] = {}
        for record in self.records:
            for note in record.notes:
                told.setdefault(note.read_in(language), []).append(record.branch_id)
        return tuple(
            note if len(branches) == len(self.records) else f"{', '.join(branches)} · {note}"
            for note, branches in told.items()
        )


def calibrate(
    workspace: Path,
    branches: Sequence[str] = (),
    *,
    workers: int | None = None,
    progress: Progress | None = None,
) -> CalibrateReport:
    """Calibrate branches and store their scenarios.

    Parameters
    ----------
    workspace : Path
        The workspace.
    branches : sequence of str
        Codes; all of the bank's own with visits by default.
    workers : int, optional
        Processes; those of the cores by default.
    progress : Progress, optional
        Where the work tells how far it is.

    Returns
    -------
    CalibrateReport
        A branch that cannot be calibrated is told and stops no other, unless it is the only one.

    Raises
    ------
    BranchwiseError
        [BW-TWN-036] for no such branch, [BW-TWN-037] without visits, [BW-CAL-001] and following
        if no branch at all could be calibrated; as `Workspace.open` and `Warehouse.snapshot`.
    """
    progress = progress or silent()
    twins = Twins.of(workspace)
    standard = Workspace.open(workspace).read_assumptions().value(STANDARD)
    with opened(workspace) as (engine, snapshot_id):
        chosen = branches_of(engine, branches)
    pairs = [(name, snapshot_id) for name in chosen]
    batches = batches_of(workspace, pairs, standard, workers)
    with twins.writing(progress):
        done = spread_batches(
            _calibrated, batches, title=words.CALIBRATING, workers=workers, progress=progress
        )
    records, warnings = sifted(chosen, done)
    return CalibrateReport(
        snapshot_id=snapshot_id,
        records=tuple(records),
        files=tuple(twins.path(record.branch_id, BASE) for record in records),
        warnings=warnings,
    )


def _calibrated(batch: Batch[float]) -> list[CalibrationRecord | Refused]:
    """Calibrate branches and write their files."""
    from branchwise.twin.calibrate import calibrate as read_off

    twins = Twins.of(batch.workspace)

    def work(name: str, engine: Engine, log: Log) -> CalibrationRecord:
        found = read_off(engine, name, standard_seconds=batch.wish, log=log)
        return _stored(twins, name, batch.snapshot_id, found)

    return batch.each(work)


def _stored(
    twins: Twins,
    branch_id: str,
    snapshot_id: str,
    found: Calibration,
) -> CalibrationRecord:
    """Write the files of a branch, the record last."""
    from branchwise.twin.calibrate import scenario_for
    from branchwise.twin.calibrate.stored import estimates_text

    weekdays = sorted({day.isoweekday() for day in found.days_used})
    for weekday in range(1, 8):
        path = twins.path(branch_id, f"weekday_{weekday}")
        if weekday in weekdays:
            twins.write(path, scenario_text(scenario_for(found, weekday)))
        else:
            path.unlink(missing_ok=True)
    twins.write(twins.path(branch_id, BASE), scenario_text(found.scenario))
    twins.write(twins.estimates_path(branch_id), estimates_text(found.estimates))
    record = CalibrationRecord(
        branch_id=branch_id,
        scenario_digest=scenario_digest(found.scenario),
        snapshot_id=snapshot_id,
        version=__version__,
        strength=found.strength,
        days_used=found.days_used,
        days_left_out=found.days_left_out,
        notes=found.notes,
        parameters=found.parameters,
    )
    twins.write(twins.path(branch_id, "calibration"), calibration_text(record))
    return record


def _record_json(record: CalibrationRecord, path: Path) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "branch_id": record.branch_id,
        "scenario": str(path),
        "scenario_digest": record.scenario_digest,
        "strength": record.strength,
        "days_used": [day.isoformat() for day in record.days_used],
        "days_left_out": [
            {"on": day.on.isoformat(), "code": day.code, "reason": day.reason.en}
            for day in record.days_left_out
        ],
        "notes": [note.en for note in record.notes],
        "parameters": [asdict(each) for each in record.parameters],
    }
