"""Whatever options a branch carries out, customers are kept and the branch can be simulated."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from branchwise.plan.applied import apply_all
from branchwise.plan.branch_facts import BranchFacts, facts_of
from branchwise.plan.interventions import library
from branchwise.plan.model import Finding
from branchwise.plan.options import options_of
from branchwise.tables.assumptions import default_assumptions
from branchwise.twin.checks import require_sound
from branchwise.twin.example import corner_branch
from branchwise.twin.run import simulate

THEMES = ("waiting", "devices", "authorisation", "migration", "elderly")
MEASURES = {
    "waiting": "queues.wait_p90_seconds",
    "devices": "devices.availability_share",
    "authorisation": "queues.authorisation_mean_seconds",
    "migration": "channels.diversion_ratio",
    "elderly": "queues.elderly_wait_mean_seconds",
}


def _facts() -> BranchFacts:
    scenario = corner_branch()
    cash, machine = scenario.activities
    scenario = replace(scenario, activities=(replace(cash, service_id="cash"), machine))
    return facts_of("corner", scenario, migratable=frozenset({"cash"}))


def _finding(theme: str) -> Finding:
    return Finding(
        finding_id=theme, branch_id="corner", measure=MEASURES[theme], theme=theme,
        kind="standard", value=2.0, lower=None, upper=None, reference=1.0, count_rows=9,
        worse_ratio=2.0, severity="high", p_value=None, q_value=None,
    )  # fmt: skip


FACTS = _facts()
OPTIONS = options_of(
    FACTS, [_finding(theme) for theme in THEMES], library(), default_assumptions(), most=99
)


def _customers(scenario) -> float:
    rates = sum(sum(kind.rates_per_hour) for kind in scenario.classes) * scenario.slot_seconds
    return rates / 3600 + sum(1 - one.no_show for one in scenario.appointments)


@settings(max_examples=60, deadline=None)
@given(
    chosen=st.lists(st.sampled_from(OPTIONS), max_size=4, unique_by=lambda one: one.lever),
    factor=st.floats(0.2, 3.0),
    pace=st.floats(0.5, 2.0),
)
def test_packages_keep_customers_and_a_sound_branch(chosen, factor, pace):
    """Of any compatible options, on a branch of other rates and paces of the same names."""
    perturbed = replace(
        FACTS.scenario,
        classes=tuple(
            replace(
                kind, pace=kind.pace * pace,
                rates_per_hour=tuple(rate * factor for rate in kind.rates_per_hour),
            )
            for kind in FACTS.scenario.classes
        ),
    )  # fmt: skip
    after = apply_all(chosen, perturbed)
    require_sound(after)
    assert _customers(after) == pytest.approx(_customers(perturbed))
    assert apply_all(reversed(chosen), perturbed) == after
    assert simulate(after, replications=1, seed=1).by_class["customers"].sum() >= 0


@settings(max_examples=20, deadline=None)
@given(one=st.sampled_from([one for one in OPTIONS if one.intervention == "more_windows"]))
def test_hours_added_are_those_of_the_changed_branch(one):
    """Windows more: the hours promised are the hours by which the plan of duty grew."""
    after = apply_all([one], FACTS.scenario)
    grown = 0.0
    seconds = np.arange(FACTS.scenario.opens_second, FACTS.scenario.closes_second, 60.0)
    for old, new in zip(FACTS.scenario.stations, after.stations, strict=True):
        for second in seconds:
            held = [
                next((step.count for step in reversed(plan) if step.at_second <= second), 0)
                for plan in (old.open, new.open)
            ]
            grown += (held[1] - held[0]) / 60
    assert sum(one.quantities.hours_added.values()) == pytest.approx(5 * grown)


def test_the_options_are_the_same_every_time():
    """Same facts and findings, same options to the last digit, whatever the order of findings."""
    findings = [_finding(theme) for theme in reversed(THEMES)]
    assert options_of(_facts(), findings, library(), default_assumptions(), most=99) == OPTIONS
