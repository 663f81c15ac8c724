"""What people call what a plan speaks of: measures of the twin, targets, quarters, options."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from branchwise.core.languages import Text
from branchwise.core.money import NAMES as CURRENCIES
from branchwise.core.units import decimal
from branchwise.measures.catalogue import catalogue
from branchwise.plan.applied import describes
from branchwise.plan.document import BranchPlan, Plan
from branchwise.plan.interventions import library
from branchwise.plan.proposal import Effect, Option
from branchwise.plan.why_not_words import TRADES, listed
from branchwise.report import numbers
from branchwise.report.phrases import later, plain, say
from branchwise.report.play import NAMES

MEASURES: Mapping[str, str] = {
    "plan.late_or_lost_per_month": later("Customers who wait too long or leave, a month"),
    "plan.late_per_month": later("Customers who wait too long, a month"),
    "plan.served_per_month": later("Customers served, a month"),
    "plan.waiting_hours_per_month": later("Hours that customers wait, a month"),
    "twin.balked_share": later("Turned round at the door, share"),
    "twin.machine_share": later("Services done at machines (diversion)"),
    "twin.busy_share": later("Utilisation, from call to end"),
    "twin.overtime_hours_per_month": later("Overtime, a month"),
    "twin.services_per_day": later("Services a day"),
    "twin.request_mean_seconds": later("From a request to its end, mean"),
}
CLASSES: Mapping[str, str] = {
    "ordinary": later("ordinary customers"),
    "elderly": later("customers of 60 and over"),
    "vip": later("VIP customers"),
    "corporate": later("corporate customers"),
    "self_service": later("customers at machines"),
    "self_service_elderly": later("customers of 60 and over at machines"),
}
PLACES: Mapping[str, str] = {
    **NAMES,
    "approver": later("authorisers"),
    "reviewer": later("remote reviewers"),
    "guide": later("lobby guides"),
    "assistant": later("lobby assistants"),
    "smart_counter_elderly": later("Smart counters, 60 and over"),
}
STANDINGS: Mapping[str, str] = {
    "trusted": later("trusted"),
    "waits_only": later("waits only"),
    "not_trusted": later("not trusted"),
    "not_validated": later("not validated"),
}
LIGHTS: Mapping[str, str] = {"trusted": "good", "waits_only": "fair"}
STEPS: Mapping[str, str] = {
    "decision": later("decided"),
    "procurement": later("procured"),
    "training": later("trained"),
    "go_live": later("at work"),
    "measured": later("verdict"),
}
BELIEVED = frozenset(LIGHTS)
DRAWN: Mapping[str, str] = {
    "type": later("of its own type"),
    "bank": later("of the whole bank"),
    "none": later("none"),
}
PERCENT = 100
COUNTED = frozenset({"count", "visit"})
WHOLE_FROM = 10
MARK = "\ue000"
FIRST_MARK = 0xE001


def measure_label(name: str) -> Text:
    """Return what people call a measure of the catalogue, of the twin alone or of a plan.

    Examples
    --------
    >>> measure_label("plan.late_per_month").zh_hant
    '每月久候人次'
    """
    if name in MEASURES:
        return say(MEASURES[name])
    return catalogue()[name].label if name in catalogue() else plain(name)


def place_label(code: str, services: Mapping[str, str] | None = None) -> Text:
    """Return what people call a station, queue or pool; several joined by ``+`` one by one.

    Parameters
    ----------
    code : str
        As in the scenario.
    services : mapping of str to str, optional
        Names of services by code.

    Examples
    --------
    >>> place_label("loan+wealth").en
    'Loans + Wealth management'
    """
    known = services or {}
    parts = [
        say(PLACES[part]) if part in PLACES else plain(known.get(part, part))
        for part in code.split("+")
    ]
    return listed(parts, " + ")


def class_label(code: str) -> Text:
    """Return what people call a class of customers."""
    return say(CLASSES[code]) if code in CLASSES else plain(code)


def standing_label(standing: str) -> Text:
    """Return what people call a verdict on a twin."""
    return say(STANDINGS[standing])


def light_of(standing: str) -> str:
    """Return the light of a verdict on a twin: ``good``, ``fair`` or ``poor``.

    Examples
    --------
    >>> light_of("waits_only"), light_of("not_validated")
    ('fair', 'poor')
    """
    return LIGHTS.get(standing, "poor")


def trade_label(trade: str) -> Text:
    """Return what people call a trade of delivery."""
    return TRADES.get(trade, plain(trade))


def step_label(step: str) -> Text:
    """Return what is done by a milestone."""
    return say(STEPS[step])


def intervention_label(option: Option) -> Text:
    """Return what people call what an option does; `described` tells its size."""
    return library()[option.intervention].label


def actions_label(options: Iterable[Option]) -> Text:
    """Return what is done together, one after the other."""
    return listed([intervention_label(option) for option in options], "; ")


def described(option: Option, services: Mapping[str, str] | None = None) -> tuple[Text, ...]:
    """Return what changes at the branch, with the names that people use for stations and services.

    Parameters
    ----------
    option : Option
        The option.
    services : mapping of str to str, optional
        Names of services by code.

    Examples
    --------
    >>> described(Option(option_id="", branch_id="", intervention="more_windows", amount=1.0,
    ...     target="teller", window=(600, 720), iso_weekdays=(1,), lever=""))[0].en
    'Windows open at Tellers: 1 more, 10:00–12:00, Mon.'
    """
    marks, settings = {MARK: place_label(option.target, services)}, {}
    for name, value in option.settings.items():
        kind, colon, code = name.partition(":")
        if not colon or kind not in {"queue", "service"}:
            settings[name] = value
            continue
        mark = chr(FIRST_MARK + len(marks))
        marks[mark] = place_label(code, services)
        settings[f"{kind}:{mark}"] = value
    marked = replace(option, target=MARK if option.target else "", settings=settings)
    return tuple(_named(text, marks) for text in describes(marked))


def _named(text: Text, marks: Mapping[str, Text]) -> Text:
    def written(words: str, read: Mapping[str, str]) -> str:
        for mark, name in read.items():
            words = words.replace(mark, name)
        return words

    return Text.written(
        lambda language: written(
            text.read_in(language),
            {mark: name.read_in(language) for mark, name in marks.items()},
        )
    )


def quarter_label(number: int) -> Text:
    """Return what people call a quarter of the plan, counted from 0.

    Examples
    --------
    >>> quarter_label(0).en, quarter_label(0).zh_hant
    ('quarter 1', '第1季')
    """
    return say("quarter {number}", number=number + 1)


def change(effect: Effect) -> Text:
    """Return a difference with its sign and its unit.

    Examples
    --------
    >>> change(Effect(measure="m", unit="s", baseline=60.0, value=30.0, difference=-30.0,
    ...     lower=-40.0, upper=-20.0)).en
    '−30 s'
    """
    return signed(effect.difference, effect.unit)


def signed(value: float | None, unit: str) -> Text:
    """Return a difference: its sign, a true minus, and of shares percentage points.

    Examples
    --------
    >>> signed(-0.107, "share").en, signed(1235.0, "visit").en, signed(0.0004, "s").en
    ('−10.7 pp', '+1,235', '0 s')
    """
    if value is None:
        return numbers.UNKNOWN
    size = size_of(abs(value), unit)
    sign = "" if not re.search("[1-9]", size.en) else "−" if value < 0 else "+"
    return Text.written(lambda language: f"{sign}{size.read_in(language)}")


def size_of(value: float, unit: str) -> Text:
    """Return the size of a difference without its sign; of shares percentage points.

    Examples
    --------
    >>> size_of(0.05, "share").en, size_of(30.0, "s").en
    ('5 pp', '30 s')
    """
    if unit == "share":
        return say("{number} pp", number=decimal(PERCENT * value, 1))
    if unit in COUNTED:
        return numbers.amount(value, 0 if value >= WHOLE_FROM else 1)
    return numbers.quantity(value, unit)


def cash(minor: int, currency: str) -> Text:
    """Return an amount given in minor units; nothing is 0, without a currency.

    Examples
    --------
    >>> cash(0, "CNY").en, cash(200_000, "CNY").zh_hant
    ('0', '2,000元')
    """
    return numbers.money(minor, currency) if minor else plain(0)


def span_of(effect: Effect) -> Text:
    """Return the 95 % interval of a difference."""
    if effect.lower is None or effect.upper is None:
        return numbers.UNKNOWN
    return say(
        "{low} to {high}",
        low=signed(effect.lower, effect.unit),
        high=signed(effect.upper, effect.unit),
    )


def currency_label(currency: str) -> Text:
    """Return what people call a currency in a heading: its code, in Chinese its name.

    Examples
    --------
    >>> currency_label("CNY").en, currency_label("TWD").zh_hant, currency_label("XAF").zh_hans
    ('CNY', '元', 'XAF')
    """
    if currency not in CURRENCIES:
        return plain(currency)
    _, zh_hant, zh_hans = CURRENCIES[currency]
    return Text(en=currency, zh_hant=zh_hant, zh_hans=zh_hans)


def branch_of(plan: Plan, branch_id: str) -> BranchPlan | None:
    """Return a branch of the plan, None where it was not asked for."""
    return next((branch for branch in plan.branches if branch.branch_id == branch_id), None)
