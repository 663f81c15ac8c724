"""The draws of a simulated day in plain Python: hashes of whole numbers, quantiles of a row."""

from __future__ import annotations

import hashlib
import math
from bisect import bisect_right
from functools import cache

from branchwise.twin.kernel.tables import quantile_row, shares_of_nodes
from branchwise.twin.laws import Exponential, Gamma, Law, Survival
from branchwise.twin.scenario import CustomerClass, Scenario

BITS = 2**64 - 1
GOLDEN = 0x9E3779B97F4A7C15
CELLS = 512


def word(*names: str | int) -> int:
    """Return the number that stands for a purpose."""
    text = "\x1f".join(map(str, names)).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little")


def mixed(number: int) -> int:
    """Return the hash of a number modulo 2**64."""
    number &= BITS
    number = (number ^ number >> 30) * 0xBF58476D1CE4E5B9 & BITS
    number = (number ^ number >> 27) * 0x94D049BB133111EB & BITS
    return number ^ number >> 31


def numbered(key: int, number: int) -> int:
    """Return the key of the n-th of what a key stands for."""
    return mixed(key + number * GOLDEN)


def uniform(key: int, purpose: int, turn: int = 0) -> float:
    """Return a number in [0, 1) for a purpose, the n-th time."""
    return (mixed(key + purpose + turn * GOLDEN) >> 11) / 2**53


@cache
def curve(law: Law) -> tuple[list[float], list[float]]:
    """Return shares and values of a law's quantile curve, one rising list each."""
    shares, row = shares_of_nodes().tolist(), quantile_row(law).tolist()
    kept: list[int] = []
    for level in range(3):
        first = level * (CELLS + 1)
        kept += range(first, first + CELLS + (level == 2))
    return [shares[place] for place in kept], [row[place] for place in kept]


@cache
def row_of(law: Law) -> list[float]:
    """Return the row of a law in the table of quantiles."""
    return quantile_row(law).tolist()


def quantile(law: Law, share: float) -> float:
    """Return the value that a share of the finite draws does not exceed."""
    row, first, place = row_of(law), 0, share * CELLS
    for _ in range(2):
        if place >= CELLS - 1:
            first += CELLS + 1
            place = (place - (CELLS - 1)) * CELLS
        else:
            break
    cell = math.floor(place)
    low, high = row[first + cell], row[first + cell + 1]
    return low + (high - low) * (place - cell)


def share_below(law: Law, value: float) -> float:
    """Return the share of the finite draws that do not exceed a value."""
    shares, values = curve(law)
    place = bisect_right(values, value)
    if place == 0:
        return 0.0
    if place == len(values):
        return 1.0
    low, high = values[place - 1], values[place]
    part = (value - low) / (high - low)
    return shares[place - 1] + part * (shares[place] - shares[place - 1])


def finite_share(law: Law) -> float:
    """Return the share of draws that come to an end."""
    return 1 - law.surviving[-1] if isinstance(law, Survival) else 1.0


def value_or_never(law: Law, share: float) -> float:
    """Return the quantile at a share of all draws, infinite beyond those that end."""
    ending = finite_share(law)
    return math.inf if share >= ending else quantile(law, share / ending)


def beyond(law: Law, passed: float, share: float) -> float:
    """Return a draw of those that exceed what has passed, or that, where hardly any does."""
    below = min(share_below(law, passed), 1 - 2**-30) * finite_share(law)
    return max(passed, value_or_never(law, min(below + share * (1 - below), 1 - 2**-53)))


def day_key(seed: int, replication: int) -> int:
    """Return the key of a day."""
    return numbered(word("seed", seed), replication)


def day_factor(scenario: Scenario, key: int) -> float:
    """Return what the rates of a day are multiplied by."""
    if scenario.day_shape is None:
        return 1.0
    law = Gamma(mean=1.0, cv=1 / math.sqrt(scenario.day_shape))
    return quantile(law, uniform(key, word("day")))


def poisson_times(
    scenario: Scenario, customer_class: CustomerClass, key: int, factor: float
) -> list[tuple[float, int]]:
    """Return times and keys of the customers of a class: unit gaps through the rates' integral."""
    slots = [rate * scenario.slot_seconds / 3600 * factor for rate in customer_class.rates_per_hour]
    found: list[tuple[float, int]] = []
    class_key, unit = mixed(key + word("class", customer_class.name)), Exponential(mean=1.0)
    slot, before, wanted = 0, 0.0, 0.0
    while True:
        own_key = numbered(class_key, len(found))
        wanted += quantile(unit, uniform(own_key, word("gap")))
        while slot < len(slots) and before + slots[slot] <= wanted:
            before += slots[slot]
            slot += 1
        if slot == len(slots):
            return found
        part = slot + (wanted - before) / slots[slot]
        found.append((scenario.rates_start_second + part * scenario.slot_seconds, own_key))
