"""Where the columns of a fixed-width file begin, found from its bytes or read from a layout.

Widths count bytes: a Chinese character is two of them in GB18030. Columns that stand side by side
without a blank can only be told by what they hold, so what is found here is a draft.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

SAME_LENGTH = 0.9
LINES_AT_LEAST = 3
LENGTH_AT_LEAST = 16
SURE = 0.97
_YEAR = rb"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_ROC = rb"1[0-4]\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_CLOCK = rb"(?:[01]\d|2[0-3])[0-5]\d[0-5]\d"
_DASHED = rb"(?:19|20)\d\d[-/](?:0[1-9]|1[0-2])[-/](?:0[1-9]|[12]\d|3[01])"
_COLONS = rb"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d"
SPANS: tuple[tuple[int, re.Pattern[bytes]], ...] = (
    (10, re.compile(_DASHED)), (8, re.compile(_COLONS)), (8, re.compile(_YEAR)),
    (7, re.compile(_ROC)),
)  # fmt: skip
BLANK, DIGIT, LETTER, SIGN, WIDE = range(5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One column of a fixed-width line.

    Attributes
    ----------
    start, width : int
        First byte from 0, and number of bytes.
    name : str
        Its name, empty where nobody gave one.
    """

    start: int
    width: int
    name: str = ""

    @property
    def end(self) -> int:
        """Byte after the last one."""
        return self.start + self.width


def line_length(lines: Sequence[bytes]) -> int:
    """Return the length that nearly all lines have, or 0: then the file is not of fixed width.

    Examples
    --------
    >>> line_length([b"2026031000317A001", b"2026031000317A002", b"2026031000322B001"])
    17
    """
    lengths = Counter(len(line) for line in lines if line)
    if not lengths:
        return 0
    length, count = lengths.most_common(1)[0]
    is_fixed = count >= SAME_LENGTH * sum(lengths.values()) and count >= LINES_AT_LEAST
    return length if is_fixed and length >= LENGTH_AT_LEAST else 0


def find_spans(lines: Sequence[bytes], known: Iterable[Iterable[str]] = ()) -> tuple[Span, ...]:
    """Find the columns of lines of one length.

    Dates and times of day are found first, then keys that other files list (branches, staff),
    then the borders where blanks end, where letters, digits and wide characters meet, and where
    the digits of a number begin anew.

    Parameters
    ----------
    lines : sequence of bytes
        Lines of one length, without their ends.
    known : iterable of iterable of str
        Sets of keys of other files.

    Examples
    --------
    >>> lines = [b"20260310092233A1", b"20260311101500B2", b"20260311160059C3"]
    >>> [(span.start, span.width) for span in find_spans(lines)]
    [(0, 8), (8, 6), (14, 1), (15, 1)]
    """
    grid = np.frombuffer(b"".join(lines), np.uint8).reshape(len(lines), -1)
    taken = np.zeros(grid.shape[1], bool)
    found: list[Span] = []
    for width, pattern in SPANS:
        found += _matching(lines, taken, width, _tester(pattern))
    found += _clocks(lines, taken, found)
    for keys in known:
        found += _keys(lines, taken, frozenset(keys))
    kinds = _kinds(grid)
    rest = [
        Span(start=start, width=end - start)
        for left, right in _free(taken)
        for start, end in _cut(grid, kinds, left, right)
    ]
    return tuple(sorted((*found, *rest), key=lambda span: span.start))


def _tester(pattern: re.Pattern[bytes]) -> Callable[[bytes], bool]:
    return lambda cell: pattern.fullmatch(cell) is not None


def _matching(
    lines: Sequence[bytes], taken: npt.NDArray[np.bool_], width: int, test: Callable[[bytes], bool]
) -> list[Span]:
    found = []
    for start in range(len(taken) - width + 1):
        if taken[start : start + width].any():
            continue
        cells = [line[start : start + width] for line in lines]
        filled = [cell for cell in cells if cell.strip()]
        if len(filled) >= max(LINES_AT_LEAST, len(cells) // 20) and (
            sum(map(test, filled)) >= SURE * len(filled)
        ):
            taken[start : start + width] = True
            found.append(Span(start=start, width=width))
    return found


