"""What the load reports kept in the warehouse say: refused files, effects of the rules."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from branchwise.core.languages import Text
from branchwise.report.deliveries import Effect, RefusedFile
from branchwise.report.phrases import plain


def kept(folder: Path, load_ids: Iterable[str]) -> tuple[Mapping[str, Any], ...]:
    """Return the load reports of some loads, in their order; one that is not kept is left out."""
    found = []
    for load_id in load_ids:
        path = folder / f"{load_id}.json"
        if path.is_file():
            found.append(json.loads(path.read_text(encoding="utf-8")))
    return tuple(found)


def refused(documents: Iterable[Mapping[str, Any]]) -> tuple[RefusedFile, ...]:
    """Return the files that could not be read, each once."""
    found = {}
    for document in documents:
        for problem in document.get("refused", ()):
            file = RefusedFile(
                name=problem["where"],
                code=problem["code"],
                what=_text(problem, "what"),
                remedy=_text(problem, "try"),
            )
            found[file.name, file.code] = file
    return tuple(found.values())


def unmapped(documents: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the files that no mapping matched, each once."""
    names = [name for document in documents for name in document.get("unmapped_files", ())]
    return tuple(dict.fromkeys(names))


def effects(documents: Iterable[Mapping[str, Any]]) -> tuple[Effect, ...]:
    """Return what each rule did to the headline measures in the newest load that has any."""
    for document in documents:
        if document.get("effects"):
            return tuple(
                Effect(
                    rule=row["rule"],
                    measure=row["measure"],
                    before=row["without"],
                    after=row["value"],
                )
                for row in document["effects"]
            )
    return ()


def _text(problem: Mapping[str, Any], part: str) -> Text:
    words = plain(problem[part])
    said = problem.get("translations", {})
    return Text(
        en=words.en,
        zh_hant=said.get("zh-Hant", {}).get(part, words.zh_hant),
        zh_hans=said.get("zh-Hans", {}).get(part, words.zh_hans),
    )
