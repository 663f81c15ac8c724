"""Branches of Hong Kong: one spelling, no branch twice, and competitors that stay outside."""

from __future__ import annotations

import json

import pytest
from tests.unit.sources.czech import write_bank
from tests.unit.sources.test_berka import stored

from branchwise.cli.main import main
from branchwise.core.errors import BranchwiseError
from branchwise.pipeline.diagnose import diagnose
from branchwise.pipeline.load import load
from branchwise.pipeline.measure import measure
from branchwise.pipeline.report import report


def feature(number, bank, kind, address, place=(114.18, 22.32), *, district="油尖旺區"):
    """One entry as the publisher writes it."""
    properties = {"ID": number, "銀行牌子": bank, "18區": district, "sub區": "旺角",
                  "我們的分類": kind, "地址": address}  # fmt: skip
    point = {"type": "Point", "coordinates": list(place)}
    return {"type": "Feature", "geometry": point, "properties": properties}


def write(folder, name, features):
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
    (folder / name).write_text(f"var branch_list = {text};\r\n", encoding="utf-8")


@pytest.fixture
def folder(tmp_path):
    raw = tmp_path / "raw"
    ordinary = [
        feature(1, "滙豐銀行", "一般分行", "彌敦道1號"),
        feature(2, "匯豐銀行", "一般分行", "彌敦道2號", (114.2, 22.3)),
        feature(3, "渣打銀行", "一般分行", "山尾街18-24號, 1樓"),
        feature(4, "渣打銀行", "一般分行", "山尾街18-24號2樓"),
        feature(5, "渣打銀行", "一般分行", "深圳", (114.06, 22.60)),
        feature(6, "渣打銀行", "快閃店", "中環"),
        feature(7, "渣打銀行", "一般分行", "上環", district="福田區"),
        {"type": "Feature", "geometry": None, "properties": {"ID": 8}},
    ]
    write(raw, "branch.js", ordinary)
    write(raw, "rich.js", [feature(9, "渣打銀行", "只服務特選客戶", "山尾街18-24號1樓"),
                           feature(10, "恒生銀行", "服務中心", "大堂")])  # fmt: skip
    return raw


def test_one_bank_is_ours_and_has_one_spelling(folder, tmp_path):
    """Both spellings are of the bank named by either; what was written is on record."""
    said = load(tmp_path / "bank", folder, adapter="hk_branches", options={"own": "滙豐銀行"})
    rows = stored(tmp_path / "bank")
    held = {row["branch_id"]: row for row in rows["branch"]}
    assert {key: row["institution_id"] for key, row in held.items()} == {
        "HK01-1": "own", "HK01-2": "own", "HK01-3": "渣打銀行", "HK01-4": "渣打銀行",
        "HK01-10": "恆生銀行",
    }  # fmt: skip
    assert held["HK01-1"]["name"] == "匯豐銀行 旺角"
    assert (held["HK01-1"]["longitude"], held["HK01-1"]["latitude"]) == (114.18, 22.32)
    respelt = {
        (row["column_name"], row["original"], row["repaired"], row["action"])
        for row in rows["repair"]
        if row["column_name"]
    }
    assert respelt == {
        ("name", "滙豐銀行 旺角", "匯豐銀行 旺角", "replaced"),
        ("name", "恒生銀行 旺角", "恆生銀行 旺角", "replaced"),
        ("institution_id", "恒生銀行", "恆生銀行", "replaced"),
    }
    again = load(tmp_path / "bank", folder, adapter="hk_branches", options={"own": "匯豐銀行"})
    assert (again.is_changed, again.snapshot_id) == (False, said.snapshot_id)


