"""The rules of cleaning as people read them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from branchwise.core.languages import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleText:
    """What people call a rule, and what it does in a sentence."""

    name: Text
    explanation: Text


@cache
def rule_texts() -> dict[str, RuleText]:
    """Return the texts of every rule by its stable name.

    Examples
    --------
    >>> rule_texts()["range"].name.en
    'Out of range'
    """
    packaged = files("branchwise.cleaning").joinpath("rules.toml")
    declared = tomllib.loads(packaged.read_text(encoding="utf-8"))
    return {
        rule: RuleText(name=Text.parse(entry["name"]), explanation=Text.parse(entry["explanation"]))
        for rule, entry in declared.items()
    }
