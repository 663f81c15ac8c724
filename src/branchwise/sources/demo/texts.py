"""Numbers and times as text, a column at a time."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from branchwise.sources.demo.settings import DemoSettings, Flags, Floats, Ints

Bytes = npt.NDArray[np.uint8]
DAY_SECONDS = 86400
_ZERO, _SPACE = ord("0"), ord(" ")


def chosen(texts: Sequence[str | None], index: Ints, *, where: Flags | None = None) -> pa.Array:
    """Return ``texts[index]`` as an Arrow column; null for negative or unwanted."""
    missing = index < 0 if where is None else (index < 0) | ~where
    taken = pa.array(np.where(missing, 0, index), mask=missing)
    return pa.array(list(texts) or [None], pa.string()).take(taken)


def times(seconds: Floats, *, where: Flags | None = None) -> pa.Array:
    """Return seconds after midnight as ``HH:MM:SS``; null where NaN or not wanted.

    Examples
    --------
    >>> times(np.array([32531.0, np.nan])).to_pylist()
    ['09:02:11', None]
    """
    missing = np.isnan(seconds) if where is None else np.isnan(seconds) | ~where
    whole = np.where(missing, 0, seconds).astype(np.int64) % DAY_SECONDS
    return _clock_texts().take(pa.array(whole, mask=missing))


def dates(settings: DemoSettings, day: Ints, form: str = "%Y%m%d") -> pa.Array:
    """Return the dates of numbered days as text."""
    return chosen([date.strftime(form) for date in settings.calendar], day)


def joined(separator: str, *columns: pa.Array) -> pa.Array:
    """Return columns joined by a separator; null where one of them is."""
    return pc.binary_join_element_wise(*columns, separator)


def numbered(prefix: str, numbers: Ints, width: int) -> pa.Array:
    """Return numbers with a prefix, filled up with zeros.

    Examples
    --------
    >>> numbered("A", np.array([7]), 3).to_pylist()
    ['A007']
    """
    texts = pc.utf8_lpad(pa.array(numbers).cast(pa.string()), width, "0")
    return joined("", pa.array([prefix] * len(numbers), pa.string()), texts) if prefix else texts


def edited(column: pa.Array, changes: dict[int, str | None]) -> pa.Array:
    """Return a column with some of its rows replaced.

    Examples
    --------
    >>> edited(pa.array(["a", "b"]), {1: "c"}).to_pylist()
    ['a', 'c']
    """
    if not changes:
        return column
    rows = sorted(changes)
    mask = np.zeros(len(column), dtype=bool)
    mask[rows] = True
    replacements = pa.array([changes[row] for row in rows], pa.string())
    return pc.replace_with_mask(column, pa.array(mask), replacements)


def moved(clock: str, seconds: int) -> str:
    """Return a time of day, moved and wrapped at midnight.

    Examples
    --------
    >>> moved("00:10:00", -1800)
    '23:40:00'
    """
    hour, minute, second = (int(part) for part in clock.split(":"))
    moment = (hour * 3600 + minute * 60 + second + seconds) % DAY_SECONDS
    return f"{moment // 3600:02d}:{moment // 60 % 60:02d}:{moment % 60:02d}"


def digits(values: npt.NDArray[Any], width: int, *, where: Flags | None = None) -> Bytes:
    """Return whole numbers as ASCII digits, shape (rows, width); spaces where not wanted."""
    powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    whole = np.nan_to_num(values).astype(np.int64)
    field: Bytes = ((whole[:, None] // powers) % 10 + _ZERO).astype(np.uint8)
    if where is not None:
        field[~where] = _SPACE
    return field


def clock_digits(seconds: Floats) -> Bytes:
    """Return seconds after midnight as ``HHMMSS``, shape (rows, 6); spaces where NaN."""
    whole = np.nan_to_num(seconds).astype(np.int64)
    hours, rest = whole // 3600 % 24, whole % 3600
    return digits(hours * 10000 + rest // 60 * 100 + rest % 60, 6, where=~np.isnan(seconds))


def fields(texts: Sequence[str], width: int, index: Ints, *, encoding: str = "ascii") -> Bytes:
    """Return ``texts[index]`` left-justified in a field of so many bytes; spaces where negative."""
    padded = [text.encode(encoding)[:width].ljust(width) for text in [*texts, ""]]
    table = np.frombuffer(b"".join(padded), dtype=np.uint8).reshape(len(padded), width)
    found: Bytes = table[np.where(index < 0, len(texts), index)]
    return found


@cache
def _clock_texts() -> pa.Array:
    return pa.array(
        [
            f"{hour:02d}:{minute:02d}:{second:02d}"
            for hour in range(24)
            for minute in range(60)
            for second in range(60)
        ]
    )
