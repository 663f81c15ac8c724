"""The order in which tables are loaded: what is referred to comes first."""

from __future__ import annotations

from collections.abc import Iterable

from branchwise.tables.spec import table_spec


def by_reference(names: Iterable[str]) -> tuple[str, ...]:
    """Return tables so that each comes after the tables it refers to.

    Tables that do not depend on each other come in alphabetical order; a table that refers to
    itself, or round in a circle, is no obstacle.

    Examples
    --------
    >>> by_reference(["visit_step", "visit", "branch", "region"])
    ('region', 'branch', 'visit', 'visit_step')
    """
    wanted = sorted(set(names))
    ordered: list[str] = []
    under_way: set[str] = set()

    def place(name: str) -> None:
        if name in ordered or name in under_way:
            return
        under_way.add(name)
        for parent in sorted(referred_to(name) & set(wanted)):
            place(parent)
        ordered.append(name)

    for name in wanted:
        place(name)
    return tuple(ordered)


def referred_to(name: str) -> frozenset[str]:
    """Return the tables that a table refers to.

    Examples
    --------
    >>> "branch" in referred_to("visit")
    True
    """
    references = (column.reference for column in table_spec(name).columns.values())
    return frozenset(reference.table for reference in references if reference is not None)
