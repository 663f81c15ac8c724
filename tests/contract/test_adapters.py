"""What every registered adapter keeps to, each shown on a tiny delivery of its own."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from tests.unit.sources.czech import FILES
from tests.unit.sources.test_hk_branches import feature, write

from branchwise.core.languages import LANGUAGES
from branchwise.engines.duckdb import open_duckdb
from branchwise.sources import demo
from branchwise.sources.mapping import read_mapping
from branchwise.sources.model import SYSTEM_COLUMNS
from branchwise.sources.registry import adapter, adapter_names
from branchwise.tables.spec import table_spec

CALLS_HEAD = (
    "vru+line\tcall_id\tcustomer_id\tpriority\ttype\tdate\tvru_entry\tvru_exit\tvru_time\tq_start"
    "\tq_exit\tq_time\toutcome\tser_start\tser_exit\tser_time\tserver\r\n"
)
CALL = (
    "AA0101\t1\t0\t0\tPS\t990201\t7:02:47\t7:02:56\t9\t0:00:00\t0:00:00\t0\tAGENT\t7:02:55"
    "\t7:05:41\t166\tDORIT\r\n"
)
MAPPING = """
[[file]]
name = "tickets"
pattern = "*.csv"
[[table]]
into = "visit"
from = "tickets"
[table.columns]
visit_id = "a"
branch_id = "b"
arrived_at = "c"
[[table]]
into = "branch"
from = "tickets"
distinct = true
[table.columns]
branch_id = "b"
"""


def files_example(folder: Path) -> tuple[Path | None, int]:
    (folder / "a.csv").write_text("a,b,c\n1,2,3\n4,5\n6,7,8\n", encoding="utf-8")
    (folder / "bad.csv").write_bytes(b"")
    (folder / "other.txt").write_text("x", encoding="utf-8")
    mapping = folder.parent / "mapping.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    return mapping, 3


def anonymousbank_example(folder: Path) -> tuple[Path | None, int]:
    rows = [CALL, CALL.replace("\t1\t", "\t2\t", 1).replace("AGENT", "PHANTOM"), "AA\t3\r\n"]
    (folder / "january.txt").write_text(CALLS_HEAD + "".join(rows), encoding="ascii", newline="")
    (folder / "bad.txt").write_bytes(b"")
    (folder / "other.csv").write_text("x", encoding="utf-8")
    return None, 3


def demo_example(folder: Path) -> tuple[Path | None, int]:
    packaged = Path(demo.__file__).with_name("mapping.toml")
    names = read_mapping(packaged).wanted("tickets")
    cells = ",".join(f"{place}" for place in range(len(names)))
    (folder / "叫號").mkdir()
    text = "\n".join([",".join(names), cells, "1", cells.replace("0", "x")])
    (folder / "叫號" / "a.csv").write_text(text, encoding="gb18030")
    (folder / "叫號" / "bad.csv").write_bytes(b"")
    (folder / "other.txt").write_text("x", encoding="utf-8")
    return None, 3


def berka_example(folder: Path) -> tuple[Path | None, int]:
    rows = FILES["trans.asc"].split("\r\n")
    text = "\r\n".join([*rows[:3], rows[-1]])
    (folder / "trans.asc").write_text(text, encoding="ascii", newline="")
    (folder / "trans_bad.asc").write_bytes(b"")
    (folder / "other.txt").write_text("x", encoding="utf-8")
    return None, 3


def hk_branches_example(folder: Path) -> tuple[Path | None, int]:
    write(folder, "a.js", [feature(1, "渣打銀行", "一般分行", "甲"), {"type": "Feature"},
                           feature(2, "滙豐銀行", "一般分行", "乙")])  # fmt: skip
    (folder / "bad.js").write_bytes(b"")
    (folder / "other.txt").write_text("x", encoding="utf-8")
    return None, 3


EXAMPLES = {
    "files": files_example,
    "anonymousbank": anonymousbank_example,
    "berka": berka_example,
    "demo": demo_example,
    "hk_branches": hk_branches_example,
}
MAIN = {"berka": "transaction", "hk_branches": "branch"}  # of the others: visit
FIRST_ROW = {"hk_branches": 1}  # no headings
BAD = {"berka": "trans_bad"}


def contents(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.rglob("*")
        if file.is_file()
    }


@pytest.fixture(params=sorted(EXAMPLES))
def example(request, tmp_path):
    folder = tmp_path / "delivery"
    folder.mkdir()
    mapping, count = EXAMPLES[request.param](folder)
    before = contents(tmp_path)
    scratch = tmp_path / "scratch"
    with open_duckdb() as engine:
        delivery = adapter(request.param).read(folder, engine, mapping=mapping, scratch=scratch)
        yield request.param, delivery, engine, count
    after = {name: sum_ for name, sum_ in contents(tmp_path).items() if "scratch" not in name}
    assert after == before, "the adapter wrote outside of its scratch folder"


def test_every_adapter_of_our_own_has_an_example():
    """No registered adapter escapes this suite."""
    assert set(adapter_names()) == set(EXAMPLES)


def test_the_name_is_the_one_it_is_registered_under(example):
    """People find in the catalogue of sources the adapter that they typed."""
    name, delivery, _, _ = example
    assert adapter(name).name == name
    assert {piece.data_source.adapter for piece in delivery.tables} == {name}


def test_relations_have_given_columns_and_the_three_of_the_system(example):
    """A relation has only columns that a source may give, and file, row and fault of each row."""
    _, delivery, engine, _ = example
    assert delivery.tables
    for piece in delivery.tables:
        columns = engine.columns(f"SELECT * FROM {piece.relation}")
        givable = {column.name for column in table_spec(piece.table).given_columns}
        assert tuple(columns)[-3:] == SYSTEM_COLUMNS
        assert set(tuple(columns)[:-3]) <= givable | {"source_original"}
        kinds = [columns[name] for name in SYSTEM_COLUMNS]
        assert kinds == ["VARCHAR", "BIGINT", "VARCHAR"]


def test_every_row_of_the_files_is_handed_over(example):
    """Sound rows and faulty rows together are the rows of the files, each numbered once."""
    name, delivery, engine, count = example
    main = MAIN.get(name, "visit")
    (visits,) = (piece for piece in delivery.tables if piece.table == main)
    query = f"SELECT source_file, source_row, source_fault FROM {visits.relation}"
    rows = engine.table(query).to_pylist()
    first = FIRST_ROW.get(name, 2)
    assert len(rows) == count == sum(read.count_rows for read in delivery.files)
    assert sorted(row["source_row"] for row in rows) == list(range(first, count + first))
    assert {row["source_file"] for row in rows} == {read.path for read in delivery.files}
    assert any(row["source_fault"] for row in rows)
    assert sum(read.count_faults for read in delivery.files) == 1


def test_refused_files_are_explained_and_the_others_listed(example):
    """A file that gave nothing is either refused with six parts in each language, or unmapped."""
    name, delivery, _, _ = example
    bad_file = BAD.get(name, "bad")
    assert [Path(bad.where.place).stem for bad in delivery.refused] == [bad_file]
    assert [Path(name).stem for name in delivery.unmapped_files] == ["other"]
    for told in (*delivery.refused, *delivery.notes):
        assert all(len(told.read_in(language).splitlines()) == 5 for language in LANGUAGES)


def test_reading_twice_in_one_engine_gives_the_same(example, tmp_path):
    """A second delivery in the same engine does not disturb the first."""
    name, delivery, engine, _ = example
    queries = [f"SELECT * FROM {piece.relation} ORDER BY ALL" for piece in delivery.tables]
    before = [engine.table(query) for query in queries]
    mapping = tmp_path / "mapping.toml"
    again = adapter(name).read(
        tmp_path / "delivery",
        engine,
        mapping=mapping if mapping.exists() else None,
        scratch=tmp_path / "scratch",
    )
    assert [engine.table(query) for query in queries] == before
    assert not {piece.relation for piece in again.tables} & {
        piece.relation for piece in delivery.tables
    }
