"""The kernel and the event list of this folder live through the same days, customer by customer."""

from __future__ import annotations

import math

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.oracle.twin.paths import Told, by_event_list, by_kernel
from tests.oracle.twin.scenarios import scenarios

CLOSE = 1e-6


def same(one: object, other: object) -> bool:
    """Return whether two fields are the same: numbers to a millionth of a second."""
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) < CLOSE or (math.isnan(one) and math.isnan(other))
    return one == other


def first_difference(one: Told, other: Told) -> str:
    """Return the first row that is told differently, in words."""
    for what in ("persons", "visits"):
        rows, others = getattr(one, what), getattr(other, what)
        for row, another in zip(rows, others, strict=False):
            differing = [
                name for name, a, b in zip(row._fields, row, another, strict=True) if not same(a, b)
            ]
            if differing:
                return f"{what}: {differing}\nkernel     {row}\nevent list {another}"
        if len(rows) != len(others):
            return f"{len(rows)} {what} in the kernel, {len(others)} in the event list"
    return ""


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(scenarios(), st.integers(0, 2**31), st.integers(0, 1000))
def test_the_same_path_customer_by_customer(scenario, seed, replication):
    """Whatever a scenario uses, both tell the same of every customer and every step."""
    kernel = by_kernel(scenario, seed, replication)
    events = by_event_list(scenario, seed, replication)
    assert first_difference(kernel, events) == ""