def _clocks(
    lines: Sequence[bytes], taken: npt.NDArray[np.bool_], dates: Sequence[Span]
) -> list[Span]:
    """Find six digits of a time of day right after a date, or wherever they vary enough."""
    test = _tester(re.compile(_CLOCK))
    found = []
    for date in dates:
        free = np.ones_like(taken)
        free[date.end : date.end + 6] = taken[date.end : date.end + 6]
        spans = _matching(lines, free, 6, test)
        for span in spans:
            taken[span.start : span.end] = True
        found += spans
    return found


def _keys(lines: Sequence[bytes], taken: npt.NDArray[np.bool_], keys: frozenset[str]) -> list[Span]:
    widths = Counter(len(key.encode()) for key in keys if key.isascii())
    if not widths:
        return []
    width, count = widths.most_common(1)[0]
    if width < 3 or count < SURE * len(keys):  # noqa: PLR2004 - shorter ones stand anywhere
        return []
    encoded = {key.encode() for key in keys}
    return _matching(lines, taken, width, encoded.__contains__)


def _free(taken: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate(([True], taken, [True])).astype(np.int8)))
    return [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def _kinds(grid: npt.NDArray[np.uint8]) -> npt.NDArray[np.int8]:
    kinds = np.full(grid.shape, SIGN, np.int8)
    kinds[grid == ord(" ")] = BLANK
    kinds[(grid >= ord("0")) & (grid <= ord("9"))] = DIGIT
    upper = grid & 0xDF
    kinds[(upper >= ord("A")) & (upper <= ord("Z")) & (grid < 0x80)] = LETTER  # noqa: PLR2004
    lead = np.zeros(len(grid), bool)
    for place in range(grid.shape[1]):  # the second byte of a wide character may look like ASCII
        is_wide = lead | (grid[:, place] >= 0x81)  # noqa: PLR2004
        kinds[is_wide, place] = WIDE
        lead = ~lead & (grid[:, place] >= 0x81)  # noqa: PLR2004
    return kinds


def _cut(
    grid: npt.NDArray[np.uint8], kinds: npt.NDArray[np.int8], left: int, right: int
) -> list[tuple[int, int]]:
    borders = [left]
    for place in range(left + 1, right):
        if _is_border(grid, kinds, borders[-1], place):
            borders.append(place)
    borders.append(right)
    return list(pairwise(borders))


def _is_border(
    grid: npt.NDArray[np.uint8], kinds: npt.NDArray[np.int8], start: int, place: int
) -> bool:
    before, after = kinds[:, place - 1], kinds[:, place]
    if WIDE in (before.max(initial=0), after.max(initial=0)) and (before == WIDE).any():
        return bool((after[before == WIDE] != WIDE).mean() > SURE and (after != BLANK).any())
    padded = (before == BLANK) & (after != BLANK)
    if padded.any() and (kinds[:, start] != BLANK).any():  # text on the left ends in blanks
        return True
    gone = (before != BLANK) & (after == BLANK)
    if gone.mean() > SURE:  # a column that is full, and one that is mostly empty
        return True
    full = (before != BLANK) & (after != BLANK)
    if not full.any():
        return False
    changed = (before[full] != after[full]) & (before[full] != SIGN) & (after[full] != SIGN)
    return bool(changed.mean() > SURE) or _begins_anew(grid, kinds, start, place)


def _begins_anew(
    grid: npt.NDArray[np.uint8], kinds: npt.NDArray[np.int8], start: int, place: int
) -> bool:
    """Whether the first digits of a padded number follow the last digits of another one."""
    if not (kinds[:, place - 1 : place + 1] == DIGIT).all():
        return False
    varied = len(np.unique(grid[:, place - 1]))
    zeros = (grid[:, place] == ord("0")).mean()
    return bool(varied >= 3 and zeros > SURE and place - start >= 1)  # noqa: PLR2004
