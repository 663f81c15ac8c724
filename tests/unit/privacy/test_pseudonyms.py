"""Pseudonyms: the DuckDB macro against Python's HMAC, and the care of the key file."""

from __future__ import annotations

import hashlib
import hmac
import stat
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from branchwise.core.errors import BranchwiseError
from branchwise.engines.duckdb import open_duckdb
from branchwise.privacy.pseudonyms import (
    BLANKS,
    create_key,
    install_pseudonyms,
    pseudonym,
    read_key,
)

KEY = bytes(range(32))


@pytest.fixture(scope="module")
def engine():
    with open_duckdb() as opened:
        install_pseudonyms(opened, KEY)
        yield opened


def test_rfc_4231_case_2(engine):
    """HMAC-SHA-256 of the published test vector, whose key is shorter than a block."""
    install_pseudonyms(engine, b"Jefe")
    found = engine.table("SELECT pseudonym('what do ya want for nothing?') AS who")
    install_pseudonyms(engine, KEY)
    assert found.to_pylist() == [{"who": "p5bdcc146bf60754e6a042426089575c7"}]


@settings(max_examples=200, deadline=None)
@given(text=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40))
def test_the_macro_agrees_with_python(engine, text):
    """Any text, Chinese and blanks included, has the same pseudonym in SQL and in Python."""
    in_sql = engine.table("SELECT pseudonym($text) AS who", {"text": text}).to_pylist()[0]["who"]
    assert in_sql == pseudonym(text, KEY)
    stripped = text.strip(BLANKS).encode()
    assert in_sql[1:] == hmac.new(KEY, stripped, hashlib.sha256).hexdigest()[:32]


def test_null_stays_null_and_a_pseudonym_stays_itself(engine):
    """Nobody stays nobody, and cleaned rows may be cleaned again."""
    once = pseudonym("C7781", KEY)
    found = engine.table(
        "SELECT pseudonym(NULL) AS nobody, pseudonym($once) AS again", {"once": once}
    )
    assert found.to_pylist() == [{"nobody": None, "again": once}]


def test_the_key_stands_in_no_catalogue(engine):
    """Neither the macro's text nor a query plan shows the key or its padded forms."""
    padded = [bytes(byte ^ pad for byte in KEY).hex() for pad in (0, 0x36, 0x5C)]
    macros = engine.table("SELECT macro_definition FROM duckdb_functions()").to_pydict()
    shown = str(macros).lower()
    assert not any(text in shown for text in padded)


def test_another_key_gives_another_pseudonym():
    """Two workspaces cannot be joined by their pseudonyms."""
    assert pseudonym("C7781", KEY) != pseudonym("C7781", bytes(32))


def test_a_key_is_made_once_and_for_its_owner_only(tmp_path):
    """The file has mode 0600 and 32 bytes; making it again gives the key that is there."""
    path = tmp_path / "pseudonyms.key"
    key = create_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(key) == 32
    assert create_key(path) == key == read_key(path)
    assert [file.name for file in tmp_path.iterdir()] == ["pseudonyms.key"]


def test_processes_that_race_share_one_key(tmp_path):
    """Of several that make the key at once all get the same."""
    path = tmp_path / "pseudonyms.key"
    keys: list[bytes] = []
    threads = [threading.Thread(target=lambda: keys.append(create_key(path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert set(keys) == {read_key(path)}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_that_others_may_read_is_refused(tmp_path, mode):
    """An open key file stops the load with a six-part error that does not show the key."""
    path = tmp_path / "pseudonyms.key"
    key = create_key(path)
    path.chmod(mode)
    with pytest.raises(BranchwiseError) as raised:
        read_key(path)
    assert raised.value.problems[0].code == "BW-PRV-001"
    assert raised.value.exit_code == 2
    assert key.hex() not in str(raised.value)
    assert "chmod 600" in raised.value.problems[0].read_in("zh-Hant")


@pytest.mark.parametrize(("content", "code"), [(b"short", "BW-PRV-002"), (None, "BW-PRV-003")])
def test_a_broken_or_missing_key_is_refused(tmp_path, content, code):
    """No new key takes the place of one that was lost."""
    path = tmp_path / "pseudonyms.key"
    if content is not None:
        path.write_bytes(content)
        path.chmod(0o600)
    with pytest.raises(BranchwiseError) as raised:
        read_key(path)
    assert raised.value.problems[0].code == code
