"""Marks: up to where a source was loaded, and how far back the next load looks.

A mark is the largest value of the watermark column among the rows that were loaded. The next load
asks for the rows at or after the mark less an overlap, in which late rows are found; rows that
come twice change nothing. A value more than a day in the future is somebody's typing error: it
is loaded, but never becomes the mark, lest nothing be loaded for years.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Literal

from branchwise.core.errors import Where, failure

Kind = Literal["time", "number", "text"]
Overlap = timedelta | Decimal
DEFAULT_OVERLAP = timedelta(days=1)
AHEAD = timedelta(days=1)
UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
DATE_LETTERS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How far a source was loaded.

    Attributes
    ----------
    kind : {"time", "number", "text"}
        How its values follow each other.
    value : str
        The largest value, as the source writes it.
    is_typed : bool
        Whether the source hands over values of a date type, not texts.
    asked : str
        Fingerprint of what the mapping asked for when the mark was set.
    """

    kind: Kind
    value: str
    is_typed: bool = False
    asked: str = ""

    def since(self, overlap: Overlap | None, *, place: str = "") -> object:
        """Return the value from which the next load asks, of the source's own type.

        Raises
        ------
        BranchwiseError
            [BW-SRC-069] if the overlap does not fit the kind of the mark.

        Examples
        --------
        >>> Mark(kind="time", value="2026-03-10 09:00:00").since(timedelta(hours=2))
        '2026-03-10 07:00:00'
        >>> Mark(kind="number", value="1200").since(Decimal(200))
        1000
        """
        fits = {"time": timedelta, "number": Decimal, "text": type(None)}[self.kind]
        if overlap is not None and not isinstance(overlap, fits):
            raise failure("BW-SRC-069", Where(place=place), name=place, kind=self.kind)
        if self.kind == "number":
            number = Decimal(self.value) - (overlap if isinstance(overlap, Decimal) else Decimal(0))
            return int(number) if number == number.to_integral_value() else number
        if self.kind == "text":
            return self.value
        back = overlap if isinstance(overlap, timedelta) else DEFAULT_OVERLAP
        at = datetime.fromisoformat(self.value) - back
        if self.is_typed:
            return at.date() if len(self.value) == DATE_LETTERS else at
        return _written_like(self.value, at)


class Highest:
    """The largest value of a watermark column, found batch by batch.

    Parameters
    ----------
    now : datetime
        The present instant, beyond which (by a day) no value counts.

    Examples
    --------
    >>> highest = Highest(datetime(2026, 3, 10, tzinfo=UTC))
    >>> highest.add(["2026-03-09 10:00:00", "2099-01-01 00:00:00", None])
    >>> highest.mark().value, highest.count_ignored
    ('2026-03-09 10:00:00', 1)
    """

    def __init__(self, now: datetime) -> None:
        self._latest = now + AHEAD
        self._best: dict[Kind, tuple[object, str]] = {}
        self._is_typed = False
        self.count_ignored = 0

    def add(self, values: Iterable[object]) -> None:
        """Look at more values; nulls are none."""
        for value in values:
            if value is None:
                continue
            if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
                self._add_number(Decimal(str(value)))
            elif isinstance(value, date):
                self._is_typed = True
                self._add_time(_instant(value), str(value))
            else:
                self._add_text(str(value))

    def mark(self, asked: str = "") -> Mark | None:
        """Return the mark, or None where no value counted."""
        for kind in ("time", "number", "text"):
            if kind in self._best:
                return Mark(
                    kind=kind,
                    value=self._best[kind][1],
                    is_typed=self._is_typed and kind == "time",
                    asked=asked,
                )
        return None

    def _add_number(self, number: Decimal) -> None:
        if number.is_finite():
            self._keep("number", number, format(number, "f"))
        else:
            self.count_ignored += 1

    def _add_text(self, text: str) -> None:
        try:
            self._add_time(_instant(datetime.fromisoformat(text.strip())), text.strip())
        except ValueError:
            if "time" in self._best:
                self.count_ignored += 1
            else:
                self._keep("text", text, text)

    def _add_time(self, at: datetime, written: str) -> None:
        if at > self._latest:
            self.count_ignored += 1
        else:
            self._keep("time", at, written)

    def _keep(self, kind: Kind, value: object, written: str) -> None:
        best = self._best.get(kind)
        if best is None or value > best[0]:  # type: ignore[operator]
            self._best[kind] = (value, written)


