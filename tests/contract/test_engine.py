"""What every Engine promises, over every implementation."""

import errno
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from branchwise.core.errors import BranchwiseError
from branchwise.engines import duckdb as duckdb_engine
from branchwise.engines import scratch
from branchwise.engines.duckdb import open_duckdb

ENGINES = {"duckdb": open_duckdb}
NUMBERS = pa.table({"x": [3, 1, 2]})
SCHEMA = pa.schema([("x", pa.int64()), ("at", pa.timestamp("us", tz="UTC"))])


@pytest.fixture(params=list(ENGINES))
def opened(request):
    """Give the function that opens the engine."""
    return ENGINES[request.param]


@pytest.fixture
def engine(opened):
    with opened() as made:
        yield made


def xs(engine, relation="numbers"):
    """Return the column x of a relation, sorted."""
    return sorted(engine.table(f"SELECT x FROM {relation}").column("x").to_pylist())


def test_an_arrow_table_is_a_relation(engine):
    """What was registered is read back, and registering again replaces it."""
    engine.register_table("numbers", NUMBERS)
    assert xs(engine) == [1, 2, 3]
    engine.register_table("numbers", pa.table({"x": [9]}))
    assert xs(engine) == [9]


@pytest.mark.parametrize("first", ["register", "define", "materialise"])
@pytest.mark.parametrize("second", ["register", "define", "materialise"])
def test_a_name_stands_for_its_last_relation(engine, first, second):
    """Table, view and kept rows replace each other under one name, and dropping forgets them."""
    put = {
        "register": lambda value: engine.register_table("numbers", pa.table({"x": [value]})),
        "define": lambda value: engine.define("numbers", f"SELECT {value} AS x"),
        "materialise": lambda value: engine.materialise("numbers", f"SELECT {value} AS x"),
    }
    put[first](1)
    put[second](2)
    assert xs(engine) == [2]
    engine.drop("numbers")
    engine.drop("numbers")
    with pytest.raises(Exception, match="numbers"):
        engine.table("SELECT x FROM numbers")


def test_a_view_is_computed_when_read_and_kept_rows_when_made(engine):
    """After its source changes, a view gives the new rows, kept rows stay."""
    engine.register_table("numbers", NUMBERS)
    engine.define("view_of", "SELECT x + 1 AS x FROM numbers")
    assert engine.materialise("kept", "SELECT x + 1 AS x FROM numbers") == 3
    engine.register_table("numbers", pa.table({"x": [10]}))
    assert xs(engine, "view_of") == [11]
    assert xs(engine, "kept") == [2, 3, 4]


def test_kept_rows_may_replace_what_they_read(engine):
    """A relation can be recomputed from itself."""
    engine.register_table("numbers", NUMBERS)
    assert engine.materialise("numbers", "SELECT x * 10 AS x FROM numbers WHERE x > 1") == 2
    assert xs(engine) == [20, 30]


@pytest.mark.parametrize("put", ["define", "materialise"])
def test_a_failing_query_leaves_the_relation_as_it_was(engine, put):
    """A query that cannot be understood changes nothing; the same name works afterwards."""
    engine.register_table("numbers", NUMBERS)
    for _ in range(2):
        with pytest.raises(Exception, match="nowhere"):
            getattr(engine, put)("numbers", "SELECT x FROM nowhere")
    assert xs(engine) == [1, 2, 3]
    getattr(engine, put)("numbers", "SELECT 5 AS x")
    assert xs(engine) == [5]


@pytest.mark.parametrize("name", ["Visit", "a b", "x;drop", "", "1a", "訪", "select", 'a"b'])
def test_what_is_no_name_is_refused(engine, name):
    """A name that would need quoting, or is a word of SQL, never reaches a statement."""
    for act in (
        lambda: engine.register_table(name, NUMBERS),
        lambda: engine.define(name, "SELECT 1"),
        lambda: engine.materialise(name, "SELECT 1"),
        lambda: engine.drop(name),
    ):
        with pytest.raises(BranchwiseError, match="BW-ENG-001"):
            act()


def test_every_canonical_table_has_a_name_that_serves(engine):
    """`transaction`, `order`-like names of canonical tables are relations without quotes."""
    from branchwise.tables.spec import table_names

    for name in table_names():
        engine.materialise(name, "SELECT 1 AS x")
        assert xs(engine, name) == [1]


