"""How much of a large bank one page holds: whose sheets are on it, how long its tables are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from branchwise.core.languages import Text
from branchwise.report.benefits import ordered
from branchwise.report.model import Branch, Report
from branchwise.report.numbers import exact
from branchwise.report.phrases import say
from branchwise.report.plan_board import actions
from branchwise.report.statements import leading

MOST_BRANCHES = 100
"""So many branches have their sheet on the page, and so many rows has a table by branch: a sheet is
some 50 kB and 1,100 elements, so a page of 100 opens in seconds on an office computer, and one of
1,000 is 59 MB. Nobody reads more sheets than that in one sitting; any other can be asked for."""
MOST_LISTED = 1_000
"""So many branches are in the list that finds a branch: it has one short row each."""

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """What of a bank is on the page.

    Attributes
    ----------
    sheets : tuple of Branch
        Branches with a sheet, in the order of the report.
    listed : tuple of Branch
        Branches in the list that finds a branch, in the order of the report.
    most : int
        Rows of a table by branch.
    """

    sheets: tuple[Branch, ...]
    listed: tuple[Branch, ...]
    most: int = MOST_BRANCHES

    def first(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Return the rows of a table that have room, the first ones."""
        return rows[: self.most]


def extent_of(
    report: Report,
    *,
    most: int = MOST_BRANCHES,
    listed: int = MOST_LISTED,
    named: Iterable[str] = (),
) -> Extent:
    """Return what of a bank is on the page.

    Parameters
    ----------
    report : Report
        With all branches.
    most : int
        Sheets at most, the branches asked for aside; rows of a table by branch at most.
    listed : int
        Branches at most in the list that finds a branch.
    named : iterable of str
        Codes of branches asked for: their sheets are on the page, however many they are.

    Returns
    -------
    Extent
    """
    asked = set(named)
    order = list(dict.fromkeys(_by_weight(report, asked)))
    return Extent(
        sheets=_chosen(report, order, max(most, len(asked))),
        listed=_chosen(report, order, max(listed, len(asked))),
        most=most,
    )


def _chosen(report: Report, order: Sequence[str], most: int) -> tuple[Branch, ...]:
    known = {branch.branch_id for branch in report.branches}
    kept = set([code for code in order if code in known][:most])
    return tuple(branch for branch in report.branches if branch.branch_id in kept)


def _by_weight(report: Report, asked: set[str]) -> Iterator[str]:
    """Yield branches: asked for, most helped by the plan, at work, worst findings, all others."""
    yield from sorted(asked)
    if report.plan is not None:
        yield from (action.branch.branch_id for action in actions(report.plan))
    yield from (one.branch_id for one in ordered(report.benefits))
    yield from (finding.branch_id for finding in leading(report.findings))
    yield from (branch.branch_id for branch in report.branches)


def sheets_said(report: Report, extent: Extent) -> Text | None:
    """Say whose sheets are on the page and how to get another; None where all of them are."""
    if len(extent.sheets) == len(report.branches):
        return None
    return say(
        "This page holds the full sheets of {shown} of {number} branches: those asked for, then "
        "those that the plan helps most, those with actions at work, those with the leading "
        "findings. For any other: branchwise report --branch CODE.",
        shown=exact(len(extent.sheets)),
        number=exact(len(report.branches)),
    )


def left_out_said(shown: int, number: int, order: Text, file: str) -> Text:
    """Say how many rows of a table are left out, which are shown, and where all of them stand.

    Examples
    --------
    >>> left_out_said(100, 1000, say("the longest wait first"), "report.json").en
    '100 of 1,000 rows are shown, the longest wait first; report.json holds them all.'
    """
    return say(
        "{shown} of {number} rows are shown, {order}; {file} holds them all.",
        shown=exact(shown),
        number=exact(number),
        order=order,
        file=file,
    )
