"""Where older visitors get less preference than elsewhere: their wait against everybody's.

Waits differ between branches for many reasons. The mean wait of visitors of 60 and more is
therefore divided by the mean wait of all at the same branch, and that ratio is compared with the
peers' on the funnel. The reference is the wait that they would have with the peers' ratio.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from branchwise.plan.cells import Cells
from branchwise.plan.comparisons import Test
from branchwise.plan.funnel import (
    FunnelPoints,
    Reals,
    limits,
    peer_funnel,
    standard_errors,
    tail_probability,
)
from branchwise.plan.model import Scope, Settings
from branchwise.plan.peers import Candidates

OLDER, EVERYBODY = "queues.elderly_wait_mean_seconds", "queues.wait_mean_seconds"
LONGER_AT_LEAST = 60.0


def preference_tests(
    cells: Mapping[str, Cells], candidates: Mapping[str, Candidates], settings: Settings
) -> list[Test]:
    """Test at every branch whether older visitors wait longer than the peers' preference gives.

    The errors of both waits are added as if they were independent; they are not, the older being
    among everybody, so the test is on the safe side.

    Parameters
    ----------
    cells : mapping of str to Cells
        Values by measure.
    candidates : mapping of str to Candidates
        Possible peers by branch.
    settings : Settings
        How many peers make a comparison.

    Returns
    -------
    list of Test
        Of the kind ``preference``; value and reference are mean waits of older visitors [s].
    """
    if OLDER not in cells or EVERYBODY not in cells:
        return []
    older, everybody = cells[OLDER], cells[EVERYBODY]
    branches = [
        branch
        for branch in older.branches
        if branch in candidates and _waits(older, branch) and _waits(everybody, branch)
    ]
    place = {branch: index for index, branch in enumerate(branches)}
    chosen: list[tuple[tuple[str, ...], Scope]] = [
        candidates[branch].among(place, settings.peers_at_least, settings.peers_at_most)
        for branch in branches
    ]
    if not any(peers for peers, _ in chosen):
        return []
    own = np.array([everybody.cells[branch].value for branch in branches])
    points = peer_funnel(
        np.log([older.cells[branch].value for branch in branches]) - np.log(own),
        np.hypot(_errors(older, branches), _errors(everybody, branches)),
        [[place[peer] for peer in peers] for peers, _ in chosen],
        winsorised_share=settings.winsorised_share,
    )
    return _tests(older, branches, own, points, chosen)


def _tests(
    older: Cells,
    branches: list[str],
    own: Reals,
    points: FunnelPoints,
    chosen: list[tuple[tuple[str, ...], Scope]],
) -> list[Test]:
    p_values = tail_probability(points.z, points.degrees)
    _, highest = limits(points, "log")
    return [
        Test(
            branch_id=branch,
            kind="preference",
            cells=older,
            cell=older.cells[branch],
            reference=float(own[index] * np.exp(points.reference[index])),
            p_value=float(p_values[index]),
            limit=float(own[index] * highest[index]),
            peers=chosen[index][0],
            scope=chosen[index][1],
        )
        for index, branch in enumerate(branches)
        if np.isfinite(points.z[index])
    ]


def is_felt(test: Test) -> bool:
    """Say whether a difference is one that people feel: a minute at least, of waits of the older.

    Every other test counts.
    """
    return test.kind != "preference" or test.cell.value - test.reference >= LONGER_AT_LEAST


def _waits(cells: Cells, branch: str) -> bool:
    return branch in cells.branches and cells.cells[branch].value > 0


def _errors(cells: Cells, branches: list[str]) -> Reals:
    held = [cells.cells[branch] for branch in branches]
    value, lower, upper = (
        np.array([getattr(cell, part) for cell in held]) for part in ("value", "lower", "upper")
    )
    return standard_errors("log", value, lower, upper)
