"""The catalogue of prose: complete, derived, its placeholders kept."""

import re

import pytest
from tools import languages

from branchwise.core.languages import LANGUAGES, Text
from branchwise.report.phrases import count, fill, messages, plain, say

pytest.importorskip("opencc")


def test_nothing_is_missing_or_stale():
    """Every message of the code is translated, none is left over, simplified is derived."""
    assert languages.problems() == []


def test_placeholders_are_the_same_in_every_language():
    """A translation fills exactly the placeholders of the English message."""
    for locale in ("zh-Hant", "zh-Hans"):
        for message, text in messages(locale).items():
            assert sorted(re.findall(r"{\w+}", message)) == sorted(re.findall(r"{\w+}", text))


def test_simplified_text_holds_no_traditional_character():
    """Converting the simplified catalogue once more changes nothing."""
    from opencc import OpenCC

    simplify = OpenCC("t2s")
    for text in messages("zh-Hans").values():
        assert simplify.convert(text) == text


def test_a_term_of_the_trade_is_not_lost_in_conversion():
    """指標 becomes 指标, not 指针 (a pointer)."""
    assert say("Measure").zh_hans == "指标"


def test_a_text_inside_a_sentence_is_read_in_its_language():
    """Values that are texts follow the language of the sentence around them."""
    inner = Text(en="one", zh_hant="壹", zh_hans="一")
    filled = fill(plain("<{word}>"), word=inner)
    assert [filled.read_in(language) for language in LANGUAGES] == ["<one>", "<壹>", "<一>"]


def test_one_and_many():
    """English has a form for one."""
    words = ("one branch", "{number} branches")
    assert count(*words, 1, number=1).en == "one branch"
    assert count(*words, 4, number=4).en == "4 branches"


def test_braces_in_a_value_stay():
    """A name with braces is a value, not a placeholder."""
    assert fill(plain("{name}"), name="{0}").en == "{0}"
