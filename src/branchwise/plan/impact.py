"""Whom a difference touches and what it costs a month, by mechanisms declared as data."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from branchwise.core.languages import Text
from branchwise.tables.assumptions import Assumptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How the impact of a group of measures is reckoned; see ``impact.toml``.

    Attributes
    ----------
    measures : tuple of str
        Patterns of measure names.
    base, money_base : str
        Monthly volume for customers and for money.
    affected : {"excess", "all", "tail", "none"}
        Which part of the base is affected.
    tail, per : float
        Factor and divisor of the quantity.
    mechanism : str or None
        Name of the money mechanism.
    plus, minus : tuple of str
        Assumptions that make the price, in units of the currency.
    amount : bool
        The difference itself is an amount, in units of the currency.
    """

    measures: tuple[str, ...]
    base: str
    money_base: str
    affected: Literal["excess", "all", "tail", "none"]
    tail: float = 1.0
    per: float = 1.0
    mechanism: str | None = None
    plus: tuple[str, ...] = ()
    minus: tuple[str, ...] = ()
    amount: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """Customers and money a month.

    Attributes
    ----------
    customers_affected : float
        Visits or transactions a month.
    money_minor : int or None
        Minor units a month; None where no mechanism is honest.
    mechanism : str or None
        The mechanism, where there is money.
    """

    customers_affected: float
    money_minor: int | None
    mechanism: str | None


def impact_of(
    measure: str,
    value: float,
    reference: float,
    volumes: Mapping[str, float],
    assumptions: Assumptions,
) -> Impact:
    """Reckon what a difference means in customers and money a month.

    Parameters
    ----------
    measure : str
        Name of the measure.
    value, reference : float
        In the measure's unit.
    volumes : mapping of str to float
        Monthly volumes of the branch by base (``impact.toml``); an absent one counts as 0.
    assumptions : Assumptions
        Prices; a price of 0 means that the bank has set none.

    Examples
    --------
    >>> from branchwise.tables.assumptions import default_assumptions
    >>> impact_of("devices.availability_share", 0.9, 0.98, {"machine_uses": 5000},
    ...           default_assumptions())
    Impact(customers_affected=400.0, money_minor=200000, mechanism='device_downtime')
    """
    rule = rule_of(measure)
    excess = abs(value - reference)
    base = volumes.get(rule.base, 0.0)
    customers = {
        "all": base,
        "tail": base * rule.tail,
        "none": 0.0,
        "excess": min(excess * base / rule.per, base),
    }[rule.affected]
    quantity = excess * volumes.get(rule.money_base, 0.0) * rule.tail / rule.per
    minor = _money(rule, quantity, assumptions)
    return Impact(
        customers_affected=round(customers, 3),
        money_minor=minor,
        mechanism=rule.mechanism if minor is not None else None,
    )


def rule_of(measure: str) -> Rule:
    """Return the rule that takes a measure.

    Examples
    --------
    >>> rule_of("queues.abandoned_share").mechanism
    'abandoned_margin'
    """
    return next(
        rule for rule in _rules() if any(fnmatchcase(measure, pattern) for pattern in rule.measures)
    )


@cache
def mechanisms() -> Mapping[str, Text]:
    """Return what each money mechanism means, by name."""
    return {name: Text.parse(entry["label"]) for name, entry in _declared()["mechanism"].items()}


def _money(rule: Rule, quantity: float, assumptions: Assumptions) -> int | None:
    if rule.mechanism is None or quantity == 0:
        return None
    price = sum(assumptions.value(name) for name in rule.plus)
    price -= sum(assumptions.value(name) for name in rule.minus)
    price += float(rule.amount)
    if price <= 0:
        return None
    return round(quantity * price * assumptions.minor_units)


@cache
def _declared() -> dict[str, Any]:
    text = files("branchwise.plan").joinpath("impact.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def _rules() -> tuple[Rule, ...]:
    rules = []
    for entry in _declared()["impact"]:
        listed = {name: tuple(entry.get(name, ())) for name in ("measures", "plus", "minus")}
        money_base = entry.get("money_base", entry["base"])
        rules.append(Rule(**{**entry, **listed, "money_base": money_base}))
    return tuple(rules)
