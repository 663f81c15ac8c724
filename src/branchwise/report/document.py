"""A report as one JSON document: the same figures as on the page."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

from branchwise.core.languages import LANGUAGES, Text
from branchwise.plan.headline import headline as planned
from branchwise.report.model import Report
from branchwise.report.statements import headline


def as_document(report: Report) -> dict[str, Any]:
    """Return everything the page shows as a JSON object, the headline first.

    Texts are objects by language, dates ISO 8601; a number that is not finite is null. Of a plan
    the code and its headline are given; its own document holds the rest.
    """
    first, lever = headline(report)
    said = {"headline": [_plain(first), _plain(lever)]}
    if report.plan is not None:
        said["plan"] = _plain({"plan_id": report.plan.plan_id, "headline": planned(report.plan)})
    return said | {
        field.name: _plain(getattr(report, field.name))
        for field in fields(report)
        if field.name != "plan"
    }


def _plain(value: object) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, Text):
        return {language: value.read_in(language) for language in LANGUAGES}
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return _single(value)


def _single(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value
