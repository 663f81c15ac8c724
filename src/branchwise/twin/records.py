"""What is kept beside a scenario: how it was calibrated, and whether to believe it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

from branchwise.core.languages import Text
from branchwise.twin.calibrate.model import DayLeftOut, Parameter, Strength
from branchwise.twin.files import read_record, record_text, text_of

Verdict = Literal["trusted", "waits_only", "not_trusted"]
CALIBRATION_HEADER = """\
# How a branch was calibrated: every number with its 95 % interval and the rows it rests on.
# Written by `branchwise twin calibrate`; edit the scenario beside it, not this file.
"""
VALIDATION_HEADER = """\
# Whether a simulated branch gives the branch's own days: the last ones, which it was not fitted to.
# Written by `branchwise twin validate`. It holds for the calibration of that scenario_digest only.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationRecord:
    """How a stored scenario was calibrated.

    Attributes
    ----------
    branch_id : str
        The branch.
    scenario_digest : str
        Of the scenario of the mean open day, see `files.scenario_digest`.
    snapshot_id, version : str
        Data and program that it was read off.
    strength : {"tickets", "transactions", "none"}
        What it rests on.
    days_used : tuple of date
        Days it rests on.
    days_left_out : tuple of DayLeftOut
        Days left out, each with its reason.
    notes : tuple of Text
        What is weak.
    parameters : tuple of Parameter
        Every number with its interval.
    """

    branch_id: str
    scenario_digest: str
    snapshot_id: str
    version: str
    strength: Strength
    days_used: tuple[date, ...]
    days_left_out: tuple[DayLeftOut, ...] = ()
    notes: tuple[Text, ...] = ()
    parameters: tuple[Parameter, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationRecord:
    """The verdict on a calibrated branch.

    Attributes
    ----------
    branch_id : str
        The branch.
    scenario_digest : str
        The calibration it speaks of.
    snapshot_id, version : str
        Data and program.
    seed : int
        Of the simulated days.
    verdict : {"trusted", "waits_only", "not_trusted"}
        What may be used.
    reason, remedy : Text
        Why, and what data would mend it.
    coverage : mapping of str to float
        Share of observed values within their 90 % prediction intervals, by kind of row; ``all``.
    replications, days_learned, days_held_out : int
        Times that each day was simulated; days that the twin learned from, and that it foretold.
    rows : tuple of mapping
        Dimension columns, ``measure``, ``observed``, ``mean``, ``lower``, ``upper``.
    """

    branch_id: str
    scenario_digest: str
    snapshot_id: str
    version: str
    seed: int
    verdict: Verdict
    reason: Text
    remedy: Text
    coverage: Mapping[str, float] = field(default_factory=dict)
    replications: int = 0
    days_learned: int = 0
    days_held_out: int = 0
    rows: tuple[Mapping[str, str | int | float | None], ...] = ()


def calibration_text(record: CalibrationRecord) -> str:
    """Return a calibration record as the text of a file."""
    return record_text(record, CALIBRATION_HEADER)


def load_calibration(path: Path) -> CalibrationRecord:
    """Read a calibration record; raises as `files.read_scenario`."""
    return read_record(text_of(path), CalibrationRecord, str(path))


def validation_text(record: ValidationRecord) -> str:
    """Return a validation record as the text of a file.

    Examples
    --------
    >>> from branchwise.core.languages import Text
    >>> words = Text(en="Fits.", zh_hant="相符。", zh_hans="相符。")
    >>> record = ValidationRecord(branch_id="B1", scenario_digest="0f", snapshot_id="1",
    ...     version="0.1.0", seed=1, verdict="trusted", reason=words, remedy=words,
    ...     coverage={"all": 0.91})
    >>> read_record(validation_text(record), ValidationRecord, "validation.toml") == record
    True
    """
    return record_text(record, VALIDATION_HEADER)


def load_validation(path: Path) -> ValidationRecord:
    """Read a validation record; raises as `files.read_scenario`."""
    return read_record(text_of(path), ValidationRecord, str(path))
