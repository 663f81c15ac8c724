"""Times as files write them: read all in one form, and written back in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Form = Literal["number", "quarter", "month", "date", "compact", "slashed", "moment"]
PATTERNS: dict[Form, re.Pattern[str]] = {
    "compact": re.compile(r"(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"),
    "number": re.compile(r"-?\d{1,15}"),
    "quarter": re.compile(r"\d{4}-?Q[1-4]"),
    "month": re.compile(r"\d{4}[-/M]?(0?[1-9]|1[0-2])"),
    "date": re.compile(r"\d{4}-\d{2}-\d{2}"),
    "slashed": re.compile(r"\d{4}/\d{1,2}/\d{1,2}"),
    "moment": re.compile(
        r"\d{4}[-/]\d{1,2}[-/]\d{1,2}[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?"
        r"(Z|[+-]\d{2}:?\d{2})?"
    ),
}  # fmt: skip
MONTHS_A_QUARTER = 3
LAST_TIME = np.datetime64("9999-12-31T23:59:59", "s")
"""Years have four digits, in files and in the calendar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeForm:
    """How the times of a file are written.

    Attributes
    ----------
    form : Form
        The kind.
    example : str
        The first time, whose details (separator, seconds) are kept.
    offset : str
        Offset from UTC that all times name ("Z", "+08:00"); empty if they name none, or several:
        which of them a time to come has is not known then.
    """

    form: Form
    example: str
    offset: str = ""

    @classmethod
    def of(cls, texts: Sequence[str]) -> TimeForm | None:
        """Return the form that all texts share, None if there is none.

        Examples
        --------
        >>> TimeForm.of(["2026-03-01", "2026-03-02"]).form
        'date'
        >>> TimeForm.of(["2026-03-01", "soon"]) is None
        True
        """
        for form, pattern in PATTERNS.items():
            if texts and all(pattern.fullmatch(text) for text in texts):
                offsets = {_offset(text) for text in texts} if form == "moment" else {""}
                shared = offsets.pop() if len(offsets) == 1 else ""
                return cls(form=form, example=texts[0], offset=shared)
        return None

    def read(self, texts: Sequence[str]) -> NDArray[Any]:
        """Return the times: ``int64`` for numbers, else ``datetime64[s]`` of the wall clock.

        An offset from UTC is left aside: what matters is what the clock on the wall showed.
        Impossible dates become NaT.

        Examples
        --------
        >>> TimeForm.of(["2026Q2"]).read(["2026Q2"]).tolist()
        [datetime.datetime(2026, 4, 1, 0, 0)]
        """
        if self.form == "number":
            return np.array([int(text) for text in texts], np.int64)
        read = _READERS[self.form]
        return np.array([_or_nat(read, text) for text in texts], "datetime64[s]")

    def count_writable(self, times: NDArray[Any]) -> int:
        """Return how many of the rising times this form can write: none beyond the year 9999.

        Examples
        --------
        >>> form = TimeForm.of(["9999-11"])
        >>> form.count_writable(np.array(["9999-11", "9999-12", "10000-01"], "datetime64[M]"))
        2
        """
        if self.form == "number":
            return len(times)
        return int(np.searchsorted(times.astype("datetime64[s]"), LAST_TIME, side="right"))

    def write(self, times: NDArray[Any]) -> list[str]:
        """Return times as the file writes them.

        Examples
        --------
        >>> form = TimeForm.of(["2026-03-01 09:15"])
        >>> form.write(form.read(["2026-03-01 09:15"]))
        ['2026-03-01 09:15']
        >>> form = TimeForm.of(["2026-03-01T09:15:00+08:00"])
        >>> form.write(form.read(["2026-03-01T09:15:00+08:00"]))
        ['2026-03-01T09:15:00+08:00']
        """
        if self.form == "number":
            return [str(int(time)) for time in times]
        return [self._written(moment) for moment in times.astype("datetime64[s]").tolist()]

    def _written(self, moment: datetime) -> str:
        if self.form == "quarter":
            dash = "-" if "-" in self.example else ""
            return f"{moment.year}{dash}Q{(moment.month - 1) // MONTHS_A_QUARTER + 1}"
        if self.form == "month":
            return f"{moment.year}{_separator(self.example)}{moment.month:02}"
        pattern = {"date": "%Y-%m-%d", "compact": "%Y%m%d", "slashed": "%Y/%m/%d"}.get(self.form)
        if pattern:
            return moment.strftime(pattern)
        day = "%Y/%m/%d" if "/" in self.example else "%Y-%m-%d"
        between = "T" if "T" in self.example else " "
        written = self.example.removesuffix(_offset(self.example))
        clock = "%H:%M:%S" if written.count(":") > 1 else "%H:%M"
        return moment.strftime(f"{day}{between}{clock}") + self.offset


def _offset(text: str) -> str:
    """Return the offset from UTC at the end of a moment, as it is written."""
    clock = re.split("[T ]", text, maxsplit=1)[1]
    return clock[len(re.split("[Z+-]", clock)[0]) :]


def _separator(example: str) -> str:
    return "".join(sign for sign in example if not sign.isdigit())


def _or_nat(read: Callable[[str], datetime], text: str) -> Any:  # noqa: ANN401
    try:
        return np.datetime64(read(text), "s")
    except ValueError:
        return np.datetime64("NaT", "s")


def _quarter(text: str) -> datetime:
    return datetime(int(text[:4]), MONTHS_A_QUARTER * (int(text[-1]) - 1) + 1, 1)  # noqa: DTZ001


def _month(text: str) -> datetime:
    return datetime(int(text[:4]), int(re.sub(r"\D", "", text[4:])), 1)  # noqa: DTZ001


def _date(text: str) -> datetime:
    year, month, day = (int(part) for part in re.split("[-/]", text))
    return datetime(year, month, day)  # noqa: DTZ001 - the clock on the wall has no zone


def _compact(text: str) -> datetime:
    return datetime(int(text[:4]), int(text[4:6]), int(text[6:]))  # noqa: DTZ001


def _moment(text: str) -> datetime:
    day, clock = re.split("[T ]", text, maxsplit=1)
    parts = [int(float(part)) for part in re.split("[Z+-]", clock)[0].split(":")]
    return _date(day).replace(hour=parts[0], minute=parts[1], second=[*parts, 0][2])


_READERS: dict[Form, Callable[[str], datetime]] = {
    "quarter": _quarter,
    "month": _month,
    "date": _date,
    "compact": _compact,
    "slashed": _date,
    "moment": _moment,
}
