"""Dirt of the core system's fixed-width rows, planted in their bytes."""

from __future__ import annotations

import numpy as np

from branchwise.core.randomness import stream
from branchwise.sources.demo.dirt import Planted
from branchwise.sources.demo.network import Branch
from branchwise.sources.demo.postings import LAYOUT, Postings
from branchwise.sources.demo.settings import DemoSettings, Ints
from branchwise.sources.demo.texts import Bytes, clock_digits

DUPLICATE_SHARE, BAD_TIME_SHARE, LATE_GRANT_SHARE = 0.001, 0.0004, 0.004
BAD_TIME = b"256199"
LATE_SECONDS = 25200.0
LATEST_REQUEST = 57600.0
QUICK_RESPONSE = 100.0


def dirty_rows(
    settings: DemoSettings, branch: Branch, postings: Postings, rows: Bytes
) -> tuple[Bytes, Ints, list[Planted]]:
    """Plant dirt in a branch's rows: copies, impossible times, authorisations hours late.

    Returns
    -------
    rows : array of uint8
        The bytes, copies behind their originals.
    day : array of int
        Number of each row's day.
    noted : list of Planted
        What was planted.
    """
    if not settings.is_dirty or not len(rows):
        return rows, postings.day, []
    chance = stream(settings.seed, "ledger dirt", branch.branch_id)
    dirty = rows.copy()
    drawn = chance.random((len(rows), 3)).T
    bad = np.flatnonzero(drawn[0] < BAD_TIME_SHARE)
    dirty[bad, _field("時間")] = np.frombuffer(BAD_TIME, dtype=np.uint8)
    late = np.flatnonzero(
        (drawn[1] < LATE_GRANT_SHARE)
        & (postings.requested < LATEST_REQUEST)
        & (branch.response_seconds < QUICK_RESPONSE)
        & (drawn[0] >= BAD_TIME_SHARE)
    )
    dirty[late, _field("授權完成")] = clock_digits(postings.requested[late] + LATE_SECONDS)
    is_copied = (drawn[2] < DUPLICATE_SHARE) & (drawn[0] >= BAD_TIME_SHARE)
    is_copied[late] = False
    index = np.repeat(np.arange(len(rows)), 1 + is_copied)
    copied = np.flatnonzero(is_copied)
    found = (
        (bad, "impossible_time", "posted_at", ("required", "type")),
        (late, "late_authorisation", "authorisation_seconds", ("outlier",)),
        (copied, "duplicate_exact", "", ("duplicate_exact",)),
    )
    key = _field("流水號")
    noted = [
        Planted(
            file=f"核心流水/CORE_{settings.calendar[int(postings.day[place])]:%Y%m%d}.txt",
            table="transaction",
            row_key=rows[place, key].tobytes().decode(),
            column=column,
            kind=kind,
            rules=rules,
        )
        for places, kind, column, rules in found
        for place in places.tolist()
    ]
    return dirty[index], postings.day[index], noted


def _field(name: str) -> slice:
    start = 0
    for found, width in LAYOUT:
        if found == name:
            break
        start += width
    return slice(start, start + dict(LAYOUT)[name])
