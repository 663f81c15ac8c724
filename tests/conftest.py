"""Marks that need something of the machine: real data, a browser, a PostgreSQL server.

On a machine without it such a test is skipped with its reason. BRANCHWISE_COMPLETE=1 promises a
complete machine, so a skip for want of something is then a failure.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
MISSING = pytest.StashKey[str]()


def data_folder() -> Path:
    """Return the folder of real data, which lies beside the clone."""
    return ROOT.parent / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real data; a test that asks for it is marked `real`."""
    return data_folder()


@pytest.fixture(scope="session")
def browser() -> str:
    """Return the path of a Chromium; a test that asks for it is marked `web`."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert found is not None, "a test without the mark `web` asked for a browser"
    return found


def server_programs() -> Path | None:
    """Return the folder of PostgreSQL's programs, the newest where Debian has several."""
    by_version = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    found = [*([Path(on_path)] if on_path else []), *by_version]
    return found[-1].parent if found else None


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Start a PostgreSQL server of its own and return the URL of its empty database."""
    from tests.servers.postgres import running_server

    programs = server_programs()
    assert programs is not None, "a test without the mark `postgres` asked for a server"
    with running_server(programs) as url:
        yield url


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Note on each item what the machine lacks for it."""
    lacking = {
        "real": "" if data_folder().is_dir() else f"no real data in {data_folder()}",
        "web": "" if any(map(shutil.which, BROWSERS)) else "no Chromium on this machine",
        "postgres": "" if server_programs() else "no PostgreSQL server on this machine",
    }
    for item in items:
        reasons = [reason for mark, reason in lacking.items() if reason and mark in item.keywords]
        if reasons:
            item.stash[MISSING] = "; ".join(reasons)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what the machine cannot run, or fail where the machine is said to be complete."""
    reason = item.stash.get(MISSING, "")
    if not reason:
        return
    if os.environ.get("BRANCHWISE_COMPLETE") == "1":
        pytest.fail(f"this machine is said to be complete, but there is {reason}", pytrace=False)
    pytest.skip(reason)
