"""Folders, zips and gzips, honest and not."""

from __future__ import annotations

import gzip
import io
import os
import zipfile

import pytest

from branchwise.core.errors import BranchwiseError
from branchwise.sources.reading import archives
from branchwise.sources.reading.archives import glob_pattern

SOUND = "網點號,號票,取號\n00317,A001,x\n".encode()


def zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return written.getvalue()


@pytest.fixture
def mapping() -> str:
    return """
[[file]]
name = "tickets"
pattern = "**/*.csv"
[[table]]
into = "visit"
from = "tickets"
[table.columns]
visit_id = "號票"
branch_id = "網點號"
arrived_at = "取號"
"""


def test_zip_gzip_and_folder_give_the_same_rows(load, mapping):
    """A file is read the same alone, gzipped, in a zip, and gzipped in a zip."""
    loaded = load(
        {
            "a.csv": SOUND,
            "b.csv.gz": gzip.compress(SOUND),
            "c.zip": zipped({"x/d.csv": SOUND, "e.csv.gz": gzip.compress(SOUND), "note.txt": b""}),
        },
        mapping,
    )
    files = [row["source_file"] for row in loaded.rows()]
    assert files == ["a.csv", "b.csv.gz", "c.zip!e.csv.gz", "c.zip!x/d.csv"]
    assert loaded.delivery.unmapped_files == ("c.zip!note.txt",)


def test_a_zip_itself_can_be_loaded(load, mapping):
    """Loading a zip is loading the folder in it; names made in Chinese Windows are read."""
    content = zipped({"xxxx.csv": SOUND}).replace(b"xxxx.csv", "叫號".encode("gbk") + b".csv")
    loaded = load({"c.zip": content}, mapping, at="c.zip")
    assert [row["source_file"] for row in loaded.rows()] == ["叫號.csv"]


@pytest.mark.parametrize("cut", [30, 60, 100])
def test_truncated_archives_are_refused(load, mapping, cut):
    """An archive that breaks off is refused with its name; nothing of it is read."""
    content = os.urandom(3000).hex().encode()
    loaded = load(
        {
            "a.csv": SOUND,
            "b.zip": zipped({"b.csv": SOUND + content})[:-cut],
            "c.csv.gz": gzip.compress(SOUND + content)[:-cut],
        },
        mapping,
    )
    assert [(bad.code, bad.where.place) for bad in loaded.delivery.refused] == [
        ("BW-SRC-018", "b.zip"), ("BW-SRC-018", "c.csv.gz"),
    ]  # fmt: skip
    assert len(loaded.rows()) == 1


def test_a_member_with_a_wrong_check_sum_is_refused(load, mapping):
    """A member whose bytes changed is refused; the other members are read."""
    content = bytearray(zipped({"a.csv": SOUND, "b.csv": SOUND}, zipfile.ZIP_STORED))
    content[content.index(b"A001")] = ord("B")
    loaded = load({"c.zip": bytes(content)}, mapping)
    assert [bad.where.place for bad in loaded.delivery.refused] == ["c.zip!a.csv"]
    assert [row["source_file"] for row in loaded.rows()] == ["c.zip!b.csv"]


@pytest.mark.parametrize(
    ("setting", "value"), [("RATIO_FROM_BYTES", 1 << 20), ("UNPACKED_BYTES_LIMIT", 1 << 20)]
)
def test_bombs_are_refused_and_leave_nothing(
    load, mapping, monkeypatch, tmp_path, *, setting, value
):
    """What grows beyond a limit is refused, the limit is said, and the half file is deleted."""
    monkeypatch.setattr(archives, setting, value)
    bomb = b"0" * (8 << 20)
    loaded = load(
        {"a.csv": SOUND, "b.zip": zipped({"b.csv": bomb}), "c.csv.gz": gzip.compress(bomb)}, mapping
    )
    assert loaded.codes()[0] == ["BW-SRC-019", "BW-SRC-019"]
    assert "300 times" in loaded.delivery.refused[0].read_in("en")
    left = sum(file.stat().st_size for file in (tmp_path / "scratch").rglob("*"))
    assert left < 1 << 20


@pytest.mark.parametrize(
    "name", ["../evil.csv", "/etc/evil.csv", "a/../../evil.csv", "C:\\evil.csv"]
)
def test_names_that_lead_out_are_refused(load, mapping, tmp_path, name):
    """No member is written outside the scratch folder, whatever its name."""
    loaded = load({"a.zip": zipped({name: SOUND, "b.csv": SOUND})}, mapping)
    assert loaded.codes()[0] == ["BW-SRC-020"]
    assert not list(tmp_path.rglob("evil*"))
    assert len(loaded.rows()) == 1


def test_links_that_lead_out_are_refused(load, mapping, tmp_path):
    """A symbolic link to a file outside of the delivery is not followed."""
    (tmp_path / "secret.csv").write_bytes(SOUND)
    (tmp_path / "delivery").mkdir()
    (tmp_path / "delivery" / "link.csv").symlink_to(tmp_path / "secret.csv")
    loaded = load({"a.csv": SOUND}, mapping)
    assert loaded.codes()[0] == ["BW-SRC-020"]
    assert len(loaded.rows()) == 1


def test_encrypted_and_nested_archives_are_refused(load, mapping):
    """Members that cannot be opened are named with the reason."""
    content = bytearray(zipped({"a.csv": SOUND}))
    content[content.index(b"PK\1\2") + 8] |= 1
    loaded = load(
        {"a.zip": bytes(content), "b.zip": zipped({"in.zip": zipped({}), "b.csv": SOUND})}, mapping
    )
    assert [bad.values["reason"] for bad in loaded.delivery.refused] == ["encrypted", "zip in zip"]


def test_nothing_readable_is_an_error_with_all_reasons(load, mapping):
    """If nothing can be read the load stops, and every reason is told at once."""
    with pytest.raises(BranchwiseError) as caught:
        load({"a.csv": b"", "b.zip": b"PK", "c.txt": b"x"}, mapping)
    assert [bad.code for bad in caught.value.problems] == ["BW-SRC-025", "BW-SRC-018", "BW-SRC-017"]


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [("*.csv", "A.CSV", True), ("*.csv", "a/b.csv", False), ("**/*.csv", "a/b/c.csv", True),
     ("**/叫號/*.csv", "x/叫號/1.csv", True), ("a?.csv", "a12.csv", False),
     ("*.zip/q/*.csv", "m.zip!q/1.csv", True), ("a+b.csv", "aab.csv", False), ("**", "a/b", True)],
)  # fmt: skip
def test_globs(pattern, name, fits):
    """A pattern finds the names that it says and no other."""
    assert glob_pattern(pattern)(name) is fits
