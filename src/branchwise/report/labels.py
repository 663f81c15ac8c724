"""What people call the coded values of the tables."""

from __future__ import annotations

from branchwise.cleaning.rules import rule_texts
from branchwise.core.languages import Text
from branchwise.report.phrases import later, plain, say

BRANCH_TYPES = {
    "flagship": later("flagship"),
    "comprehensive": later("comprehensive"),
    "light": later("light"),
    "community": later("community"),
    "county": later("county"),
    "contact_centre": later("contact centre"),
    "other": later("other type"),
}
DEVICE_KINDS = {
    "smart_counter": later("smart counters"),
    "atm": later("ATMs"),
    "cash_recycler": later("cash recyclers"),
    "ticket_machine": later("ticket machines"),
    "passbook_printer": later("passbook printers"),
    "kiosk": later("kiosks"),
    "other": later("other devices"),
}
COUNTER_KINDS = {
    "high": later("high counters (cash)"),
    "low": later("low counters"),
    "corporate": later("corporate counters"),
    "counter": later("counters"),
}
BUSINESS_LINES = {
    "personal": later("personal"),
    "corporate": later("corporate"),
    "all": later("all business"),
}
SYSTEMS = {
    "queue_machine": later("queue machine"),
    "core_banking": later("core banking"),
    "device_monitor": later("device monitor"),
    "smart_counter": later("smart-counter sessions"),
    "attendance": later("attendance"),
    "crm": later("CRM"),
    "complaints": later("complaints"),
    "survey": later("survey"),
    "reference": later("reference data"),
    "call_log": later("call log"),
    "other": later("other source"),
}
GOAL_NAMES = {
    "efficiency": later("Efficiency"),
    "experience": later("Experience"),
    "cost": later("Cost"),
    "growth": later("Growth"),
}
TRUST_LEVELS = {
    "good": later("can be trusted"),
    "fair": later("usable with care"),
    "poor": later("not to be trusted yet"),
}
ACTIONS = {
    "set_null": later("emptied"),
    "filled": later("filled in"),
    "shifted": later("shifted"),
    "removed": later("removed"),
    "replaced": later("replaced"),
    "flagged": later("flagged"),
}
WEEKDAYS = (
    later("Monday"),
    later("Tuesday"),
    later("Wednesday"),
    later("Thursday"),
    later("Friday"),
    later("Saturday"),
    later("Sunday"),
)


def label(names: dict[str, str], value: str) -> Text:
    """Return what people call a value; an unknown value is shown as it is.

    Examples
    --------
    >>> label(DEVICE_KINDS, "atm").en, label(DEVICE_KINDS, "robot").zh_hant
    ('ATMs', 'robot')
    """
    return say(names[value]) if value in names else plain(value)


def weekday(number: int) -> Text:
    """Return the name of a weekday, 1 for Monday.

    Examples
    --------
    >>> weekday(7).en
    'Sunday'
    """
    return say(WEEKDAYS[number - 1])


def rule_name(rule: str) -> Text:
    """Return what people call a rule of cleaning.

    Examples
    --------
    >>> rule_name("empty_call").zh_hant
    '疑似空叫'
    """
    texts = rule_texts()
    return texts[rule].name if rule in texts else plain(rule)


def rule_explanation(rule: str) -> Text | None:
    """Return what a rule of cleaning does; None for one that is not known."""
    texts = rule_texts()
    return texts[rule].explanation if rule in texts else None
