"""A sheet of a workbook before it is written: headings with units, rows of values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from branchwise.core.languages import Text
from branchwise.core.money import minor_digits

Kind = Literal["text", "count", "real", "money", "share", "date", "answer"]
Cell = Text | str | int | float | date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: its heading with the unit, what its cells are.

    Attributes
    ----------
    heading : Text
        With the unit where the cells are numbers.
    kind : {"text", "count", "real", "money", "share", "date", "answer"}
        How numbers are shown; ``answer`` offers the answers to choose from.
    width : float or None
        In characters; None: by the cells.
    is_asked : bool
        Whether people fill it in.
    """

    heading: Text
    kind: Kind = "text"
    width: float | None = None
    is_asked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A sheet.

    Attributes
    ----------
    name, title : Text
        On its tab; above the table.
    columns : sequence of Column
        In order.
    rows : sequence of sequence
        One cell a column; None stays empty.
    notes : sequence of Text
        Below the table.
    frozen : int
        Columns that stay when the sheet is moved sideways.
    is_filtered : bool
        Whether the headings carry filters.
    """

    name: Text
    title: Text
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    notes: Sequence[Text] = ()
    frozen: int = 0
    is_filtered: bool = True


def major(minor: int | None, currency: str) -> float | None:
    """Return an amount in whole units of its currency.

    Examples
    --------
    >>> major(12_345, "CNY"), major(12_345, "JPY"), major(None, "CNY")
    (123.45, 12345.0, None)
    """
    return None if minor is None else minor / 10 ** minor_digits(currency)
