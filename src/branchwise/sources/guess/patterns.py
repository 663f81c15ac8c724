"""One pattern for the names of files that are alike."""

from __future__ import annotations

import re
from collections.abc import Sequence

from branchwise.sources.reading.archives import glob_pattern


def pattern_of(paths: Sequence[str], others: Sequence[str]) -> str:
    """Return a pattern that matches all of some files and, where that can be, none of the others.

    Examples
    --------
    >>> pattern_of(["queue/00317/202603.csv", "queue/00322/202604.csv"], ["branches.csv"])
    'queue/*/*.csv'
    """
    names = [re.sub(r"\.gz$", "", path, flags=re.IGNORECASE).replace("!", "/") for path in paths]
    tries = (
        names[0] if len(set(names)) == 1 else "",
        _common([re.sub(r"\d+", "*", name) for name in names]),
        _by_parts(names),
        _common([re.sub(r"[^/]*(?=\.\w+$)", "*", name) for name in names]),
    )
    good = [one for one in tries if one and all(map(glob_pattern(one), names))]
    for one in good:
        if not any(map(glob_pattern(one), others)):
            return one
    return good[0] if good else "**/*" + _suffix(names)


def _common(names: Sequence[str]) -> str:
    found = {re.sub(r"\*+", "*", name) for name in names}
    return found.pop() if len(found) == 1 else ""


def _by_parts(names: Sequence[str]) -> str:
    parts = [name.split("/") for name in names]
    if len({len(part) for part in parts}) != 1:
        return ""
    shared = [
        each[0] if len(set(each)) == 1 else "*" + (_suffix(each) if last else "")
        for last, each in (
            (place == len(parts[0]) - 1, [part[place] for part in parts])
            for place in range(len(parts[0]))
        )
    ]
    return "/".join(shared)


def _suffix(names: Sequence[str]) -> str:
    found = {name[name.rindex(".") :] if "." in name.split("/")[-1] else "" for name in names}
    return found.pop() if len(found) == 1 else ""