@given(text=st.text(), number=st.integers(-(2**62), 2**62))
@settings(max_examples=40, deadline=None)
def test_parameters_are_values_never_sql(text, number):
    """Whatever text is handed over as a parameter comes back as that text."""
    if "\x00" in text:
        text = text.replace("\x00", "")
    for opener in ENGINES.values():
        with opener(threads=1) as engine:
            found = engine.table(
                "SELECT $text AS text, $number AS number", {"text": text, "number": number}
            )
            assert found.to_pylist() == [{"text": text, "number": number}]


def test_no_file_is_an_empty_relation_of_its_schema(engine):
    """A table without files has its columns and types, and no row."""
    engine.register_files("numbers", [], schema=SCHEMA)
    assert engine.table("SELECT * FROM numbers").num_rows == 0
    assert list(engine.columns("SELECT * FROM numbers")) == ["x", "at"]


def test_files_with_odd_names_are_one_relation(engine, tmp_path):
    """Quotes, brackets and stars in paths are characters, not patterns; rows of all files count."""
    folder = tmp_path / "it's 網點"
    folder.mkdir()
    paths = [folder / "a.parquet", folder / "b.parquet"]
    for path in paths:
        pq.write_table(NUMBERS, path)
    engine.register_files("numbers", paths, schema=SCHEMA)
    assert xs(engine) == [1, 1, 2, 2, 3, 3]


def test_streams_hold_all_rows_while_other_work_goes_on(engine):
    """A stream of batches is complete although other queries and writes run in between."""
    engine.register_table("numbers", NUMBERS)
    engine.define("many", "SELECT range * 3 + x AS x FROM range(100000), numbers")
    stream = engine.batches("SELECT x FROM many WHERE x >= $least", {"least": 0})
    count = stream.read_next_batch().num_rows
    assert engine.materialise("other", "SELECT 1 AS x") == 1
    assert engine.table("SELECT count(*) AS n FROM numbers")["n"][0].as_py() == 3
    for batch in stream:
        count += batch.num_rows
    assert count == 300_000


def test_instants_are_utc_whatever_the_road(engine, tmp_path):
    """A time with an offset is the same instant as table, as stream and in a file."""
    query = "SELECT t, hour(t) AS h FROM (SELECT TIMESTAMPTZ '2026-03-10 09:00:00+08:00' AS t)"
    path = tmp_path / "x.parquet"
    engine.write_parquet(query, path)
    expected = {"t": datetime(2026, 3, 10, 1, tzinfo=UTC), "h": 1}
    for found in (engine.table(query), engine.batches(query).read_all(), pq.read_table(path)):
        assert found.to_pylist() == [expected]


def test_columns_are_told_without_computing(engine):
    """Names and types are known of a query that would fail if it were computed."""
    assert engine.columns("SELECT 1::BIGINT AS a, error('computed') AS b WHERE 1 = 0") == {
        "a": "BIGINT",
        "b": engine.columns("SELECT error('computed') AS b")["b"],
    }


def test_written_files_hold_the_rows(engine, tmp_path):
    """The number returned is that of the rows in the file, also of none."""
    path = tmp_path / "x.parquet"
    assert engine.write_parquet("SELECT range AS x FROM range(1000)", path) == 1000
    assert pq.read_metadata(path).num_rows == 1000
    assert engine.write_parquet("SELECT 1 AS x WHERE false", path) == 0
    assert pq.read_metadata(path).num_rows == 0


