"""The texts of the rules: one for every rule that cleaning or the store may write down."""

from typing import get_args

from branchwise.cleaning.model import Rule
from branchwise.cleaning.rules import rule_texts
from branchwise.core.languages import LANGUAGES
from branchwise.pipeline.load_report import ACTIONS
from branchwise.tables.spec import table_spec


def test_every_rule_has_its_texts() -> None:
    """Each rule has a name and an explanation in every language, and none is left over."""
    assert set(rule_texts()) == set(get_args(Rule))
    for text in rule_texts().values():
        for language in LANGUAGES:
            assert text.name.read_in(language)
            assert text.explanation.read_in(language)


def test_every_action_has_a_word() -> None:
    """Each action that a repair may have can be told to people."""
    actions = set(table_spec("repair").columns["action"].values)
    assert set(ACTIONS) == actions | {"quarantined", "skipped"}