def test_a_place_listed_twice_is_one_branch(folder, tmp_path):
    """Ordinary in one file and for selected customers in the other: one branch that is both."""
    said = load(tmp_path / "bank", folder, adapter="hk_branches")
    rows = stored(tmp_path / "bank")
    held = {row["branch_id"]: row for row in rows["branch"]}
    assert held["HK01-3"]["branch_type"] == "flagship"
    assert held["HK01-4"]["branch_type"] == "comprehensive"
    assert held["HK01-10"]["branch_type"] == "light"
    assert "HK01-9" not in held
    assert [row["action"] for row in rows["repair"] if row["column_name"] is None] == ["removed"]
    [note] = [note for note in said.notes if note.code == "BW-SRC-075"]
    assert (note.values["entries"], note.values["same"], note.values["shared"]) == (9, 1, 1)
    assert "own" not in {row["institution_id"] for row in rows["branch"]}


def test_what_cannot_be_trusted_is_set_aside(folder, tmp_path):
    """A place outside Hong Kong, an unknown class or district, and an entry without a point."""
    load(tmp_path / "bank", folder, adapter="hk_branches")
    reasons = {row["reason"] for row in stored(tmp_path / "bank")["quarantine"]}
    assert reasons == {
        "coordinates lie outside Hong Kong",
        "我們的分類: 快閃店 is not: known",
        "18區: 福田區 is not: known",
        "no point with longitude and latitude",
    }


def test_options_that_are_none(folder, tmp_path):
    """A bank that is not there, an unknown option, an adapter without options."""
    with pytest.raises(BranchwiseError, match="BW-SRC-074") as caught:
        load(tmp_path / "bank", folder, adapter="hk_branches", options={"own": "大通銀行"})
    assert "渣打銀行" in str(caught.value)
    with pytest.raises(BranchwiseError, match="BW-SRC-073"):
        load(tmp_path / "bank", folder, adapter="hk_branches", options={"ours": "x"})
    arguments = ["load", str(folder), "--adapter", "hk_branches", "--option", "own"]
    assert main([*arguments, "--workspace", str(tmp_path / "none")]) == 0
    assert main([*arguments[:-1], "wrong", "--workspace", str(tmp_path / "none")]) == 2


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "BW-SRC-017"),
        (b"var x = {", "BW-SRC-022"),
        (b"var x = 1", "BW-SRC-022"),
        (b'{"type": "Feature"}', "BW-SRC-022"),
        (b'{"type": "FeatureCollection", "features": []} alert(1)', "BW-SRC-022"),
        (b'{"type": "FeatureCollection", "features": [{"properties": {"ID": 1}}]}', "BW-SRC-013"),
    ],
)
def test_files_that_cannot_be_read(tmp_path, content, code):
    """A cut, empty or foreign file is refused by name, and so is a file with other columns."""
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "branch.js").write_bytes(content)
    with pytest.raises(BranchwiseError, match=code) as caught:
        load(tmp_path / "bank", tmp_path / "raw", adapter="hk_branches")
    assert any(bad.where.place == "branch.js" for bad in caught.value.problems)


def test_no_file_of_the_kind(tmp_path):
    """A folder without JavaScript, and a path with nothing at it."""
    with pytest.raises(BranchwiseError, match="BW-SRC-002"):
        load(tmp_path / "bank", tmp_path / "none", adapter="hk_branches")
    (tmp_path / "raw").mkdir()
    with pytest.raises(BranchwiseError, match="BW-SRC-023"):
        load(tmp_path / "bank", tmp_path / "raw", adapter="hk_branches")


def test_competitors_enter_no_figure_of_ours(folder, tmp_path):
    """Measures, diagnosis and report of a bank are the same with competitors and without."""
    bank = tmp_path / "bank"
    load(bank, write_bank(tmp_path / "czech"), adapter="berka")

    def figures():
        names = ["channels", "economics", "queues"]
        rows = [measure(bank, names, by=by).rows for by in ([], ["branch_id"])]
        rows.append(measure(bank, ["equity"]).rows)
        told = diagnose(bank).as_json()
        written = report(bank).report
        branches = [(b.branch_id, b.comparisons, b.findings) for b in written.branches]
        return rows, told["findings"], told["count_tests"], told["without_peers"], branches

    before = figures()
    assert len(before[-1]) == 2
    said = load(bank, folder, adapter="hk_branches")
    assert said.is_changed
    assert figures() == before
