"""The series of the bank: what came, summed along the hierarchy, closed and missing days marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from branchwise.models.forecast.hierarchy import Hierarchy, Path, nested
from branchwise.pipeline.forecast.asked import Dimension
from branchwise.pipeline.forecast.demand import HOURS_BOUND, UNKNOWN, Demand
from branchwise.pipeline.forecast.open_days import OpenDays, slots_of, weekdays_of

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
NEAREST = 4
"""Days of the same weekday from which a missing day is filled in a sum over branches."""
MOST_FILLED = 0.5
"""Share of a sum beyond which it counts as missing itself."""
SEEN_SHARE = 0.05
"""A slot outside the hours is open if people came in it on at least this share of days."""
LEAST_SEEN = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Divided:
    """All series of the hierarchy, day by day and slot by slot, past and coming.

    Attributes
    ----------
    tree : Hierarchy
        Paths in the order of the dimensions asked for.
    by : tuple of str
        Those dimensions.
    days : OpenDays
        The days and the branches.
    values : ndarray, shape (n, steps, slots)
        NaN on missing days.
    is_open : ndarray of bool, shape (n, days, slots)
        Where at least one part is open.
    shares : ndarray, shape (n, branches)
        Share of each branch in the series' total.
    """

    tree: Hierarchy
    by: tuple[Dimension, ...]
    days: OpenDays
    values: Array
    is_open: Flags
    shares: Array

    @property
    def names(self) -> tuple[str, ...]:
        """What the series are called: ``*`` for the bank, else such as branch=00101 service=1."""
        return tuple(series_name(path, self.by) for path in self.tree.paths)


def series_name(path: Path, by: Sequence[Dimension]) -> str:
    """Return what a series is called; the region of a branch is not said.

    Examples
    --------
    >>> series_name(("R1", "00101", "1001"), ("region", "branch", "service"))
    'branch=00101 service=1001'
    >>> series_name((), ("region", "branch")), series_name(("R1",), ("region", "branch"))
    ('*', 'region=R1')
    """
    named = dict(zip(by, path, strict=False))
    if "branch" in named:
        named.pop("region", None)
    return " ".join(f"{name}={value}" for name, value in named.items()) or "*"


def divided(demand: Demand, days: OpenDays, by: tuple[Dimension, ...], *, top: int = 0) -> Divided:
    """Return the series of a hierarchy.

    A missing day of a branch is missing in all its own series. In a sum over several branches it
    is filled with the mean of the branch's four nearest days of the same weekday (of any, where it
    has none), so that a bank is not unknown because of one file; where more than half would be
    filled, the sum is missing.
    """
    regions = {place.branch_id: place.region_id or UNKNOWN for place in days.places}
    atoms = [
        {"region": regions.get(key[0], UNKNOWN), "branch": key[0], "service": key[1],
         "channel": key[2]}
        for key in demand.keys
    ]  # fmt: skip
    paths = [tuple(atom[name] for name in by) for atom in atoms]
    tree = nested(sorted(set(paths)), top=top)
    rows = {path: row for row, path in enumerate(tree.paths)}
    members = np.zeros((len(tree.paths), len(atoms)), dtype=bool)
    for column, path in enumerate(paths):
        for depth in range(min(top, len(path)), len(path) + 1):
            members[rows[path[:depth]], column] = True
    opened = _atoms_open(demand, days)
    filled, missing = _filled(demand, days)
    weights = members.astype(np.float64)
    values = np.tensordot(weights, filled, axes=1)
    unknown = np.tensordot(weights, np.where(missing[:, :, None], filled, 0.0), axes=1).sum(axis=2)
    totals = values.sum(axis=2)
    partly = (weights @ missing.astype(np.float64)) >= weights.sum(axis=1, keepdims=True)
    values[(unknown > MOST_FILLED * totals) | partly] = np.nan
    is_open = np.tensordot(weights, opened.astype(np.float32), axes=1) > 0
    return Divided(
        tree=tree, by=by, days=days, values=values, is_open=is_open,
        shares=_shares(demand, days, weights),
    )  # fmt: skip


def _filled(demand: Demand, days: OpenDays) -> tuple[Array, Flags]:
    """Return the sums with missing days filled, and which days of which atom are missing."""
    sums = demand.sums.copy()
    missing = np.zeros(sums.shape[:2], dtype=bool)
    rows = days.rows
    weekdays = weekdays_of(days.days[: days.steps])
    atoms: dict[str, list[int]] = {}
    for row, key in enumerate(demand.keys):
        if key[0] in rows:
            atoms.setdefault(key[0], []).append(row)
    for branch, own in atoms.items():
        gone, opened = days.is_missing[rows[branch]], days.is_open[rows[branch], : days.steps]
        for day in np.flatnonzero(gone).tolist():
            there = opened & ~gone
            like = np.flatnonzero((weekdays == weekdays[day]) & there)
            like = like if like.size else np.flatnonzero(there)
            near = like[np.argsort(np.abs(like - day), kind="stable")[:NEAREST]]
            mean = demand.sums[own][:, near].mean(axis=1) if near.size else 0.0
            sums[own, day] = mean
        missing[own] = gone
    return sums, missing


def _atoms_open(demand: Demand, days: OpenDays) -> Flags:
    """Return which slots are open, shape (atoms, days, slots)."""
    slots = demand.sums.shape[2]
    masks: dict[str, Flags] = {}
    rows = days.rows
    opened = np.ones((len(demand.keys), len(days.days), slots), dtype=bool)
    for row, (branch, _, channel) in enumerate(demand.keys):
        if branch not in rows or channel not in HOURS_BOUND:
            continue
        if branch not in masks:
            own = [
                place
                for place, key in enumerate(demand.keys)
                if key[0] == branch and key[2] in HOURS_BOUND
            ]
            masks[branch] = _branch_open(demand.sums[own].sum(axis=0), days, rows[branch])
        opened[row] = masks[branch]
    return opened


def _branch_open(sums: Array, days: OpenDays, row: int) -> Flags:
    opened = days.is_open[row]
    if sums.shape[1] == 1:
        return np.asarray(opened[:, None])
    mask = np.array([slots_of(days.places[row], day, sums.shape[1]) for day in days.days])
    weekdays = weekdays_of(days.days)
    for weekday in range(1, 8):
        own = (weekdays == weekday) & opened
        past = np.flatnonzero(own[: days.steps])
        counts = (sums[past] > 0).sum(axis=0)
        mask[own] |= counts >= max(LEAST_SEEN, SEEN_SHARE * len(past))
    return np.asarray(mask & opened[:, None])


def _shares(demand: Demand, days: OpenDays, weights: Array) -> Array:
    rows = days.rows
    totals = demand.sums.sum(axis=(1, 2))
    by_branch = np.zeros((len(demand.keys), len(days.places)))
    for row, key in enumerate(demand.keys):
        if key[0] in rows:
            by_branch[row, rows[key[0]]] = totals[row] or 1e-9
    found = weights @ by_branch
    return np.asarray(found / np.maximum(found.sum(axis=1, keepdims=True), 1e-12))
