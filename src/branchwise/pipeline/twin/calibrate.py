"""``twin calibrate``: scenarios read off the branches' own tables, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from branchwise import __version__
from branchwise.core.errors import BranchwiseError
from branchwise.core.languages import Language, Text
from branchwise.core.progress import Progress, silent
from branchwise.core.tabulation import Tabulation
from branchwise.pipeline.twin import words
from branchwise.pipeline.twin.places import BASE, Twins, branches_of
from branchwise.pipeline.twin.spread import Refused, opened, sifted, spread
from branchwise.twin.files import scenario_digest, scenario_text
from branchwise.twin.records import CalibrationRecord, calibration_text
from branchwise.warehouse.workspace import Workspace

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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Item:
    workspace: Path
    snapshot_id: str
    branch_id: str
    standard_seconds: float


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
    items = [
        _Item(
            workspace=workspace, snapshot_id=snapshot_id, branch_id=name,
            standard_seconds=standard,
        )
        for name in chosen
    ]  # fmt: skip
    with twins.writing(progress):
        done = spread(
            _calibrated, items, title=words.CALIBRATING, workers=workers, progress=progress
        )
    records, warnings = sifted(chosen, done)
    return CalibrateReport(
        snapshot_id=snapshot_id,
        records=tuple(records),
        files=tuple(twins.path(record.branch_id, BASE) for record in records),
        warnings=warnings,
    )


def _calibrated(item: _Item) -> CalibrationRecord | Refused:
    """Calibrate one branch and write its files, the record last."""
    from branchwise.twin.calibrate import calibrate as read_off

    try:
        with opened(item.workspace, item.snapshot_id) as (engine, _):
            found = read_off(engine, item.branch_id, standard_seconds=item.standard_seconds)
        return _stored(item, found)
    except BranchwiseError as error:
        return Refused(problems=error.problems)


def _stored(item: _Item, found: Any) -> CalibrationRecord:  # noqa: ANN401 - a Calibration
    from branchwise.twin.calibrate import scenario_for

    twins = Twins.of(item.workspace)
    weekdays = sorted({day.isoweekday() for day in found.days_used})
    for weekday in range(1, 8):
        path = twins.path(item.branch_id, f"weekday_{weekday}")
        if weekday in weekdays:
            twins.write(path, scenario_text(scenario_for(found, weekday)))
        else:
            path.unlink(missing_ok=True)
    twins.write(twins.path(item.branch_id, BASE), scenario_text(found.scenario))
    record = CalibrationRecord(
        branch_id=item.branch_id,
        scenario_digest=scenario_digest(found.scenario),
        snapshot_id=item.snapshot_id,
        version=__version__,
        strength=found.strength,
        days_used=found.days_used,
        days_left_out=found.days_left_out,
        notes=found.notes,
        parameters=found.parameters,
    )
    twins.write(twins.path(item.branch_id, "calibration"), calibration_text(record))
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
