"""The repository: layers, docstrings, requirements, nothing of the machine it was written on."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
TEXT = {".py", ".toml", ".md", ".txt", ".sql", ".jinja", ".css", ".js", ".cfg", ""}
MACHINE = re.compile(r"(?<![\w.])/(?:home|root|Users|work|opt|mnt)/\w")
REGISTRY = re.compile(
    r"pypi\.org|files\.pythonhosted|--(?:extra-)?index-url(?![\s\\]*-)|--find-links|--trusted-host"
)
REQUIREMENTS = sorted(ROOT.glob("requirements*.txt"))


def tracked():
    """Return the files of the repository, or of the folder where it is none."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    names = listed.stdout.splitlines() if listed.returncode == 0 else []
    return [path for name in names if (path := ROOT / name).is_file() and path.suffix in TEXT]


def test_imports_go_one_way():
    """import-linter finds every contract of pyproject.toml kept."""
    ran = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout


def test_everything_public_is_explained():
    """Every public module, class, function and method of the package has a docstring."""
    missing = []
    for path in SOURCES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if ast.get_docstring(tree) is None:
            missing.append(path.relative_to(ROOT).as_posix())
        missing += [f"{path.name}:{name}" for name in unexplained(tree)]
    assert missing == []


def unexplained(node):
    """Yield the public names in a module or class that lack a docstring."""
    for child in node.body:
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if child.name.startswith("_"):
            continue
        if ast.get_docstring(child) is None:
            yield child.name
        if isinstance(child, ast.ClassDef):
            yield from unexplained(child)


def test_nothing_names_the_machine_or_a_registry():
    """No file has an absolute path of a machine or the name of a package registry."""
    found = []
    for path in tracked():
        if path == Path(__file__):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if MACHINE.search(line) or REGISTRY.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}")
    assert found == []


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: path.name)
def test_requirements_are_pinned_and_hashed(path):
    """Every requirement is one exact version with its hashes, and pip is told nothing else."""
    text = re.sub(r"\\\n", " ", path.read_text(encoding="utf-8"))
    lines = [line.split(" #")[0].strip() for line in text.splitlines()]
    wanted = [line for line in lines if line and not line.startswith("#")]
    assert wanted
    for line in wanted:
        assert re.fullmatch(r"[\w.-]+==[\w.!+]+(\s*;[^#]*?)?(\s+--hash=sha256:[0-9a-f]{64})+", line)


def test_what_runs_is_among_what_is_tested():
    """Each version of requirements.txt is the one of requirements-dev.txt."""
    pinned = [
        dict(re.findall(r"^([\w.-]+)==(\S+)", path.read_text(encoding="utf-8"), re.MULTILINE))
        for path in (ROOT / "requirements.txt", ROOT / "requirements-dev.txt")
    ]
    assert pinned[0].items() <= pinned[1].items()


def test_every_test_says_what_it_proves():
    """Each module of tests, and each test function, has a sentence as its docstring."""
    silent = []
    for path in (ROOT / "tests").rglob("test_*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        tests = [
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        ]
        silent += [
            f"{path.relative_to(ROOT)}:{getattr(node, 'name', '')}"
            for node in (tree, *tests)
            if not ast.get_docstring(node)
        ]
    assert silent == []
