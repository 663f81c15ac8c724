"""What goes wrong while storing: the old snapshot stays whole, and the error says what to do."""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.warehouse.rows import everything, fill, load, read, regions
from tests.unit.warehouse.stopped import orphans

from branchwise.core.errors import BranchwiseError
from branchwise.engines.duckdb import open_duckdb
from branchwise.warehouse.snapshots import FORMAT
from branchwise.warehouse.store import Warehouse

ROOT = Path(__file__).resolve().parents[3]
MANY = [{"region_id": f"R{n}", "name": os.urandom(64).hex(), "country": "CN"} for n in range(20000)]


def run(*arguments: str) -> list[dict]:
    """Run the program that stops loads and return what it saw."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.unit.warehouse.stopped", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_killed_at_every_step(tmp_path: Path) -> None:
    """Killed (SIGKILL) before and after every write, a load is there whole or not at all.

    Afterwards the tables read as before or as published, the next load succeeds, and no file,
    snapshot or Delta version is left that nobody published.
    """
    *killed, last = run(str(tmp_path), "kill", "1")
    assert last["outcome"] == "undisturbed"
    assert len(killed) > 50
    assert {found["died"] for found in killed} == {9}
    assert [found for found in killed if not found["seen"]["sound"]] == []
    assert [found for found in killed if found["seen"]["orphans"]] == []
    assert {found["seen"]["published"] for found in killed} == {True, False}


def test_disk_full_at_every_step(tmp_path: Path) -> None:
    """Where one write in four finds the disk full, the error is ours and says what is stored."""
    *failed, last = run(str(tmp_path), "fail", "4")
    assert last["outcome"] == "undisturbed"
    assert [found for found in failed if not found["seen"]["sound"]] == []
    assert [found for found in failed if found["seen"]["orphans"]] == []
    refused = [found for found in failed if found["outcome"] == "BW-WHS-005"]
    assert len(refused) > 10
    assert not any(found["seen"]["published"] for found in refused)
    done = [found for found in failed if found["outcome"] == "done"]
    assert all(found["seen"]["published"] for found in done)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of one megabyte."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(disk)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("only root can mount a small disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_disk_that_fills(small_disk: Path) -> None:
    """A load bigger than the disk is refused with its six parts; what was there is whole."""
    first = load(small_disk, region=regions(N="North"))
    before = everything(small_disk)
    with pytest.raises(BranchwiseError, match=r"BW-WHS-005[\s\S]*MiB") as raised:
        load(small_disk, region=MANY)
    assert raised.value.exit_code == 3
    assert everything(small_disk) == before
    assert Warehouse(small_disk).snapshot() == first
    load(small_disk, region=regions(S="South"))
    assert read(small_disk, "region", "name") == [("North",), ("South",)]


def test_files_that_may_not_grow(tmp_path: Path) -> None:
    """A limit on the size of a file acts like a full disk."""
    load(tmp_path, region=regions(N="North"))
    before = everything(tmp_path)
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, old[1]))
    try:
        with pytest.raises(BranchwiseError, match="BW-WHS-005"):
            load(tmp_path, region=MANY)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
    assert everything(tmp_path) == before


def fail_after_writing(root: Path) -> None:
    """Write two tables and end in an error."""
    with open_duckdb() as engine, Warehouse(root).writing(engine) as writing:
        fill(engine, writing, region=regions(N="Nord", S="South"), product=[{"product_id": "P"}])
        raise ZeroDivisionError


def test_error_in_the_block_leaves_nothing(tmp_path: Path) -> None:
    """An error of the work itself passes as it is, and what it had written is gone."""
    load(tmp_path, region=regions(N="North"))
    before = everything(tmp_path)
    with pytest.raises(ZeroDivisionError):
        fail_after_writing(tmp_path)
    assert everything(tmp_path) == before


def test_unpublished_rows_cannot_be_read(tmp_path: Path) -> None:
    """While a write is open, and when it ends unpublished, readers see the old snapshot."""
    load(tmp_path, region=regions(N="North"))
    with open_duckdb() as engine, Warehouse(tmp_path).writing(engine) as writing:
        fill(engine, writing, region=regions(S="South"))
        assert read(tmp_path, "region", "name") == [("North",)]
    assert read(tmp_path, "region", "name") == [("North",)]
    assert orphans(tmp_path) == []


def test_second_writer_gives_up_with_the_name_of_the_first(tmp_path: Path) -> None:
    """A writer that waits too long says who is writing, after having said that it waits."""
    told: list[str] = []
    with open_duckdb() as engine:
        warehouse = Warehouse(tmp_path)
        with warehouse.writing(engine) as writing:
            with pytest.raises(BranchwiseError, match=rf"BW-WHS-006[\s\S]*{os.getpid()}"):
                warehouse.writing(engine, wait_seconds=0.3, tell=told.append).__enter__()
            fill(engine, writing, region=regions(N="North"))
            writing.publish()
    assert len(told) == 1
    assert str(os.getpid()) in told[0]
    assert read(tmp_path, "region", "name") == [("North",)]


def test_loads_at_once_all_land(tmp_path: Path) -> None:
    """Four processes that load at the same time come one after the other; nothing is lost."""
    program = (
        "import sys; from pathlib import Path; from tests.unit.warehouse.rows import load, regions;"
        "load(Path(sys.argv[1]), region=regions(**{sys.argv[2]: sys.argv[2], 'ALL': sys.argv[2]}))"
    )
    names = ["A", "B", "C", "D"]
    running = [
        subprocess.Popen([sys.executable, "-c", program, str(tmp_path), name], cwd=ROOT)
        for name in names
    ]
    assert [process.wait(120) for process in running] == [0, 0, 0, 0]
    assert read(tmp_path, "region", "region_id")[1:] == [("ALL",), ("B",), ("C",), ("D",)]
    snapshot = Warehouse(tmp_path).snapshot()
    assert snapshot.number == 4
    assert len(read(tmp_path, "repair", "row_key")) == 3
    assert orphans(tmp_path) == []


@pytest.mark.parametrize("content", [b"", b"S000009-00000000\n", b"\xff\xfe\x00", b"../etc\n"])
def test_damaged_current(tmp_path: Path, content: bytes) -> None:
    """A damaged name of the current snapshot is told with the newest whole one, which mends it."""
    load(tmp_path, region=regions(N="North"))
    newest = load(tmp_path, region=regions(S="South"))
    (tmp_path / "CURRENT").write_bytes(content)
    with pytest.raises(BranchwiseError, match=rf"BW-WHS-007[\s\S]*{newest.snapshot_id}"):
        Warehouse(tmp_path).snapshot()
    with pytest.raises(BranchwiseError, match="BW-WHS-007"):
        load(tmp_path, region=regions(W="West"))
    (tmp_path / "CURRENT").write_text(newest.snapshot_id)
    assert read(tmp_path, "region", "name") == [("North",), ("South",)]


def test_lost_current(tmp_path: Path) -> None:
    """A missing name of the current snapshot is damage where there are snapshots."""
    newest = load(tmp_path, region=regions(N="North"))
    (tmp_path / "CURRENT").unlink()
    with pytest.raises(BranchwiseError, match=rf"BW-WHS-007[\s\S]*{newest.snapshot_id}"):
        Warehouse(tmp_path).snapshot()


def test_snapshot_of_a_newer_program(tmp_path: Path) -> None:
    """A snapshot of a later format is refused; an older one can still be opened."""
    first = load(tmp_path, region=regions(N="North"))
    second = load(tmp_path, region=regions(S="South"))
    path = tmp_path / "snapshots" / f"{second.snapshot_id}.json"
    path.write_text(json.dumps({**second.as_json(), "format": FORMAT + 1}))
    with pytest.raises(BranchwiseError, match="BW-WHS-009"):
        Warehouse(tmp_path).snapshot()
    assert read(tmp_path, "region", "name", snapshot_id=first.snapshot_id) == [("North",)]


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[1]", b'{"format": 1}', b"\xff", b'{"format": "x"}']
)
def test_damaged_snapshot(tmp_path: Path, content: bytes) -> None:
    """A damaged snapshot file is an input error that names the file."""
    snapshot = load(tmp_path, region=regions(N="North"))
    (tmp_path / "snapshots" / f"{snapshot.snapshot_id}.json").write_bytes(content)
    with pytest.raises(BranchwiseError, match=rf"BW-WHS-010[\s\S]*{snapshot.snapshot_id}\.json"):
        Warehouse(tmp_path).snapshot()


def test_unknown_snapshot_names_the_known(tmp_path: Path) -> None:
    """A snapshot that does not exist is a usage error that lists those that do."""
    known = load(tmp_path, region=regions(N="North"))
    with pytest.raises(BranchwiseError, match=rf"BW-WHS-008[\s\S]*{known.snapshot_id}") as raised:
        Warehouse(tmp_path).snapshot("S000009-00000000")
    assert raised.value.exit_code == 2


def test_missing_data_file(tmp_path: Path) -> None:
    """A Parquet file that somebody deleted is told by its name, before anything is computed."""
    snapshot = load(tmp_path, region=regions(N="North"))
    [path] = Warehouse(tmp_path).files(snapshot, "region")
    path.unlink()
    with pytest.raises(BranchwiseError, match=rf"BW-WHS-010[\s\S]*{path.name}"):
        read(tmp_path, "region", "name")


def test_missing_log(tmp_path: Path) -> None:
    """A table whose Delta log is gone is told by its folder."""
    load(tmp_path, region=regions(N="North"))
    (tmp_path / "tables" / "region" / "_delta_log" / f"{0:020d}.json").unlink()
    with pytest.raises(BranchwiseError, match=r"BW-WHS-010[\s\S]*tables/region"):
        read(tmp_path, "region", "name")


@pytest.fixture
def read_only(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """Give a warehouse that may only be read: on a read-only disk for root, else by mode."""
    root = request.getfixturevalue("small_disk") if os.geteuid() == 0 else tmp_path / "closed"
    load(root, region=regions(N="North"))
    if os.geteuid() == 0:
        subprocess.run(["mount", "-o", "remount,ro", str(root)], check=True)
        yield root
        return
    for path in (root, *root.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield root
    for path in (root, *root.rglob("*")):
        path.chmod(0o755)


def test_folder_that_may_only_be_read(read_only: Path) -> None:
    """In a read-only folder reading works and writing is refused before it begins."""
    assert read(read_only, "region", "name") == [("North",)]
    with pytest.raises(BranchwiseError, match="BW-WHS-004") as raised:
        load(read_only, region=regions(S="South"))
    assert raised.value.exit_code == 3


def test_marker_that_is_torn_deletes_nothing_published(tmp_path: Path) -> None:
    """A marker that does not hold a load's code takes no file away."""
    snapshot = load(tmp_path, region=regions(N="North"))
    (tmp_path / "WRITING").write_bytes(b"*")
    load(tmp_path, region=regions(N="North"))
    assert Warehouse(tmp_path).snapshot() == snapshot
    assert read(tmp_path, "region", "name") == [("North",)]
    assert not (tmp_path / "WRITING").exists()
