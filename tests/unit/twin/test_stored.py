"""Estimates as a file: nothing is lost, nothing is guessed at."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass, replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from branchwise.core.errors import BranchwiseError
from branchwise.twin.calibrate.classes import Kind, Scheme
from branchwise.twin.calibrate.model import (
    Asking,
    Breakdowns,
    DayFactor,
    Duty,
    Estimates,
    Group,
    Hours,
    OnCall,
    Patience,
    Post,
    Rates,
    ServiceTime,
    Speed,
    Task,
    Way,
)
from branchwise.twin.calibrate.stored import (
    FORMAT,
    estimates_text,
    load_estimates,
    read_estimates,
)
from branchwise.twin.calibrate.uncertainty import perturbed_estimates
from branchwise.twin.laws import (
    Constant,
    Empirical,
    Exponential,
    Gamma,
    Lognormal,
    Survival,
    Uniform,
    Weibull,
)
from branchwise.twin.scenario import Step


def estimates(number=1 / 3):
    """Return estimates in which every part and every law occurs."""
    chance = np.random.default_rng(3)
    rates = Rates(
        per_hour=chance.gamma(2.0, size=(2, 8, 96)),
        shape_error=chance.random((2, 8, 96)),
        level_error=chance.random((2, 8)),
        overdispersion=number,
        overdispersion_error=0.1,
        degrees=7,
        week_variance=chance.random(2),
        factors=(
            DayFactor(kind="day_of_month:15", factor=1.3, lower=1.1, upper=1.5, count_days=9),
        ),
    )
    patience = Survival(times=(10.0, 90.0), surviving=(0.9, 0.4))
    group = Group(
        name="長者", priority=1, is_elderly=True, mix={"z": 3, "a": 2},
        patience=Patience(law=patience, scale_error=0.2), turned_round=(1, 40), pace=number,
    )  # fmt: skip
    plain = replace(group, name='with "quotes"\n', patience=Patience(law=None), mix={"a": 1})
    task = Task(
        name="a", queue="q", service_id=None, count=9,
        times=(
            ServiceTime(law=Lognormal(mean=100.0, cv=number), error=0.1),
            ServiceTime(law=Gamma(mean=90.0, cv=0.4), error=0.2, customer_class="長者"),
        ),
        ways=(Way(to="z", count=1, is_failure=True, seconds=4.5),),
        asking=(
            Asking(pool="p", count=2, at=0.5, hold=Uniform(low=1.0, high=2.0), hold_error=0.3),
        ),
    )  # fmt: skip
    other = replace(
        task,
        times=(ServiceTime(law=Empirical(quantiles=(1.0, 2.5, 9.0)), error=0.0),),
        asking=(),
    )
    post = Post(
        name="s", kind="counter", queues=("q",), crew="q", speed=Speed(value=number, count_days=4),
        on_call=OnCall(waiting=5, further=3, delay=Exponential(mean=60.0), delay_error=0.1),
    )  # fmt: skip
    machine = Post(
        name="m", kind="smart_counter", queues=("m",), members=("D1", "D2"),
        breakdowns=Breakdowns(
            between=Weibull(shape=1.0, scale=9e5), between_error=0.2, repair=Constant(value=600.0),
            repair_error=0.1,
        ),
    )  # fmt: skip
    duty = Duty(
        on=date(2026, 3, 2),
        open={"s": (Step(at_second=32400.0, count=2), Step(at_second=61200.0, count=0))},
        limit={"s": (Step(at_second=32400.0, count=3),)},
        pools={"approver": 2},
    )
    return Estimates(
        branch_id="00317",
        hours={1: Hours(opens=32400.0, closes=61200.0, ends=61800.0, lunch=(43200.0, 46800.0)),
               0: Hours(opens=32400.0, closes=61200.0, ends=number)},
        groups=(group, plain),
        tasks=(task, other),
        posts=(post, machine),
        rates=rates,
        duties=(duty, replace(duty, on=date(2026, 3, 3), pools={})),
        scheme=Scheme(
            kinds=(Kind(name="長者", is_elderly=True), Kind(name="b")),
            by_key={("personal", 1, True): 0, ("corporate", 0, False): 1},
            by_service={(0, "1001"): 1},
            is_ranked=False,
        ),
        delays={"elsewhere": Constant(value=30.0)},
        day_pace=0.05,
        standard_seconds=480.0,
    )  # fmt: skip


def same(one, other):
    """Say whether two values are the same through and through, the order of mappings too."""
    if is_dataclass(one):
        return type(one) is type(other) and all(
            same(getattr(one, each.name), getattr(other, each.name)) for each in fields(one)
        )
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and bool((one == other).all())
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other


@settings(deadline=None)
@given(number=st.floats(min_value=1e-300, max_value=1e300))
def test_nothing_is_lost(number):
    """What is read is what was written, to the last bit, and is written alike again."""
    written = estimates_text(estimates(number))
    found = read_estimates(written)
    assert same(found, estimates(number))
    assert not same(found, estimates(number * 1.5))
    assert estimates_text(found) == written


def test_the_same_draws():
    """A draw of parameters is the same from the file as from the calibration."""
    found = read_estimates(estimates_text(estimates()))
    assert same(perturbed_estimates(found, 3, 1), perturbed_estimates(estimates(), 3, 1))


def test_people_can_compare_it():
    """A class, a station or a day of duty is one line, and each hour of rates starts none anew."""
    lines = estimates_text(estimates()).splitlines()
    assert sum(line.startswith('{"on": "2026-03-0') for line in lines) == 2
    assert len(lines) < 100
    assert json.loads(estimates_text(estimates()))["format"] == FORMAT


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda text: text[:-50], "BW-TWN-030"),
        (lambda text: text.replace('"format": 1', '"format": 99'), "BW-TWN-031"),
        (lambda text: text.replace('"day_pace": 0.05,', ""), "BW-TWN-032"),
        (lambda text: text.replace('"day_pace"', '"pace": 1,\n"day_pace"'), "BW-TWN-033"),
        (lambda text: text.replace('"degrees": 7', '"degrees": 7.5'), "BW-TWN-034"),
        (lambda text: text.replace('"law": "uniform"', '"law": "cauchy"'), "BW-TWN-035"),
    ],
)
def test_a_damaged_file_is_refused(change, code, tmp_path):
    """Half a file, a newer form, keys and values that do not belong there."""
    path = tmp_path / "estimates.json"
    path.write_text(change(estimates_text(estimates())), encoding="utf-8")
    with pytest.raises(BranchwiseError) as refused:
        load_estimates(path)
    assert refused.value.problems[0].code == code
    assert refused.value.problems[0].where.place == str(path)
