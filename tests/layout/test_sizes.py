"""Sizes: a module and a function small enough to be read at once."""

import ast
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
ALLOWED = tomllib.loads((Path(__file__).parent / "allowed.toml").read_text(encoding="utf-8"))
MODULE_LOOKED_AT, MODULE_REFUSED = 400, 600
FUNCTION_LOOKED_AT, FUNCTION_REFUSED = 40, 80
FORBIDDEN = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}


def name_of(path):
    return path.relative_to(ROOT / "src" / "branchwise").as_posix()


def functions(path):
    """Yield the qualified name and the length of every function, without its docstring."""

    def inside(node, outer):
        for child in ast.iter_child_nodes(node):
            named = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            name = f"{outer}.{child.name}" if named and outer else getattr(child, "name", outer)
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                yield name, length(child)
            yield from inside(child, name if named else outer)

    yield from inside(ast.parse(path.read_text(encoding="utf-8")), "")


def length(function):
    first = function.body[0]
    documented = ast.get_docstring(function, clean=False) is not None
    docstring = first.end_lineno - first.lineno + 1 if documented else 0
    return function.end_lineno - function.lineno + 1 - docstring


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_modules_and_functions_are_small(path):
    """No module is over 600 lines, no function over 80; over 400 and 40 each gives its reason."""
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MODULE_REFUSED
    assert lines <= MODULE_LOOKED_AT or name_of(path) in ALLOWED["modules"]
    for name, size in functions(path):
        assert size <= FUNCTION_REFUSED, f"{name} has {size} lines"
        known = f"{name_of(path)}:{name}" in ALLOWED["functions"]
        assert size <= FUNCTION_LOOKED_AT or known, f"{name} has {size} lines"


def test_no_permission_is_left_over():
    """Every entry of the allow-list gives a reason and is still needed."""
    long_modules = {
        name_of(path)
        for path in SOURCES
        if len(path.read_text(encoding="utf-8").splitlines()) > MODULE_LOOKED_AT
    }
    long_functions = {
        f"{name_of(path)}:{name}"
        for path in SOURCES
        for name, size in functions(path)
        if size > FUNCTION_LOOKED_AT
    }
    assert set(ALLOWED["modules"]) <= long_modules
    assert set(ALLOWED["functions"]) <= long_functions
    assert all(reason.strip() for part in ALLOWED.values() for reason in part.values())


def test_names_say_what_a_module_is_about():
    """No module or package is a drawer for odds and ends."""
    parts = {part for path in SOURCES for part in path.with_suffix("").parts}
    assert not parts & FORBIDDEN


def test_length_leaves_the_docstring_out():
    """The measure itself: two lines of code are two, whatever is written about them."""
    function = ast.parse('def f():\n    """One.\n\n    Two.\n    """\n    return 1\n').body[0]
    assert length(function) == 2
