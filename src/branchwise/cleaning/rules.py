"""The rules of cleaning as people read them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from branchwise.core.languages import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleText:
    """Name and explanation of one rule.

    Attributes
    ----------
    name, explanation : Text
        A few words, and a sentence or two.
    """

    name: Text
    explanation: Text


@cache
def rule_texts() -> Mapping[str, RuleText]:
    """Return the texts of every rule by its stable name.

    Examples
    --------
    >>> rule_texts()["empty_call"].name.read_in("zh-Hant")
    '疑似空叫'
    """
    text = files("branchwise.cleaning").joinpath("rules.toml").read_text(encoding="utf-8")
    return {
        rule: RuleText(name=Text.parse(entry["name"]), explanation=Text.parse(entry["explanation"]))
        for rule, entry in tomllib.loads(text).items()
    }
