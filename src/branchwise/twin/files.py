"""Scenarios and what is known of them as TOML files that people can read, edit and compare.

Every float is written with the digits that give it back exactly; whatever is left out holds its
default. A file says the version of its form (`format`); a newer one is refused, never guessed at.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Hashable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from branchwise.core.errors import BranchwiseError, Problems, Where, failure
from branchwise.twin.laws import Law
from branchwise.twin.scenario import FORMAT, Scenario

if TYPE_CHECKING:
    from pydantic_core import SchemaValidator

Record = TypeVar("Record")
HEADER = """\
# A simulated branch. Edit it, or change it on the way: branchwise twin run --set ...
#
# Times (at_second, opens_second ...) are seconds after local midnight: 9:00 is 32400.
# Durations (mean, scale, value, quantiles ...) are seconds; cv is the standard deviation as a
# multiple of the mean. rates_per_hour: customers an hour, one number a slot of slot_seconds from
# rates_start_second on. Shares are 0 to 1, walks are metres, open = servers from a time on.
# law: constant, exponential, uniform, lognormal, gamma, weibull, empirical or survival.
# What is not written holds its default.
"""
ITEMS_A_LINE = 8
ITEM = r"(?:[-+\w.]+|\"(?:[^\"\\\n]|\\.)*\")"
_VERSION = re.compile(r'\A\s*\{\s*"format": *(\d+)')
_COLUMN = re.compile(rf"\[\n((?: +{ITEM},\n)+)( *)\]")


def scenario_text(scenario: Scenario) -> str:
    """Return a scenario as the text of a file.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> read_scenario(scenario_text(corner_branch())) == corner_branch()
    True
    """
    return record_text(scenario, HEADER)


def read_scenario(text: str, place: str = "scenario") -> Scenario:
    """Read a scenario from the text of a file.

    Parameters
    ----------
    text : str
        TOML.
    place : str
        Name of the file, for errors.

    Raises
    ------
    BranchwiseError
        [BW-TWN-030] if it is no TOML, [BW-TWN-031] if a newer program wrote it, and all at once
        [BW-TWN-032] to [BW-TWN-035]: keys that are missing or unknown, values of another kind,
        laws that do not exist.
    """
    return read_record(text, Scenario, place)


def load_scenario(path: Path) -> Scenario:
    """Read a scenario file; raises as `read_scenario`."""
    return read_scenario(text_of(path), str(path))


def scenario_digest(scenario: Scenario) -> str:
    """Return a short name of everything that a scenario says; 9 and 9.0 say the same.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> len(scenario_digest(corner_branch()))
    16
    """
    text = scenario_text(read_scenario(scenario_text(scenario)))
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def text_of(path: Path) -> str:
    """Return the text of a file, or raise [BW-TWN-030]."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise failure("BW-TWN-030", Where(place=str(path)), reason=reason) from error


def record_text(record: object, header: str) -> str:
    """Return a frozen record as TOML below comments, the version of its form first."""
    import tomli_w

    entries = {"format": FORMAT, **_plain(record)}
    return header + "\n" + _COLUMN.sub(_in_lines, tomli_w.dumps(entries, indent=2))


def read_record(text: str, kind: type[Record], place: str) -> Record:
    """Read a record from TOML, checked against the fields of its class; raises as `read_scenario`.

    Values are taken as they are: a text is no number, a number with a fraction no count.
    """
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise failure("BW-TWN-030", Where(place=place), reason=str(error)) from error
    version = found.get("format")
    if isinstance(version, int) and version > FORMAT:
        raise failure("BW-TWN-031", Where(place=place), found=version, known=FORMAT)
    if "format" not in found:
        raise failure("BW-TWN-032", Where(place=place, column="format"), name="format")
    if "format" not in {each.name for each in fields(kind)}:  # type: ignore[arg-type]
        del found["format"]
    return _checked(json.dumps([found], default=_day), kind, place)


def checked_json(text: str, kind: type[Record], place: str, *, known: int) -> Record:
    """Read a record with a field `format` from JSON, checked against the fields of its class.

    Parameters
    ----------
    text : str
        JSON.
    kind : type
        A frozen dataclass.
    place : str
        Name of the file, for errors.
    known : int
        The newest version of its form.

    Raises
    ------
    BranchwiseError
        As `read_scenario`.
    """
    version = _VERSION.search(text)
    if version and int(version.group(1)) > known:
        found = int(version.group(1))
        raise failure("BW-TWN-031", Where(place=place), found=found, known=known)
    return _checked(f"[{text}]", kind, place)


