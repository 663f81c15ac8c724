"""The workspace directory: made, opened, refused."""

import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from branchwise.core.errors import BranchwiseError
from branchwise.pipeline.measure import measure
from branchwise.warehouse.workspace import FORMAT, SETTINGS, Bank, Workspace

text = st.text(min_size=1).filter(lambda drawn: drawn.strip())


def test_created_settings_are_toml_and_read_back(tmp_path: Path) -> None:
    """What `create` writes is what `tomllib` and `open` read."""
    bank = Bank(name='示範「銀行」\\"', country="TW", currency="TWD", timezone="Asia/Taipei")
    Workspace.create(tmp_path / "a" / "b", bank)
    read = tomllib.loads((tmp_path / "a" / "b" / SETTINGS).read_text(encoding="utf-8"))
    assert read["format"] == FORMAT
    assert read["bank"]["timezone"] == "Asia/Taipei"
    assert Workspace.open(tmp_path / "a" / "b").bank == bank


@given(name=text.filter(lambda drawn: drawn.isprintable() or "\n" in drawn))
def test_any_bank_name_survives(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    """No name of a bank breaks the settings file."""
    root = tmp_path_factory.mktemp("bank")
    Workspace.create(root, Bank(name=name))
    assert Workspace.open(root).bank.name == name


def test_the_currency_is_set_in_one_place(tmp_path: Path) -> None:
    """A bank in yen computes in yen: its assumptions have no currency of their own, not even after
    it changes its settings.
    """
    assumptions = Workspace.create(tmp_path, Bank(country="JP", currency="JPY")).read_assumptions()
    assert (assumptions.currency, assumptions.minor_units) == ("JPY", 1)
    assert measure(tmp_path, ["economics.cost_per_visit"]).as_json()["currency"] == "JPY"
    settings = tmp_path / SETTINGS
    settings.write_text(settings.read_text(encoding="utf-8").replace("JPY", "KWD"))
    assert Workspace.open(tmp_path).read_assumptions().currency == "KWD"


@pytest.mark.parametrize("code", ["N$1", "12A", "CN", "twd", "人民幣"])
def test_a_currency_is_three_capital_letters(tmp_path: Path, code: str) -> None:
    """What cannot be the code of a currency is refused when the workspace is opened."""
    Workspace.create(tmp_path, Bank(currency=code))
    with pytest.raises(BranchwiseError, match="BW-WHS-003"):
        Workspace.open(tmp_path)


def test_create_keeps_existing_settings(tmp_path: Path) -> None:
    """A second `create` opens the workspace and changes nothing in it."""
    Workspace.create(tmp_path, Bank(name="first"))
    assert Workspace.create(tmp_path, Bank(name="second")).bank.name == "first"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["assumptions.toml", SETTINGS]


def test_open_without_workspace_says_how_to_make_one(tmp_path: Path) -> None:
    """A folder without settings is a usage error that names `branchwise init`."""
    with pytest.raises(BranchwiseError, match=r"BW-WHS-001[\s\S]*branchwise init") as raised:
        Workspace.open(tmp_path)
    assert raised.value.exit_code == 2


def test_newer_format_is_refused(tmp_path: Path) -> None:
    """A workspace of a later program is refused and left as it is."""
    (tmp_path / SETTINGS).write_text(f"format = {FORMAT + 1}\n")
    with pytest.raises(BranchwiseError, match="BW-WHS-002"):
        Workspace.create(tmp_path)
    assert (tmp_path / SETTINGS).read_text() == f"format = {FORMAT + 1}\n"


@pytest.mark.parametrize(
    "settings",
    [
        b"format = ",
        b"\xff\xfe",
        b"[bank]\nname = 'x'\n",
        b"format = 1\nbank = 3\n",
        b"format = 1\n[bank]\nname = 7\n",
        b"format = 1\n[bank]\nnaem = 'x'\n",
        b"format = 1\n[bank]\ntimezone = 'Asia/Shanghia'\n",
        b"format = 1\n[bank]\ntimezone = '../../etc/passwd'\n",
    ],
)
def test_broken_settings_are_one_error(tmp_path: Path, settings: bytes) -> None:
    """Whatever is wrong in the settings, the error names the file."""
    (tmp_path / SETTINGS).write_bytes(settings)
    with pytest.raises(BranchwiseError, match=r"BW-WHS-003[\s\S]*branchwise\.toml"):
        Workspace.open(tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="directories have no mode bits")
def test_directory_that_cannot_be_made(tmp_path: Path) -> None:
    """A file in the way of the directory is an input error, not a traceback."""
    (tmp_path / "file").write_text("")
    with pytest.raises(BranchwiseError, match="BW-WHS-004"):
        Workspace.create(tmp_path / "file" / "workspace")