def test_a_failing_write_leaves_the_older_file(engine, tmp_path):
    """A query that breaks in the middle leaves no part and does not touch what was there."""
    path = tmp_path / "x.parquet"
    engine.write_parquet("SELECT 1 AS x", path)
    before = path.read_bytes()
    breaking = (
        "SELECT CASE WHEN range = 2999999 THEN error('broken') ELSE range END FROM range(3000000)"
    )
    with pytest.raises(Exception, match="broken"):
        engine.write_parquet(breaking, path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_an_oserror_with_its_path(engine, tmp_path):
    """What the system refuses is told in Python's terms, so that a stage can explain it."""
    path = tmp_path / "nowhere" / "x.parquet"
    with pytest.raises(OSError, match=r"nowhere") as caught:
        engine.write_parquet("SELECT 1 AS x", path)
    assert caught.value.errno == errno.ENOENT


def test_a_full_disk_is_an_oserror_and_leaves_no_file(engine, tmp_path):
    """On a disk of 1 MiB a larger file fails with ENOSPC and nothing is left on the disk."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(tmp_path)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("this user may not mount a small disk")
    try:
        with pytest.raises(OSError, match="No space left") as caught:
            engine.write_parquet("SELECT hash(range) AS x FROM range(1000000)", tmp_path / "x")
        assert caught.value.errno == errno.ENOSPC
        assert list(tmp_path.iterdir()) == []
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


def test_what_does_not_fit_into_memory_spills(opened, tmp_path):
    """Sorting 24 MB of values within 64 MiB of memory gives the right order, by the scratch."""
    with opened(tmp_path, threads=1, memory_bytes=64 * 2**20) as engine:
        count = engine.materialise(
            "sorted", "SELECT hash(range) AS h, range AS x FROM range(3000000) ORDER BY h"
        )
        distinct = engine.table("SELECT count(DISTINCT x) AS n FROM sorted")["n"][0].as_py()
    assert count == distinct == 3_000_000
    assert list(tmp_path.iterdir()) == []


def test_an_engine_leaves_memory_to_others(opened, monkeypatch):
    """By default it holds 2 GiB, half of a machine that has less than 4, and what it is told."""

    def limit(**given):
        with opened(**given) as engine:
            return engine.table("SELECT current_setting('memory_limit') AS most")["most"][0].as_py()

    monkeypatch.setattr(duckdb_engine, "_memory_of_the_machine", lambda: 64 * 2**30)
    assert limit() == "2.0 GiB"
    assert limit(memory_bytes=96 * 2**20) == "96.0 MiB"
    monkeypatch.setattr(duckdb_engine, "_memory_of_the_machine", lambda: 2**30)
    assert limit() == "512.0 MiB"


def test_too_little_memory_and_no_disk_is_told(opened, tmp_path):
    """Where rows fit neither into memory nor onto disk, the error has its code."""
    with opened(tmp_path, threads=1, memory_bytes=32 * 2**20) as engine:
        engine.execute("SET max_temp_directory_size = '1MiB'")
        with pytest.raises(BranchwiseError, match="BW-ENG-002"):
            engine.table("SELECT list(hash(range)) AS x FROM range(20000000)")


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_totally_ordered_results_are_the_same_bytes(opened, tmp_path, threads):
    """With a total order, the rows do not depend on the number of threads."""
    query = "SELECT hash(range) AS h, range AS x FROM range(400000) ORDER BY h, x"
    with opened(tmp_path, threads=1) as alone, opened(tmp_path, threads=threads) as several:
        assert several.table(query).equals(alone.table(query))


def test_nothing_is_downloaded(engine):
    """An extension that is not built in is refused, not fetched."""
    with pytest.raises(Exception, match=r"(?i)extension|not exist|install"):
        engine.table("SELECT * FROM read_xlsx('x.xlsx')")


def test_closing_gives_the_scratch_back(opened, tmp_path):
    """After the block nothing is left in the scratch folder, also after an error."""

    def work():
        with opened(tmp_path) as engine:
            engine.materialise("kept", "SELECT range AS x FROM range(1000)")
            raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        work()
    assert list(Path(tmp_path).iterdir()) == []


ENDS = """
import sys
from pathlib import Path
from branchwise.engines.duckdb import DuckDBEngine
engine = DuckDBEngine(memory_bytes=64 * 2**20, threads=1)
folder = engine._scratch.parent
print(folder, engine._scratch.exists(), flush=True)
engine.materialise("kept", "SELECT hash(range) AS h, hash(range + 7) AS g FROM range(6000000)")
print(engine._scratch.exists(), oct(folder.stat().st_mode & 0o777), flush=True)
"""


@pytest.mark.parametrize("is_killed", [False, True])
def test_nothing_stays_of_an_engine_that_was_never_closed(tmp_path, monkeypatch, is_killed):
    """A process that ends leaves no folder; what a killed one spilled is removed by the next.

    Meanwhile nobody else may look into the folder.
    """
    command = [sys.executable, "-c", ENDS + ("input()" if is_killed else "")]
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env
    ) as process:
        assert process.stdout is not None
        folder, is_made_before = process.stdout.readline().split()
        assert (Path(folder).parent, is_made_before) == (tmp_path, "False")
        assert process.stdout.readline().split() == ["True", "0o700"]
        if is_killed:
            process.kill()
    assert len(list(tmp_path.iterdir())) == is_killed
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(scratch, "YOUNGEST_SECONDS", 0.0)
    with scratch.scratch_folder():
        pass
    assert list(tmp_path.iterdir()) == []
