"""Severity, themes and impact: the rules as they are written."""

from __future__ import annotations

from dataclasses import replace

import pytest

from branchwise.measures.catalogue import catalogue
from branchwise.plan.impact import impact_of, mechanisms, rule_of
from branchwise.plan.model import Settings
from branchwise.plan.severity import severity_of, worse_ratio
from branchwise.plan.themes import theme_of, themes
from branchwise.tables.assumptions import default_assumptions

VOLUMES = {
    "visits": 6000.0,
    "late_visits": 900.0,
    "machine_uses": 5000.0,
    "authorised": 1200.0,
    "counter_transactions": 4000.0,
    "transactions": 20_000.0,
}


@pytest.mark.parametrize(
    ("value", "reference", "direction", "unit", "ratio"),
    [
        (900.0, 600.0, "lower", "s", 1.5),
        (0.95, 0.99, "higher", "share", 5.0),
        (0.2, 0.4, "higher", "share", 2.0),
        (10.0, 30.0, "higher", "point", 1.2),
        (-20.0, 30.0, "higher", "point", 1.5),
        (0.0, 0.0, "lower", "share", 1.0),
        (0.1, 0.0, "lower", "share", 1000.0),
        (5.0, 1.0, "none", "s", 1.0),
    ],
)
def test_worse_ratio(value, reference, direction, unit, ratio):
    """How many times worse a value is, for times, shares, scores and the ends of the range."""
    found = worse_ratio(value, reference, direction=direction, unit=unit)
    assert found == pytest.approx(ratio)


@pytest.mark.parametrize(
    ("ratio", "q", "severity"),
    [
        (1.6, 0.001, "high"),
        (1.6, 0.02, "medium"),
        (1.3, 0.001, "medium"),
        (1.1, 0.04, "low"),
        (1.6, 0.06, None),
        (1.01, 0.0, None),
        (1.6, None, "high"),
    ],
)
def test_severity(ratio, q, severity):
    """The grades as stated; a count of everything is graded by its ratio alone."""
    assert severity_of(ratio, q, Settings()) == severity


def test_every_measure_has_a_theme_of_its_own():
    """No measure of the catalogue falls under 'other', and every theme but that one is used."""
    used = {theme_of(name).name for name in catalogue()}
    assert [name for name in catalogue() if theme_of(name).name == "other"] == ["queues.visits"]
    assert used == {theme.name for theme in themes()}


def test_money_names_declared_mechanisms_and_assumptions():
    """Every mechanism used has its words, every price its assumption."""
    for name in catalogue():
        rule = rule_of(name)
        assert rule.mechanism is None or rule.mechanism in mechanisms()
        for price in (*rule.plus, *rule.minus):
            assert default_assumptions().value(price) >= 0


@pytest.mark.parametrize(
    ("measure", "value", "reference", "customers", "minor"),
    [
        ("queues.abandoned_share", 0.12, 0.05, 420.0, None),
        ("queues.wait_p90_seconds", 900.0, 600.0, 900.0, None),
        ("devices.availability_share", 0.9, 0.98, 400.0, 400 * 500),
        ("queues.authorisation_mean_seconds", 240.0, 60.0, 1200.0, 60 * 250 * 100),
        ("customers.complaints_per_10000_visits", 12.0, 2.0, 6.0, 6 * 15_000),
        ("economics.cost_per_visit", 31.5, 30.0, 0.0, 6000 * 150),
    ],
)
def test_impact_by_hand(measure, value, reference, customers, minor):
    """Customers and money a month as reckoned by hand; waiting has no price unless one is set."""
    found = impact_of(measure, value, reference, VOLUMES, default_assumptions())
    assert found.customers_affected == pytest.approx(customers)
    assert found.money_minor == (None if minor is None else pytest.approx(minor, abs=1))


@pytest.mark.parametrize(("currency", "minor"), [("JPY", 1), ("CNY", 100), ("KWD", 1000)])
def test_money_is_in_the_minor_units_of_its_currency(currency, minor):
    """The same prices give the same amount, in as many minor units as the currency has."""
    assumptions = replace(default_assumptions(), currency=currency)
    found = impact_of("devices.availability_share", 0.9, 0.98, VOLUMES, assumptions)
    assert found.money_minor == 2000 * minor
