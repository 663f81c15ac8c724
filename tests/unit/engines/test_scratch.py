"""Scratch folders: gone with their block, and after a killed process with the next one."""

import os
import subprocess
import sys
import tempfile

import pytest

from branchwise.engines import scratch
from branchwise.engines.scratch import scratch_folder

HOLDER = """
import time
from branchwise.engines.scratch import scratch_folder
with scratch_folder() as folder:
    (folder / "rows.csv").write_text("C7781")
    print(folder, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def parent(tmp_path, monkeypatch):
    """Return the folder for temporary files of this test."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(scratch, "YOUNGEST_SECONDS", 0.0)
    return tmp_path


@pytest.fixture
def holder(parent):
    """Return a process that holds a scratch folder with a row in it."""
    command = [sys.executable, "-c", HOLDER]
    env = {**os.environ, "TMPDIR": str(parent)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=env) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        yield process
        process.kill()


def test_a_folder_goes_with_its_block(parent):
    """Nothing is left, whether the work succeeds or fails."""
    with pytest.raises(ValueError, match="stopped"), scratch_folder() as folder:  # noqa: PT012
        (folder / "rows.csv").write_text("C7781")
        raise ValueError("stopped")
    assert list(parent.iterdir()) == []


def test_rows_of_a_killed_process_are_removed_by_the_next(parent, holder):
    """While a process lives its folder stays; after a kill the next one takes it away."""
    with scratch_folder():
        assert len(list(parent.glob("*/rows.csv"))) == 1
    holder.kill()
    holder.wait()
    with scratch_folder():
        assert list(parent.glob("*/rows.csv")) == []


def test_what_is_not_ours_stays(parent, monkeypatch):
    """Young folders, links, files and other names are left alone."""
    kept = parent / "elsewhere"
    kept.mkdir()
    (parent / f"{scratch.PREFIX}link").symlink_to(kept)
    (parent / f"{scratch.PREFIX}file").write_text("x")
    monkeypatch.setattr(scratch, "YOUNGEST_SECONDS", 3600.0)
    (parent / f"{scratch.PREFIX}young").mkdir()
    before = set(parent.iterdir())
    with scratch_folder():
        pass
    assert set(parent.iterdir()) == before
