"""Laws of staffing that hold whatever the numbers."""

import math
from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from branchwise.optimise.example import formula_branch
from branchwise.optimise.model import Demand, Lunch, Slots
from branchwise.optimise.solvers.erlang import Queue, within
from branchwise.optimise.solvers.limits import breaks_possible, keeps_limits, within_limits
from branchwise.optimise.solvers.offered_load import offered_load
from branchwise.optimise.verify import Asked, verify

seconds = st.floats(1.0, 5000.0)
queues = st.builds(
    Queue,
    arrivals_per_second=st.floats(1e-4, 0.2),
    service_seconds=seconds,
    patience_seconds=st.one_of(seconds, st.just(math.inf)),
)


@given(queue=queues, servers=st.integers(0, 60), wait=st.floats(0.0, 2000.0))
@settings(max_examples=150, deadline=None)
def test_more_people_or_more_time_never_serve_fewer_in_time(queue, servers, wait):
    """Shares lie in 0 to 1, and grow with servers and with the time allowed."""
    share = within(queue, servers, wait)
    assert -1e-9 <= share <= 1 + 1e-9
    assert within(queue, servers + 1, wait) >= share - 1e-9
    assert within(queue, servers, wait + 10.0) >= share - 1e-9


@given(
    rates=st.lists(st.floats(0.0, 200.0), min_size=1, max_size=12),
    services=st.lists(st.floats(1.0, 4000.0), min_size=1, max_size=9),
)
@settings(max_examples=60, deadline=None)
def test_load_sums_to_the_work_that_came(rates, services):
    """The load integrated over all time is customers times mean service: no work is lost."""
    slots = Slots(first_second=0.0, count=len(rates))
    demand = Demand(name="q", rates_per_hour=tuple(rates), service_seconds=tuple(sorted(services)))
    end = slots.bounds[-1] + max(services)
    at = np.linspace(0.0, end, 4001)
    loads = offered_load(demand, slots, at)
    work = sum(rates) * slots.hours * np.mean(services)
    assert loads.min() >= -1e-9
    assert abs(np.trapezoid(loads, at) - work) <= 0.01 * work + 1e-6


@given(
    serving=st.lists(st.integers(0, 3), min_size=3, max_size=6),
    people=st.integers(1, 3),
    length=st.integers(1, 3),
)
@settings(max_examples=200, deadline=None)
def test_breaks_are_possible_just_when_some_order_of_them_is(serving, people, length):
    """The greedy check, the verifier's linear programme and trying every order agree."""
    count = len(serving)
    starts = range(count - length + 1)

    def fits(chosen):
        away = [sum(s <= slot < s + length for s in chosen) for slot in range(count)]
        return all(a + b <= people for a, b in zip(away, serving, strict=True))

    by_hand = any(fits(chosen) for chosen in product(starts, repeat=people))
    lunch = Lunch(first_slot=0, last_slot=count, length=length)
    there = np.full(count, people)
    if max(serving) <= people:
        assert breaks_possible(lunch, np.array(serving), there) == by_hand
    asked = Asked(
        least=[[0] * count], most=[[9] * count], present=[people] * count, share=0.5,
        break_window=(0, count), break_slots=length,
    )  # fmt: skip
    assert (verify([serving], asked) == ()) == by_hand


@given(
    plan=st.lists(st.integers(0, 20), min_size=10, max_size=10),
    most=st.integers(1, 9),
    people=st.integers(2, 9),
)
@settings(max_examples=60, deadline=None)
def test_any_plan_is_brought_within_its_limits(plan, most, people):
    """What comes out keeps every limit, and a plan that kept them is not touched."""
    problem = formula_branch(most=most, people=people)
    found = within_limits(problem, np.array([plan]))
    assert keeps_limits(problem, found)
    assert (within_limits(problem, found) == found).all()
