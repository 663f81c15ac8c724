"""The templates of the pages."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined


@cache
def environment() -> Environment:
    """Return the environment of the page templates; everything that is not trusted is escaped."""
    found = Environment(
        loader=FunctionLoader(template_text),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    found.globals["measure_id"] = lambda name: "m-" + name.replace(".", "-")
    return found


def template_text(name: str) -> str:
    """Return a template, style sheet or script as it is written.

    Examples
    --------
    >>> template_text("play.js").splitlines()[0]
    '"use strict";'
    """
    return files("branchwise.report").joinpath("templates", name).read_text(encoding="utf-8")
