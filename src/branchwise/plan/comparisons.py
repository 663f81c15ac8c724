"""The tests of a diagnosis: a value against its standard, its target, its peers, its network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from branchwise.plan.cells import Cell, Cells
from branchwise.plan.funnel import (
    FunnelPoints,
    Reals,
    back,
    limits,
    onto,
    peer_funnel,
    scale_for,
    standard_errors,
    tail_probability,
)
from branchwise.plan.model import REGION_PREFIX, Kind, Part, PeerComparison, Scope, Settings
from branchwise.plan.peers import Candidates, Profile

REGION_BRANCHES = 3
OTHER_BRANCHES = 5
TYPE_BRANCHES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """One comparison, before false-discovery control.

    Attributes
    ----------
    branch_id, kind : str
        What is compared with what.
    cells : Cells
        The measure.
    cell : Cell
        The value.
    reference : float
        In the measure's unit.
    p_value : float or None
        One-sided, small where worse; None where the value has no sampling error.
    limit : float or None
        Funnel limit on the worse side.
    peers, scope
        Who the peers are and where they come from.
    guarded_measure : str or None
        The measure whose guard-rail this is.
    parts : tuple of Part
        Branches that the finding would name.
    customers : float or None
        Customers affected a month, where the mechanism of the measure does not say it.
    """

    __test__ = False  # no test case of pytest's

    branch_id: str
    kind: Kind
    cells: Cells
    cell: Cell
    reference: float
    p_value: float | None
    limit: float | None = None
    peers: tuple[str, ...] = ()
    scope: Scope = "none"
    guarded_measure: str | None = None
    parts: tuple[Part, ...] = ()
    customers: float | None = None


def against_value(
    cells: Cells,
    branch_id: str,
    reference: float,
    kind: Kind,
    *,
    guarded_measure: str | None = None,
) -> Test:
    """Test one value against a fixed number, on the measure's scale.

    The p value is that of a normal deviate with the standard error for which the value's 95 %
    interval stands; a value without interval is a count of everything and has none.
    """
    cell = cells.cells[branch_id]
    value, lower, upper = (np.array([part]) for part in (cell.value, cell.lower, cell.upper))
    scale = scale_for(cells.measure.unit, np.append(value, reference))
    error = float(standard_errors(scale, value, lower, upper)[0])
    difference = cells.worse * float((onto(scale, value) - onto(scale, np.array([reference])))[0])
    return Test(
        branch_id=branch_id,
        kind=kind,
        cells=cells,
        cell=cell,
        reference=reference,
        p_value=float(stats.norm.sf(difference / error)) if error > 0 else None,
        guarded_measure=guarded_measure,
    )


def against_peers(
    cells: Cells, candidates: Mapping[str, Candidates], settings: Settings
) -> tuple[list[Test], list[PeerComparison]]:
    """Test every branch of a measure against its peers on the funnel.

    Returns
    -------
    tuple of (list of Test, list of PeerComparison)
        The tests and the points for the drawing; branches without enough peers have neither.
    """
    position = {branch: index for index, branch in enumerate(cells.branches)}
    chosen: list[tuple[tuple[str, ...], Scope]] = [
        candidates[branch].among(position, settings.peers_at_least, settings.peers_at_most)
        if branch in candidates
        else ((), "none")
        for branch in cells.branches
    ]
    peers = [[position[member] for member in members] for members, _ in chosen]
    if not any(peers):
        return [], []
    points = peer_funnel(
        cells.on_scale, cells.errors, peers, winsorised_share=settings.winsorised_share
    )
    drawn = _drawn(cells, points, chosen)
    return [_peers_test(cells, point) for point in drawn], drawn


def against_other_regions(
    cells: Cells, profiles: Mapping[str, Profile], regions: Mapping[str, str | None]
) -> list[Test]:
    """Test each region's branches against all others, branch type by branch type.

    Each branch is taken as its difference from the median of its type in the whole bank (of all
    branches where a type has fewer than 5); the one-sided rank-sum test [1]_ then asks whether the
    region's branches are worse. The value shown is the region's median branch; the reference is
    where it would be without the difference between the medians.

    References
    ----------
    .. [1] Mann and Whitney (1947), Annals of Mathematical Statistics 18(1), 50-60,
       doi:10.1214/aoms/1177730491.
    """
    known = [index for index, branch in enumerate(cells.branches) if branch in profiles]
    if not known:
        return []
    branches = [cells.branches[index] for index in known]
    values = cells.on_scale[known]
    adjusted = cells.worse * _against_type(values, [profiles[b].branch_type for b in branches])
    located = np.array([regions.get(branch) or "" for branch in branches])
    tests = []
    for region in sorted({str(code) for code in located if code}):
        inside = located == region
        if inside.sum() < REGION_BRANCHES or (~inside).sum() < OTHER_BRANCHES:
            continue
        if np.ptp(adjusted) == 0:
            continue
        tests.append(_region_test(cells, region, np.array(branches), adjusted, inside))
    return tests


def _region_test(
    cells: Cells,
    region: str,
    branches: NDArray[np.str_],
    adjusted: Reals,
    inside: NDArray[np.bool_],
) -> Test:
    ranks = stats.mannwhitneyu(adjusted[inside], adjusted[~inside], alternative="greater")
    shift = cells.worse * (np.median(adjusted[inside]) - np.median(adjusted[~inside]))
    there = [cells.cells[str(branch)] for branch in branches[inside]]
    middle = float(np.median(onto(cells.scale, np.array([cell.value for cell in there]))))
    shown = back(cells.scale, np.array([middle, middle - shift]))
    count = sum(cell.count_rows for cell in there)
    missing = float("nan")
    return Test(
        branch_id=f"{REGION_PREFIX}{region}",
        kind="peers",
        cells=cells,
        cell=Cell(value=float(shown[0]), lower=missing, upper=missing, count_rows=count),
        reference=float(shown[1]),
        p_value=float(ranks.pvalue),
        scope="bank",
        peers=tuple(str(branch) for branch in branches[~inside]),
    )


def _drawn(
    cells: Cells, points: FunnelPoints, chosen: Sequence[tuple[tuple[str, ...], Scope]]
) -> list[PeerComparison]:
    z = cells.worse * points.z
    p_values = tail_probability(z, points.degrees)
    lowest, highest = limits(points, cells.scale)
    reference = back(cells.scale, points.reference)
    return [
        PeerComparison(
            branch_id=branch,
            measure=cells.measure.name,
            value=float(cells.values[index]),
            reference=float(reference[index]),
            lower_limit=float(lowest[index]),
            upper_limit=float(highest[index]),
            standard_error=float(cells.errors[index]),
            z=float(z[index]),
            p_value=float(p_values[index]),
            peers=chosen[index][0],
            scope=chosen[index][1],
        )
        for index, branch in enumerate(cells.branches)
        if np.isfinite(z[index])
    ]


def _peers_test(cells: Cells, point: PeerComparison) -> Test:
    return Test(
        branch_id=point.branch_id,
        kind="peers",
        cells=cells,
        cell=cells.cells[point.branch_id],
        reference=point.reference,
        p_value=point.p_value,
        limit=point.upper_limit if cells.worse > 0 else point.lower_limit,
        peers=point.peers,
        scope=point.scope,
    )


def _against_type(values: Reals, types: list[str]) -> Reals:
    kinds = np.array(types)
    counts = Counter(types)
    result = values - np.median(values)
    for kind, count in counts.items():
        if count >= TYPE_BRANCHES:
            result[kinds == kind] = values[kinds == kind] - np.median(values[kinds == kind])
    return np.asarray(result)
