"""The record of scheduled loads: when each ended, how late, and how many rows it brought."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from branchwise.core.errors import Where, failure
from branchwise.pipeline.schedule import Entry
from branchwise.warehouse.files import write_whole
from branchwise.warehouse.workspace import Bank

RUNS = "runs.json"
KEPT_RUNS = 100
USUAL_RUNS = 20
FEWEST_RUNS = 3
FEW_SHARE = 0.5
SECONDS_PER_MINUTE = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One try to load a scheduled source.

    Attributes
    ----------
    name : str
        The entry.
    due_at : datetime or None
        When it was due; None where it was asked for at another time.
    ended_at : datetime
        When it ended.
    codes : tuple of str
        Why it failed; empty where it did not.
    refused : tuple of str
        Why parts of it could not be read, where the rest was loaded.
    count_read, count_new : int
        Rows that were read, and those of them that were new or changed.
    """

    name: str
    due_at: datetime | None
    ended_at: datetime
    codes: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    count_read: int = 0
    count_new: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return the record as a JSON object."""
        due = None if self.due_at is None else self.due_at.isoformat()
        return {
            **asdict(self),
            "due_at": due,
            "ended_at": self.ended_at.isoformat(),
            "codes": list(self.codes),
            "refused": list(self.refused),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Punctuality:
    """How a scheduled source stands now.

    Attributes
    ----------
    name : str
        The entry.
    state : str
        ``on_time``, ``late``, ``failed``, ``in_part`` (some of it was refused), ``few_rows``,
        ``waiting`` (never due yet) or ``never`` (due, and not loaded yet).
    due_at : datetime or None
        When it was last due, in the bank's time zone.
    last_success_at : datetime or None
        When it was last loaded.
    late_minutes : float or None
        From when it was due to when it was loaded, or to now where it has not been [min]; None for
        the first load, which has no time of its own, and where it was not due.
    count_new : int or None
        New and changed rows of the last load.
    usual_rows : float or None
        What is expected: as the schedule says, or the median of up to 20 loads before, without
        the first.
    codes : tuple of str
        Why the last try failed, or parts of it were refused.
    """

    name: str
    state: str
    due_at: datetime | None
    last_success_at: datetime | None
    late_minutes: float | None
    count_new: int | None
    usual_rows: float | None
    codes: tuple[str, ...] = ()

    @property
    def completeness(self) -> float | None:
        """Rows of the last load as a share of the usual ones."""
        if self.count_new is None or not self.usual_rows:
            return None
        return self.count_new / self.usual_rows

    def as_json(self) -> dict[str, Any]:
        """Return the record as a JSON object."""
        return {
            **asdict(self),
            "due_at": None if self.due_at is None else self.due_at.isoformat(),
            "last_success_at": (
                None if self.last_success_at is None else self.last_success_at.isoformat()
            ),
            "completeness": self.completeness,
            "codes": list(self.codes),
        }


def read_runs(folder: Path) -> tuple[Run, ...]:
    """Return the recorded runs, oldest first.

    Raises
    ------
    BranchwiseError
        [BW-SRC-057] if the record cannot be read.
    """
    path = folder / RUNS
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
        return tuple(_run(one) for one in given)
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, TypeError, KeyError) as error:
        reason = type(error).__name__
        raise failure("BW-SRC-057", Where(place=str(path)), path=path, reason=reason) from error


def add_run(folder: Path, run: Run) -> None:
    """Record one run more; of each source the last `KEPT_RUNS` are kept."""
    folder.mkdir(parents=True, exist_ok=True)
    runs = [*read_runs(folder), run]
    same = [one for one in runs if one.name == run.name][-KEPT_RUNS:]
    kept = [one for one in runs if one.name != run.name or one in same]
    text = json.dumps([one.as_json() for one in kept], ensure_ascii=False, indent=1)
    write_whole(folder / RUNS, text + "\n")


def is_due(entry: Entry, runs: Sequence[Run], now: datetime, bank: Bank) -> bool:
    """Say whether a source was due and has not been loaded since."""
    due = entry.last_due(now, bank)
    loaded = [run for run in runs if run.name == entry.name and not run.codes]
    return due is not None and not any(run.ended_at >= due for run in loaded)


def punctuality(entry: Entry, runs: Sequence[Run], now: datetime, bank: Bank) -> Punctuality:
    """Say how a scheduled source stands.

    Parameters
    ----------
    entry : Entry
        The source.
    runs : sequence of Run
        The record, oldest first.
    now : datetime
        The present instant.
    bank : Bank
        Its time zone and holidays.
    """
    own = [run for run in runs if run.name == entry.name]
    done = [run for run in own if not run.codes]
    due = entry.last_due(now, bank)
    late = _late_minutes(done, due, now)
    last = own[-1] if own else None
    zone = ZoneInfo(bank.timezone)
    found = Punctuality(
        name=entry.name,
        state="failed" if last is not None and last.codes else "on_time",
        due_at=None if due is None else due.astimezone(zone),
        last_success_at=done[-1].ended_at.astimezone(zone) if done else None,
        late_minutes=late,
        count_new=done[-1].count_new if done else None,
        usual_rows=entry.expected_rows or _usual(done),
        codes=() if last is None else last.codes or last.refused,
    )
    return replace(found, state=_state(found, entry))


def _state(found: Punctuality, entry: Entry) -> str:
    if found.state == "failed":
        return "failed"
    if found.last_success_at is None:
        return "never" if found.due_at is not None else "waiting"
    if found.late_minutes is not None and found.late_minutes > entry.late_after_minutes:
        return "late"
    if found.codes:
        return "in_part"
    share = found.completeness
    return "few_rows" if share is not None and share < FEW_SHARE else "on_time"


def _late_minutes(done: Sequence[Run], due: datetime | None, now: datetime) -> float | None:
    if due is None or not done:
        return None
    in_time = next((run for run in done if run.ended_at >= due), None)
    if in_time is None:
        return (now - due).total_seconds() / SECONDS_PER_MINUTE
    if in_time is done[0]:
        return None
    return (in_time.ended_at - due).total_seconds() / SECONDS_PER_MINUTE


def _usual(done: Sequence[Run]) -> float | None:
    before = [run.count_new for run in done[1:-1]][-USUAL_RUNS:]
    return float(statistics.median(before)) if len(before) >= FEWEST_RUNS else None


def _run(given: dict[str, Any]) -> Run:
    due = given["due_at"]
    return Run(
        name=given["name"],
        due_at=None if due is None else datetime.fromisoformat(due),
        ended_at=datetime.fromisoformat(given["ended_at"]),
        codes=tuple(given["codes"]),
        refused=tuple(given["refused"]),
        count_read=int(given["count_read"]),
        count_new=int(given["count_new"]),
    )