def later(one: Mark | None, other: Mark | None) -> Mark | None:
    """Return the mark that is further on; where they cannot be compared, the second.

    Examples
    --------
    >>> later(Mark(kind="number", value="9"), Mark(kind="number", value="10")).value
    '10'
    """
    if one is None or other is None or one.kind != other.kind:
        return other or one
    keys = [_order(mark) for mark in (one, other)]
    return one if keys[0] > keys[1] else other  # type: ignore[operator]


def parse_overlap(given: object) -> Overlap | None:
    """Read an overlap of a mapping: ``"36h"``, ``"2d"``, or a number; None if it is neither.

    Examples
    --------
    >>> parse_overlap("36h"), parse_overlap(1000), parse_overlap("soon")
    (datetime.timedelta(days=1, seconds=43200), Decimal('1000'), None)
    """
    if isinstance(given, int | float) and not isinstance(given, bool) and given >= 0:
        return Decimal(str(given))
    found = re.fullmatch(r"(\d{1,4})\s*([mhdw])", str(given).strip().lower())
    return timedelta(**{UNITS[found[2]]: int(found[1])}) if found else None


def read_mark(folder: Path, name: str) -> Mark | None:
    """Return the mark of a source, or None where it was never loaded.

    Raises
    ------
    BranchwiseError
        [BW-SRC-057] if the file that holds it cannot be read.
    """
    path = folder / f"{name}.json"
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
        mark = Mark(**given)
        mark.since(None)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, ArithmeticError) as error:
        reason = type(error).__name__
        raise failure("BW-SRC-057", Where(place=str(path)), path=path, reason=reason) from error
    return mark


def keep_mark(folder: Path, name: str, mark: Mark) -> None:
    """Write the mark of a source as a whole: a reader sees the old one or the new one."""
    folder.mkdir(parents=True, exist_ok=True)
    beside = folder / f".{name}.{os.getpid()}.new"
    with beside.open("w", encoding="utf-8") as file:
        json.dump(asdict(mark), file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(folder / f"{name}.json")


def mark_name(data_source_id: str, place: str) -> str:
    """Return the name of a source's mark: at another place it is another source.

    Parameters
    ----------
    data_source_id : str
        The source.
    place : str
        Fingerprint of where it is asked, such as `Address.fingerprint`.

    Examples
    --------
    >>> mark_name("queue machine", "0f3a")
    'queue_machine-10354f29f1af'
    """
    digest = sha256(f"{data_source_id}\n{place}".encode()).hexdigest()[:12]
    return f"{re.sub(r'[^0-9A-Za-z_-]+', '_', data_source_id)}-{digest}"


def _order(mark: Mark) -> object:
    if mark.kind == "number":
        return Decimal(mark.value)
    return _instant(datetime.fromisoformat(mark.value)) if mark.kind == "time" else mark.value


def _instant(at: date) -> datetime:
    """Return a value that is comparable: naive times count as UTC, dates as midnight."""
    if not isinstance(at, datetime):
        return datetime(at.year, at.month, at.day, tzinfo=UTC)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _written_like(pattern: str, at: datetime) -> str:
    """Write an instant as the source writes its own, so that texts compare as times do."""
    if len(pattern) == DATE_LETTERS:
        return at.date().isoformat()
    if "-" not in pattern[:DATE_LETTERS]:
        return (
            at.strftime("%Y%m%d") if len(pattern) <= DATE_LETTERS else at.strftime("%Y%m%dT%H%M%S")
        )
    written = at.isoformat(sep=pattern[DATE_LETTERS], timespec="seconds")
    return written.replace("+00:00", "Z") if pattern.endswith("Z") else written
