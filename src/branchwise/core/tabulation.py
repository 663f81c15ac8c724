"""A table as people see it: a title, headings, cells already in their language, notes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Tabulation:
    """One table for people.

    Attributes
    ----------
    title : str
        What the table shows, with period and number of rows where they matter.
    columns : tuple of str
        Headings, with the unit where all cells of a column share it.
    rows : tuple of tuple
        Cells: text, or numbers that are printed with their thousands apart; None is shown as "–".
    notes : tuple of str
        Lines below the table: sources, what was left out and why.

    Examples
    --------
    >>> shown = Tabulation(title="Waits", columns=("Branch", "P90"), rows=(("B1", "7 min"),))
    >>> len(shown.rows)
    1
    """

    title: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[object, ...], ...] = ()
    notes: tuple[str, ...] = ()
