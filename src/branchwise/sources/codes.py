"""Code lists of a mapping: in the mapping itself, or as CSV files beside it that a bank edits.

A list tells what a code of a system means: the value of a canonical column. The CSV has the
headings ``code`` and ``meaning``, and ``branch`` where a code means different things at different
branches; a row without branch holds at all others. The code ``*`` stands for every code that is
not listed. A code without meaning is one that is not understood yet: the column stays empty.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from branchwise.core.errors import Problem, Where, problem

BRANCH_SIGN = "\x1f"
UNLISTED = "\x1e"


def read_codes(
    given: Mapping[str, object], folder: Path, place: str
) -> tuple[dict[str, dict[str, str]], list[Problem]]:
    """Read the code lists of a mapping: tables in it, or names of files beside it.

    Parameters
    ----------
    given : mapping of str to object
        The part ``[codes]``.
    folder : Path
        Where files are looked for.
    place : str
        The mapping, for messages.

    Returns
    -------
    dict, list of Problem
        The lists by name, and [BW-SRC-107] for each that cannot be read.
    """
    found: dict[str, dict[str, str]] = {}
    wrong = []
    for name, entry in given.items():
        if isinstance(entry, dict):
            found[name] = {str(code): str(meaning) for code, meaning in entry.items()}
        elif isinstance(entry, str):
            found[name] = {}
            try:
                found[name] = read_code_list(folder / entry)
            except (ValueError, csv.Error) as error:
                where = Where(place=f"{place} [codes]", column=name)
                wrong.append(problem("BW-SRC-107", where, name=name, file=entry, reason=error))
    return found, wrong


def split_by_branch(
    codes: Mapping[str, str],
) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Return the codes that hold everywhere, and those of single branches by branch.

    Examples
    --------
    >>> split_by_branch({"01": "personal", f"00317{BRANCH_SIGN}01": "corporate"})
    ({'01': 'personal'}, {'00317': {'01': 'corporate'}})
    """
    everywhere: dict[str, str] = {}
    by_branch: dict[str, dict[str, str]] = {}
    for key, meaning in codes.items():
        branch, sign, code = key.partition(BRANCH_SIGN)
        if sign:
            by_branch.setdefault(branch, {})[code] = meaning
        else:
            everywhere[key] = meaning
    return everywhere, by_branch


def read_code_list(path: Path) -> dict[str, str]:
    """Read a code list; a code of one branch is keyed by branch and code, joined by `BRANCH_SIGN`.

    Raises
    ------
    ValueError
        With what is wrong, in words.
    """
    if not path.is_file():
        raise ValueError("there is no such file")
    content = path.read_bytes()
    for codec in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(codec)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise ValueError("it is neither UTF-8 nor GB18030")
    reader = csv.DictReader(io.StringIO(text))
    headings = {(name or "").strip().lower(): name for name in reader.fieldnames or ()}
    if not {"code", "meaning"} <= headings.keys():
        raise ValueError("the headings code and meaning are needed")
    found: dict[str, str] = {}
    for number, row in enumerate(reader, start=2):
        code, meaning, branch = (
            (row.get(headings.get(name, "")) or "").strip()
            for name in ("code", "meaning", "branch")
        )
        if not code:
            continue
        key = f"{branch}{BRANCH_SIGN}{code}" if branch else code
        if found.get(key, meaning) != meaning:
            raise ValueError(f"line {number}: {code} has two meanings")
        found[key] = meaning
    return found
