"""How well cleaning found the dirt that was planted: recall and precision by kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

PARSE = "parse"
RowKey = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dirt:
    """One planted piece of dirt.

    Attributes
    ----------
    table, row_key, column, kind : str
        Where, and what.
    rules : tuple of str
        Rules any of which finds it; ``parse`` where reading alone puts it right.
    expected : str
        Of ``parse``: what must be stored.
    echo : tuple of (str, str)
        Other tables and keys that the same raw row fills: what is repaired there is no error.
    """

    table: str
    row_key: str
    column: str
    kind: str
    rules: tuple[str, ...]
    expected: str = ""
    echo: tuple[RowKey, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """One row that a rule of cleaning repaired, removed, flagged or set aside."""

    table: str
    row_key: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KindScore:
    """Of one kind of dirt: pieces planted, and pieces found by a rule that should."""

    kind: str
    planted: int
    found: int

    @property
    def recall(self) -> float:
        """Share found."""
        return self.found / self.planted


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleScore:
    """Of one rule: rows touched, and rows touched in which dirt had been planted."""

    rule: str
    touched: int
    right: int

    @property
    def precision(self) -> float:
        """Share right."""
        return self.right / self.touched


@dataclass(frozen=True, slots=True, kw_only=True)
class CleaningScore:
    """Recall by kind and precision by rule.

    Attributes
    ----------
    kinds : tuple of KindScore
        In alphabetical order.
    rules : tuple of RuleScore
        In alphabetical order.
    """

    kinds: tuple[KindScore, ...]
    rules: tuple[RuleScore, ...]

    @property
    def recall(self) -> float | None:
        """Share of all planted pieces that were found; None if none was planted."""
        planted = sum(kind.planted for kind in self.kinds)
        return sum(kind.found for kind in self.kinds) / planted if planted else None

    @property
    def precision(self) -> float | None:
        """Share of all touched rows in which dirt had been planted; None if none was touched."""
        touched = sum(rule.touched for rule in self.rules)
        return sum(rule.right for rule in self.rules) / touched if touched else None


def score(
    planted: Sequence[Dirt], touched: Sequence[Touch], stored: Mapping[tuple[str, str, str], str]
) -> CleaningScore:
    """Compare what was planted with what cleaning touched.

    A planted piece is found if one of its rules touched its row, or, where reading alone should
    put it right, if the stored value is the expected one. A touch is right if dirt was planted in
    the row or in a row of another table that comes from the same raw row; rows are counted once
    a rule, however many of their columns it repaired.

    Parameters
    ----------
    planted : sequence of Dirt
        The truth.
    touched : sequence of Touch
        From ``repair`` and ``quarantine``.
    stored : dict of (table, row key, column) to str
        Stored values of the pieces that reading alone puts right.

    Examples
    --------
    >>> dirt = Dirt(table="visit", row_key="V1", column="", kind="copy", rules=("duplicate",))
    >>> found = [Touch(table="visit", row_key="V1", rule="duplicate")]
    >>> score([dirt], found, {}).recall
    1.0
    """
    by_row = {(touch.table, touch.row_key, touch.rule) for touch in touched}
    planted_kinds = Counter(dirt.kind for dirt in planted)
    found_kinds = Counter(dirt.kind for dirt in planted if _is_found(dirt, by_row, stored))
    rows = {(dirt.table, dirt.row_key) for dirt in planted}
    rows |= {row for dirt in planted for row in dirt.echo}
    touched_rules = Counter(rule for _, _, rule in by_row)
    right = Counter(rule for table, key, rule in by_row if (table, key) in rows)
    return CleaningScore(
        kinds=tuple(
            KindScore(kind=kind, planted=count, found=found_kinds[kind])
            for kind, count in sorted(planted_kinds.items())
        ),
        rules=tuple(
            RuleScore(rule=rule, touched=count, right=right[rule])
            for rule, count in sorted(touched_rules.items())
        ),
    )


def _is_found(
    dirt: Dirt,
    by_row: set[tuple[str, str, str]],
    stored: Mapping[tuple[str, str, str], str],
) -> bool:
    if PARSE in dirt.rules:
        return stored.get((dirt.table, dirt.row_key, dirt.column)) == dirt.expected
    return any((dirt.table, dirt.row_key, rule) in by_row for rule in dirt.rules)
