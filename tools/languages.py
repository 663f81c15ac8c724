"""The gettext catalogue: collect the messages of the code, derive simplified Chinese, check both.

``zh_Hant.po`` is written by hand. ``zh_Hans.po`` is made from it by OpenCC (characters only,
``tw2s``: its phrase tables turn 指標 into 指针), with ``zh_Hans.overrides.toml`` (terms, and whole
messages) where a mainland banker says it in other words. Run ``python -m tools.languages`` after
changing a message; with ``--check`` nothing is written and the exit code is 1 where something is
missing or stale.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment
from jinja2.ext import extract_from_ast

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "branchwise"
LOCALE = SOURCE / "locale"
HAND, DERIVED, OVERRIDES = "zh_Hant", "zh_Hans", "zh_Hans.overrides.toml"
ARGUMENTS = {"say": 1, "later": 1, "count": 2}
TEMPLATE_FUNCTIONS = ("_", "say")


def messages() -> dict[str, list[str]]:
    """Return every message of the code and where it is said, in order of the English text."""
    found: dict[str, list[str]] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        for message in _in_python(path):
            found.setdefault(message, []).append(str(path.relative_to(ROOT)))
    for path in sorted(SOURCE.rglob("*.jinja")):
        for message in _in_template(path):
            found.setdefault(message, []).append(str(path.relative_to(ROOT)))
    return dict(sorted(found.items()))


def read(locale: str) -> dict[str, str]:
    """Return a catalogue: English message to translation, both non-empty."""
    path = LOCALE / f"{locale}.po"
    if not path.exists():
        return {}
    with path.open("rb") as file:
        catalogue = read_po(file, locale=locale)
    return {str(entry.id): str(entry.string) for entry in catalogue if entry.id and entry.string}


def derived(by_hand: dict[str, str]) -> dict[str, str]:
    """Return the simplified catalogue that follows from the traditional one."""
    from opencc import OpenCC

    simplify = OpenCC("tw2s")
    overrides = tomllib.loads((LOCALE / OVERRIDES).read_text(encoding="utf-8"))
    texts = {}
    for message, text in by_hand.items():
        said = text
        for term, other in overrides["terms"].items():
            said = said.replace(term, other)
        texts[message] = overrides["messages"].get(message, simplify.convert(said))
    return texts


def write(locale: str, texts: dict[str, str], places: dict[str, list[str]]) -> None:
    """Write a catalogue in order of the English text, with the files of each message."""
    catalogue = Catalog(locale=locale, project="branchwise", version="0", fuzzy=False)
    for message in sorted(texts):
        named = [(place, None) for place in dict.fromkeys(places.get(message, []))]
        catalogue.add(message, texts[message], locations=named, flags=_flags(message))
    with (LOCALE / f"{locale}.po").open("wb") as file:
        write_po(file, catalogue, width=96, omit_header=True, sort_output=True)


def problems() -> list[str]:
    """Return what is missing or stale, one line each."""
    said, by_hand, simplified = messages(), read(HAND), read(DERIVED)
    lines = [f"missing in {HAND}.po: {message}" for message in said if message not in by_hand]
    lines += [f"stale in {HAND}.po: {message}" for message in by_hand if message not in said]
    wanted = derived({message: by_hand[message] for message in said if message in by_hand})
    lines += [
        f"not derived in {DERIVED}.po: {message}"
        for message in sorted(set(wanted) | set(simplified))
        if wanted.get(message) != simplified.get(message)
    ]
    return lines


def main(arguments: list[str]) -> int:
    """Derive and check; return the exit code."""
    said = messages()
    if "--check" not in arguments:
        by_hand = {message: text for message, text in read(HAND).items() if message in said}
        write(HAND, by_hand, said)
        write(DERIVED, derived(by_hand), said)
    found = problems()
    sys.stdout.write("".join(f"{line}\n" for line in found))
    return 1 if found else 0


def _in_python(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        for argument in node.args[: ARGUMENTS.get(node.func.id, 0)]:
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                yield argument.value


def _in_template(path: Path) -> Iterator[str]:
    tree = Environment(autoescape=True).parse(path.read_text(encoding="utf-8"))
    for _, _, message in extract_from_ast(tree, TEMPLATE_FUNCTIONS, babel_style=False):
        if isinstance(message, str):
            yield message
        else:
            yield from filter(None, message)


def _flags(message: str) -> tuple[str, ...]:
    return ("python-brace-format",) if "{" in message else ()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
