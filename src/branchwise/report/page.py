"""Renders a `Report` as one self-contained HTML page in three languages; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from markupsafe import Markup

from branchwise.core.languages import Language, Text
from branchwise.plan.headline import headline
from branchwise.plan.interventions import library
from branchwise.plan.sentences import clock
from branchwise.report import (
    benefit_figures,
    benefits,
    board,
    clocks,
    extent,
    figures,
    geography,
    labels,
    loading,
    network,
    numbers,
    opening_card,
    opening_words,
    plan_board,
    plan_case,
    plan_figures,
    plan_network,
    plan_roadmap,
    plan_sheet,
    plan_words,
    reasons,
    sheet,
    statements,
    trust,
)
from branchwise.report.extent import MOST_BRANCHES, Extent, extent_of
from branchwise.report.model import Branch, MeasureNote, Report
from branchwise.report.phrases import plain, say
from branchwise.report.templating import environment, template_text
from branchwise.report.wording import Wording

SUBJECTS: Mapping[str, Any] = {
    "benefit_figures": benefit_figures,
    "benefits": benefits,
    "board": board,
    "clocks": clocks,
    "extents": extent,
    "figures": figures,
    "geography": geography,
    "labels": labels,
    "loading": loading,
    "network": network,
    "numbers": numbers,
    "opening_card": opening_card,
    "opening_words": opening_words,
    "plan_board": plan_board,
    "plan_case": plan_case,
    "plan_figures": plan_figures,
    "plan_network": plan_network,
    "plan_roadmap": plan_roadmap,
    "plan_sheet": plan_sheet,
    "plan_words": plan_words,
    "reasons": reasons,
    "sheet": sheet,
    "statements": statements,
    "trust": trust,
}
"""What the templates call by the name of its module."""


def render(
    report: Report,
    language: Language = "en",
    *,
    most: int = MOST_BRANCHES,
    named: Iterable[str] = (),
) -> str:
    """Return the whole page.

    Parameters
    ----------
    report : Report
        What to say.
    language : {"en", "zh-Hant", "zh-Hans"}
        The language in which the page opens; the reader can change it.
    most : int
        Branches with a sheet at most, and rows of a table by branch at most.
    named : iterable of str
        Codes of branches whose sheets are on the page in any case.

    Returns
    -------
    str
        HTML that makes no request: styles, script, texts and figures are inside.
    """
    wording = Wording(language)
    shown = extent_of(report, most=most, named=named)
    context = _words(wording) | _figures(report, wording) | _links(shown) | {"report": report}
    body = environment().get_template("body.jinja").render(context)
    has_more = report.plan is not None or bool(report.benefits)
    parts = {
        "body": body,
        "style": template_text("page.css") + (template_text("plan.css") if has_more else ""),
        "script": template_text("page.js"),
        "texts": wording.as_json(),
    }
    trusted = {name: Markup(part) for name, part in parts.items()}  # noqa: S704 - made here
    return environment().get_template("page.jinja").render(context | trusted)


def note_of(report: Report, measure: str | None) -> MeasureNote:
    """Return the definition of a measure; an unknown one gets its name as label."""
    if measure in report.measures:
        return report.measures[measure]
    name = plain(measure or "")
    return MeasureNote(name=measure or "", label=name, meaning=name, unit="count")


def _words(wording: Wording) -> dict[str, Any]:
    def said(message: str, **values: object) -> Markup:
        return wording.span(say(message, **values))

    def named(**texts: Text) -> Markup:
        return wording.attributes(**texts)

    return {
        **SUBJECTS,
        "_": said,
        "say": say,
        "t": wording.span,
        "inner": wording.inner,
        "attributes": named,
        "language": wording.language,
        "plain": plain,
        "clock": clock,
        "library": library(),
        "anchor": figures.anchor,
    }


def _links(shown: Extent) -> dict[str, Any]:
    """Return what leads to sheets: only to those on the page."""
    codes = frozenset(branch.branch_id for branch in shown.sheets)

    def link(branch_id: str, name: str | Markup) -> str | Markup:
        if branch_id not in codes:
            return name
        return Markup('<a href="{}">{}</a>').format(figures.anchor(branch_id), name)

    return {"extent": shown, "has_sheet": codes.__contains__, "link": link}


def _figures(report: Report, wording: Wording) -> dict[str, Any]:
    branches: Mapping[str, Branch] = {branch.branch_id: branch for branch in report.branches}

    def tooltip(describe: Callable[[str], Text]) -> Callable[[str], Markup]:
        return lambda branch_id: wording.span(describe(branch_id), "title")

    return {
        "branches": branches,
        "plan_headline": None if report.plan is None else headline(report.plan),
        "note": partial(note_of, report),
        "tooltip": tooltip(partial(network.describe, report)),
    }
