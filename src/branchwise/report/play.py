"""One simulated day as a page that plays it on the floor plan; pure, and without any request."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from markupsafe import Markup

from branchwise.core.languages import LANGUAGES, Language, Text
from branchwise.report import numbers
from branchwise.report.phrases import later, plain, say
from branchwise.report.play_strips import Strips
from branchwise.report.templating import environment, template_text
from branchwise.report.wording import Wording, script_safe
from branchwise.twin.frames import Frames

NAMES: Mapping[str, str] = {
    "ordinary": later("Ordinary"),
    "elderly": later("60 and over"),
    "vip": later("VIP"),
    "corporate": later("Corporate"),
    "counter": later("Counter"),
    "teller": later("Tellers"),
    "vip_desk": later("VIP desk"),
    "corporate_desk": later("Corporate desk"),
    "cash": later("Cash"),
    "machine": later("Machine"),
    "smart_counter": later("Smart counters"),
    "atm": later("Cash machines"),
    "advice": later("Advice"),
    "lobby": later("Lobby"),
    "call": later("Calls"),
    "foreign_exchange": later("Foreign exchange"),
    "loan": later("Loans"),
    "wealth": later("Wealth management"),
    "self_service": later("Self-service"),
    "self_service_elderly": later("Self-service, 60 and over"),
}
ZONES: Mapping[str, str] = {
    "entrance": later("Entrance"),
    "guide": later("Guide"),
    "waiting": later("Waiting area"),
    "cash_counter": later("Cash counters"),
    "low_counter": later("Low counters"),
    "corporate": later("Corporate"),
    "self_service": later("Self-service"),
    "smart_counter": later("Smart counters"),
    "vip": later("VIP"),
    "advice": later("Advice"),
    "back_office": later("Back office"),
}
WORDS: Mapping[str, str] = {
    "minutes": later("{n} min"),
    "moment": later("{clock}: {waiting} waiting, {served} being served"),
    "elderly": later("60 and over"),
    "tickets": later("Tickets"),
}
SPEEDS = (1, 10, 30, 60, 120, 240)
COLUMNS: tuple[tuple[str, str], ...] = (
    ("customers", later("Customers")),
    ("served", later("Served")),
    ("abandoned", later("Gave up waiting")),
    ("balked", later("Turned round at the door")),
    ("sent_away", later("Sent away at closing")),
    ("wait_mean", later("Mean wait")),
    ("wait_p90", later("P90 wait of the served")),
    ("wait_longest", later("Longest wait")),
    ("within_standard", later("Within the standard")),
)


def play_page(
    frames: Frames,
    *,
    title: str,
    language: Language = "en",
    day: date | None = None,
    names: Mapping[str, Text] | None = None,
    roc_years: bool = False,
) -> str:
    """Return a page that plays one simulated day.

    Parameters
    ----------
    frames : Frames
        The day, from `twin.frames`.
    title : str
        Name of the branch.
    language : {"en", "zh-Hant", "zh-Hans"}
        The language in which the page opens; the reader can change it.
    day : date, optional
        The date that the day stands for.
    names : mapping of str to Text, optional
        What to call classes, queues, activities and stations; usual names are known, any other
        is shown as it is in the scenario.
    roc_years : bool
        Whether Chinese texts count years as Taiwan does.

    Returns
    -------
    str
        HTML that makes no request: styles, script, texts and the day are inside.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> from branchwise.twin.frames import frames
    >>> from branchwise.twin.trace import trace
    >>> page = play_page(frames(trace(corner_branch(), seed=1)), title="Corner")
    >>> page.count("<canvas")
    1
    """
    wording = Wording(language)
    called = _Names(names or {})
    trusted = {
        "style": template_text("page.css") + template_text("play.css"),
        "script": template_text("play.js"),
        "words": script_safe(words_of(frames, called)),
        "data": script_safe(frames),
    }
    context: dict[str, Any] = {
        "_": lambda message, **values: wording.span(say(message, **values)),
        "t": wording.span,
        "say": say,
        "attributes": wording.attributes,
        "texts": lambda: Markup(wording.as_json()),  # noqa: S704 - made here
        "language": language,
        "title": title,
        "frames": frames,
        "day": None if day is None else numbers.day(day, roc_years=roc_years),
        "numbers": numbers,
        "strips": Strips(frames),
        "name": called,
        "columns": COLUMNS,
        "cell": cell,
        "speeds": SPEEDS,
    }
    markup = {name: Markup(part) for name, part in trusted.items()}  # noqa: S704 - made here
    return environment().get_template("play.jinja").render(context | markup)


def cell(column: str, value: float | None) -> Text:
    """Return a key figure in words.

    Examples
    --------
    >>> cell("wait_mean", 90).en, cell("within_standard", 0.5).en, cell("served", None).en
    ('1.5 min', '50 %', '–')
    """
    if column == "within_standard":
        return numbers.share(value)
    return numbers.duration(value) if column.startswith("wait") else numbers.exact(value)


def words_of(frames: Frames, name: _Names) -> dict[str, dict[str, Any]]:
    """Return what the script says while it plays, by language."""
    groups: dict[str, list[Text]] = {
        kind: [name(found["name"]) for found in frames[kind]]
        for kind in ("classes", "queues", "stations")
    }
    zones = {kind: say(message) for kind, message in ZONES.items()}
    single = {kind: say(message) for kind, message in WORDS.items()}

    def read(language: Language) -> dict[str, Any]:
        return {
            **{kind: text.read_in(language) for kind, text in single.items()},
            **{kind: [text.read_in(language) for text in texts] for kind, texts in groups.items()},
            "zones": {kind: text.read_in(language) for kind, text in zones.items()},
        }

    return {language: read(language) for language in LANGUAGES}


class _Names:
    """What to call classes, queues and stations."""

    def __init__(self, given: Mapping[str, Text]) -> None:
        self._given = given

    def __call__(self, name: str) -> Text:
        if name in self._given:
            return self._given[name]
        return Text.written(lambda language: self._in(language, name))

    def _in(self, language: Language, name: str) -> str:
        """Return a name in a language; several skills at one station stand side by side."""
        parts = name.split("+")
        known = [say(NAMES[part]) if part in NAMES else plain(part) for part in parts]
        return " + ".join(text.read_in(language).replace("_", " ") for text in known)
