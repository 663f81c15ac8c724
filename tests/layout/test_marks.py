"""Tests that need something of the machine skip with a reason, or fail where it is promised."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).resolve().parents[1] / "conftest.py"
SETTINGS = "[pytest]\nmarkers =\n    real: real data\n    web: a browser\n"
TESTS = '''
import pytest

@pytest.mark.real
def test_needs_data():
    """Needs data."""

@pytest.mark.web
def test_needs_a_browser():
    """Needs a browser."""

def test_needs_nothing():
    """Needs nothing."""
'''


def run(folder, **environment):
    """Run the three tests beside a copy of conftest.py, in a folder without data or browser."""
    tests = folder / "project" / "tests"
    tests.mkdir(parents=True)
    shutil.copy(CONFTEST, tests / "conftest.py")
    (tests / "test_it.py").write_text(TESTS, encoding="utf-8")
    (folder / "project" / "pytest.ini").write_text(SETTINGS, encoding="utf-8")
    clean = {name: value for name, value in os.environ.items() if name != "BRANCHWISE_COMPLETE"}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", "tests"],
        cwd=folder / "project",
        capture_output=True,
        text=True,
        env={**clean, "PATH": str(folder), **environment},
        check=False,
    )


def test_what_is_lacking_is_a_skip_with_its_reason(tmp_path):
    """Without data and browser two tests skip, each saying what is lacking, and one passes."""
    ran = run(tmp_path)
    assert ran.returncode == 0, ran.stdout
    assert "1 passed, 2 skipped" in ran.stdout
    assert "no real data in " in ran.stdout
    assert "no Chromium on this machine" in ran.stdout


def test_on_a_complete_machine_a_skip_is_a_failure(tmp_path):
    """With BRANCHWISE_COMPLETE=1 the same two tests fail."""
    ran = run(tmp_path, BRANCHWISE_COMPLETE="1")
    assert ran.returncode == 1
    assert "2 errors" in ran.stdout or "2 failed" in ran.stdout


@pytest.mark.parametrize("lacking", ["data", "browser"])
def test_what_is_there_is_used(tmp_path, lacking):
    """With the one there and the other not, only the other skips."""
    if lacking == "data":
        browser = tmp_path / "chromium"
        browser.write_text("", encoding="utf-8")
        browser.chmod(0o755)
    else:
        (tmp_path / "shared" / "data").mkdir(parents=True)
    ran = run(tmp_path)
    assert "2 passed, 1 skipped" in ran.stdout
