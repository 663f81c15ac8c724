"""Chance as a function of names: every draw is a hash, so nothing depends on who computes when.

A day has a key, made from the seed and the number of the replication; a customer has a key, made
from the day's, the class and the number within it; a draw is a hash of a key and of a *word* for
what it is for (this activity's service, that queue's patience). Scenarios that differ in their
servers, rules or laws therefore meet the same customers with the same luck, and any day can be
lived through again alone.

The hash is the finaliser of SplitMix64 (Steele, Lea and Flood 2014, doi:10.1145/2660193.2660195).
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np

from branchwise.twin.kernel.options import inline
from branchwise.twin.kernel.records import one

STRIDE = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
_UNIT = 2.0**-53

CELLS = 512
"""Cells of a level of a quantile table; the last cell is refined by the next level."""
LEVELS = 3
ROW = LEVELS * (CELLS + 1)


@lru_cache(maxsize=4096)
def word(*names: str | int) -> np.uint64:
    """Return the 64-bit word of what a draw is for.

    Examples
    --------
    >>> bool(word("service", "cash") != word("patience", "cash"))
    True
    """
    text = "\x1f".join(str(name) for name in names).encode()
    return np.uint64(int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little"))


GAP, MIX, BALK, TICKET = word("gap"), word("mix"), word("balk"), word("ticket")
DAY, NO_SHOW, LATENESS = word("day"), word("no_show"), word("lateness")
UP_OR_DOWN, FAILURE, REPAIR, COMING = (
    word("up or down"), word("failure"), word("repair"), word("coming"),
)  # fmt: skip


@inline
def mixed(number: np.uint64) -> np.uint64:
    """Return the hash of a 64-bit number."""
    number = (number ^ (number >> _S30)) * _FIRST
    number = (number ^ (number >> _S27)) * _SECOND
    return number ^ (number >> _S31)


@inline
def numbered(key: np.uint64, number: int) -> np.uint64:
    """Return the key of the n-th member of what a key stands for."""
    return mixed(key + np.uint64(number) * STRIDE)


@inline
def uniform(key: np.uint64, purpose: np.uint64) -> float:
    """Return a number from 0 up to but not including 1."""
    return (mixed(key + purpose) >> _S11) * _UNIT


@inline
def quantile(table: np.ndarray, law: int, share: float) -> float:
    """Return the quantile of a law at a share, from its row of the table.

    Straight between the nodes of 512 even cells; within the last cell between those of 512 finer
    ones, and once more: the tail is followed to 1 - 512**-3.
    """
    start = law * ROW
    place = share * CELLS
    cell = int(place)
    for _ in range(LEVELS - 1):
        if cell < CELLS - 1:
            break
        start += CELLS + 1
        place = (place - (CELLS - 1)) * CELLS
        cell = int(place)
    low = one(table, start + cell)
    return low + (one(table, start + cell + 1) - low) * (place - cell)


def seed_key(seed: int) -> np.uint64:
    """Return the key of a seed.

    Examples
    --------
    >>> bool(seed_key(1) != seed_key(2))
    True
    """
    return word("seed", seed)


def day_key(seed: int, replication: int) -> np.uint64:
    """Return the key of a day, as the kernel finds it: ``numbered(seed_key(seed), replication)``.

    Examples
    --------
    >>> bool(day_key(1, 0) != day_key(1, 1))
    True
    """
    limit = 2**64 - 1
    number = (int(seed_key(seed)) + replication * int(STRIDE)) & limit
    number = ((number ^ (number >> 30)) * int(_FIRST)) & limit
    number = ((number ^ (number >> 27)) * int(_SECOND)) & limit
    return np.uint64(number ^ (number >> 31))
