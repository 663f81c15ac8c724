"""The branches of Hong Kong, against counts made in plain Python."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from tests.unit.sources.test_berka import stored

from branchwise.pipeline.load import load

FIELDS = ("銀行牌子", "18區", "我們的分類", "地址")


@pytest.fixture(scope="module")
def folder(shared_data):
    return shared_data / "hk_bank_branches_2016"


@pytest.fixture(scope="module")
def entries(folder):
    """Entries picked out line by line: bank, district, class, address, coordinates as written."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.js")))
    fields = [re.findall(rf'"{name}":"([^"]*)"', text) for name in FIELDS]
    places = re.findall(r'"coordinates":\s*\[\s*([\d.]+)\s*,\s*([\d.]+)\s*\]', text)
    return list(zip(*fields, places, strict=True))


@pytest.fixture(scope="module")
def bank(folder, tmp_path_factory):
    root = tmp_path_factory.mktemp("hk") / "bank"
    options = {"own": "滙豐銀行"}
    return root, load(root, folder, adapter="hk_branches", options=options), stored(root)


@pytest.mark.real
def test_banks_and_districts(bank, entries):
    """14 banks, 18 districts, 97 branches ours; 893 entries are 891 branches."""
    _, said, rows = bank
    assert len(entries) == 893
    places = {(name, re.sub(r"[\s,]", "", address), place)
              for name, _, _, address, place in entries}  # fmt: skip
    assert len(rows["branch"]) == len(places) == 891
    assert len(rows["region"]) == len({entry[1] for entry in entries}) == 18
    spelt = Counter(name for name, _, _ in places)
    held = Counter(row["institution_id"] for row in rows["branch"])
    assert held["own"] == spelt["滙豐銀行"] == 97
    assert held["恆生銀行"] == spelt["恒生銀行"]
    assert sorted(held.values()) == sorted(spelt.values())
    assert len(held) == 14
    assert not rows["quarantine"]
    [note] = [note for note in said.notes if note.code == "BW-SRC-075"]
    assert (note.values["same"], note.values["shared"]) == (2, 8)


@pytest.mark.real
def test_spellings_are_on_record(bank, entries):
    """Each respelt name is a row of repair: all of two banks."""
    _, _, rows = bank
    names = [row for row in rows["repair"] if row["column_name"] == "name"]
    assert len(names) == sum(name in {"滙豐銀行", "恒生銀行"} for name, *_ in entries)


@pytest.mark.real
def test_second_load_changes_nothing(bank, folder):
    """The same files again, ours named in the other spelling, leave the snapshot as it is."""
    root, said, _ = bank
    again = load(root, folder, adapter="hk_branches", options={"own": "匯豐銀行"})
    assert (again.is_changed, again.snapshot_id) == (False, said.snapshot_id)