def _checked(text: str, kind: type[Record], place: str) -> Record:
    """Read a record from JSON that lists it alone."""
    from pydantic import ValidationError

    try:
        record: Record = _validator(cast("Hashable", kind)).validate_json(text, strict=True)[0]
    except ValidationError as error:
        raise _refused(error, place) from error
    return record


def _plain(value: Any) -> Any:  # noqa: ANN401 - any part of a record
    if is_dataclass(value) and not isinstance(value, type):
        law_first = sorted(fields(value), key=lambda each: each.name != "law")
        entries = {each: getattr(value, each.name) for each in law_first}
        return {
            each.name: _plain(entry)
            for each, entry in entries.items()
            if not _goes_without_saying(each, entry)
        }
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, (tuple, list)):
        return [_plain(inner) for inner in value]
    return value.item() if hasattr(value, "item") else value


def _goes_without_saying(field: Field[Any], value: object) -> bool:
    empty = () if field.default is MISSING else field.default
    if field.default_factory is not MISSING:
        empty = field.default_factory()
    has_default = field.default is not MISSING or field.default_factory is not MISSING
    return value is None or (has_default and value == empty and value in ((), {}))


def _in_lines(found: re.Match[str]) -> str:
    items = [line.strip(" ") for line in found.group(1).split("\n") if line]
    rows = [items[at : at + ITEMS_A_LINE] for at in range(0, len(items), ITEMS_A_LINE)]
    if len(rows) == 1:
        return f"[{' '.join(rows[0]).rstrip(',')}]"
    indent = found.group(2)
    return "[\n" + "".join(f"{indent}  {' '.join(row)}\n" for row in rows) + f"{indent}]"


def _day(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


@cache
def _validator(kind: Hashable) -> SchemaValidator:
    from pydantic import ConfigDict, TypeAdapter
    from pydantic_core import SchemaValidator

    of_lists = TypeAdapter(list[kind], config=ConfigDict(extra="forbid"))  # type: ignore[valid-type]
    schema: Any = of_lists.core_schema
    laws = _refs_of_laws(schema.get("definitions", ()))
    return SchemaValidator(_told_apart(schema, laws))


def _refs_of_laws(definitions: Any) -> dict[str, str]:  # noqa: ANN401 - of the validator library
    """Return the name of each law, such as ``weibull``, by the reference of its schema."""
    return {
        found["ref"]: found["cls"].__dataclass_fields__["law"].default
        for found in definitions
        if found.get("cls") in Law.__args__
    }


def _told_apart(schema: Any, laws: Mapping[str, str]) -> Any:  # noqa: ANN401
    """Return a schema in which every union of laws is told apart by the key ``law``."""
    if isinstance(schema, list):
        return [_told_apart(inner, laws) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("type") == "union":
        names = [laws.get(choice.get("schema_ref", "")) for choice in schema["choices"]]
        if all(names):
            by_name = dict(zip(names, schema["choices"], strict=True))
            return {"type": "tagged-union", "discriminator": "law", "choices": by_name}
    return {key: _told_apart(inner, laws) for key, inner in schema.items()}


WANTED = {
    "float_type": "1.5",
    "int_type": "2",
    "int_from_float": "2",
    "bool_type": "true / false",
    "string_type": '"…"',
    "tuple_type": "[…]",
    "dict_type": "{…}",
    "dataclass_type": "{…}",
}


def _refused(error: Any, place: str) -> Exception:  # noqa: ANN401 - of the validator library
    problems = Problems()
    for found in error.errors(include_url=False):
        path, kind = found["loc"][1:], found["type"]
        if kind == "json_invalid":
            return failure("BW-TWN-030", Where(place=place), reason=found["ctx"]["error"])
        name = str(path[-1]) if path else ""
        where = Where(place=place, column=_dotted(path))
        if kind in {"missing", "missing_argument"}:
            problems.add("BW-TWN-032", where, name=name)
        elif kind in {"unexpected_keyword_argument", "extra_forbidden"}:
            problems.add("BW-TWN-033", where, name=name)
        elif kind.startswith("union_tag"):
            given = found.get("ctx", {}).get("tag", "–")
            known = ", ".join(law.__dataclass_fields__["law"].default for law in Law.__args__)
            problems.add("BW-TWN-035", where, given=given, known=known)
        else:
            wanted = found.get("ctx", {}).get("expected") or WANTED.get(kind, kind)
            problems.add("BW-TWN-034", where, given=_shown(found["input"]), wanted=wanted)
    return BranchwiseError(*problems)


def _dotted(path: tuple[str | int, ...]) -> str:
    """Return a place as people count it: ``classes[1].patience.scale``."""
    text = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 40 else text[:39] + "…"  # noqa: PLR2004
