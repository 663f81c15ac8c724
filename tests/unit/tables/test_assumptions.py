"""Defaults, the bank's own values over them, and what is refused."""

import pytest

from branchwise.core.errors import BranchwiseError
from branchwise.core.languages import LANGUAGES
from branchwise.tables.assumptions import default_assumptions, load_assumptions, write_template


def test_defaults_are_complete():
    """Every default lies in its range and has a source in three languages."""
    for entry in default_assumptions().values():
        assert entry.lower <= entry.value <= entry.upper
        assert all(entry.source.read_in(language) for language in LANGUAGES)
        assert entry.origin == "default"


def test_own_values(tmp_path):
    """A value of the bank, in short or long form, stands over the default and says so."""
    path = tmp_path / "assumptions.toml"
    path.write_text(
        "wait_standard_seconds = 480\n"
        '[teller_cost_per_hour]\nvalue = 420\nupper = 600\nsource = "人資 2026"\n',
        encoding="utf-8",
    )
    loaded = load_assumptions(path, currency="TWD")
    assert loaded.currency == "TWD"
    assert loaded.value("wait_standard_seconds") == 480
    teller = loaded["teller_cost_per_hour"]
    assert (teller.value, teller.upper, teller.lower) == (420, 600, 60)
    assert (teller.origin, teller.source.zh_hant) == ("yours", "人資 2026")
    assert loaded["atm_price"].origin == "default"


@pytest.mark.parametrize(("code", "units"), [("JPY", 1), ("TWD", 100), ("KWD", 1000)])
def test_minor_units_follow_the_currency(tmp_path, code, units):
    """How many minor units the bank's currency has is ISO 4217, not a setting."""
    assert load_assumptions(tmp_path / "none.toml", currency=code).minor_units == units


@pytest.mark.parametrize("line", ['currency = "CNY"', "currency = 5", '[currency]\nvalue = "JPY"'])
def test_a_second_currency_is_refused(tmp_path, line):
    """The currency is the bank's; a file that says another is not silently read in it."""
    path = tmp_path / "assumptions.toml"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(BranchwiseError, match="BW-TAB-014"):
        load_assumptions(path, currency="JPY")
    path.write_text('currency = "JPY"\n', encoding="utf-8")
    assert load_assumptions(path, currency="JPY").currency == "JPY"


def test_a_misspelt_key_is_refused(tmp_path):
    """A value under another name than `value` would leave the default in force unseen."""
    path = tmp_path / "assumptions.toml"
    path.write_text("[teller_cost_per_hour]\nvalu = 80\n")
    with pytest.raises(BranchwiseError) as caught:
        load_assumptions(path)
    (problem,) = caught.value.problems
    assert problem.code == "BW-TAB-012"
    assert problem.values["name"] == "teller_cost_per_hour.valu"


def test_all_problems_at_once(tmp_path):
    """Unknown names and impossible values are told together."""
    path = tmp_path / "assumptions.toml"
    path.write_text('teller = 3\natm_price = "much"\ndevice_life_years = 90\ncurrency = 5\n')
    with pytest.raises(BranchwiseError) as caught:
        load_assumptions(path)
    codes = sorted(problem.code for problem in caught.value.problems)
    assert codes == ["BW-TAB-012", "BW-TAB-013", "BW-TAB-013", "BW-TAB-014"]


def test_broken_file(tmp_path):
    """A file that is no TOML is told in six parts."""
    path = tmp_path / "assumptions.toml"
    path.write_text("teller = = 3")
    with pytest.raises(BranchwiseError, match="BW-TAB-011"):
        load_assumptions(path)


@pytest.mark.parametrize("language", LANGUAGES)
def test_template(tmp_path, language):
    """The template names every assumption, sets none, and a block freed of its # counts."""
    path = tmp_path / "assumptions.toml"
    write_template(path, language)
    assert load_assumptions(path) == default_assumptions()
    text = path.read_text(encoding="utf-8")
    assert "currency =" not in text
    assert all(f"# [{name}]" in text for name in default_assumptions())
    freed = text.replace("# [atm_price]\n# value", "[atm_price]\nvalue")
    path.write_text(freed, encoding="utf-8")
    assert load_assumptions(path)["atm_price"].origin == "yours"
