"""Values that no source system gives: costs, standards, lives; each with range and source."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from branchwise.core.errors import Problems, Where
from branchwise.core.languages import LANGUAGES, Language, Text
from branchwise.core.money import minor_digits

KEYS = ("value", "lower", "upper", "unit", "source")
Origin = Literal["default", "yours"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """One value that a bank may replace.

    Attributes
    ----------
    name : str
        Its key in ``assumptions.toml``.
    label : Text
        What people call it.
    value : float
        The value in force.
    lower, upper : float
        Range within which it may lie; plans vary it within.
    unit : str
        Unit; ``currency`` stands for the bank's currency.
    source : Text
        Where it comes from.
    origin : {"default", "yours"}
        Whether the bank has set it.
    """

    name: str
    label: Text
    value: float
    lower: float
    upper: float
    unit: str
    source: Text
    origin: Origin = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions(Mapping[str, Assumption]):
    """All assumptions in force, by name.

    Attributes
    ----------
    currency : str
        ISO 4217 code of every amount among them.
    entries : dict of str to Assumption
        In order of declaration.

    Examples
    --------
    >>> assumptions = default_assumptions()
    >>> assumptions.value("wait_standard_seconds"), assumptions.currency
    (600.0, 'CNY')
    """

    currency: str
    entries: dict[str, Assumption]

    def __getitem__(self, name: str) -> Assumption:
        return self.entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    @property
    def minor_units(self) -> int:
        """How many minor units one unit of the currency has by ISO 4217.

        Examples
        --------
        >>> default_assumptions().minor_units
        100
        """
        return int(10 ** minor_digits(self.currency))

    def value(self, name: str) -> float:
        """Return one value in its unit."""
        return self.entries[name].value

    def as_json(self) -> dict[str, object]:
        """Return every value with its range, unit, source and origin."""
        return {
            "currency": self.currency,
            **{
                entry.name: {
                    "value": entry.value,
                    "lower": entry.lower,
                    "upper": entry.upper,
                    "unit": entry.unit,
                    "source": entry.source.en,
                    "origin": entry.origin,
                }
                for entry in self.values()
            },
        }


@cache
def default_assumptions() -> Assumptions:
    """Return the packaged values."""
    packaged = files("branchwise.tables").joinpath("catalogues", "assumptions.toml")
    declared = tomllib.loads(packaged.read_text(encoding="utf-8"))
    currency = declared.pop("currency")["value"]
    return Assumptions(
        currency=currency,
        entries={
            name: Assumption(
                name=name,
                label=Text.parse(entry["label"]),
                value=float(entry["value"]),
                lower=float(entry["lower"]),
                upper=float(entry["upper"]),
                unit=entry["unit"],
                source=Text.parse(entry["source"]),
            )
            for name, entry in declared.items()
        },
    )


def load_assumptions(path: Path | None = None, *, currency: str | None = None) -> Assumptions:
    """Return the packaged values with those of a workspace's ``assumptions.toml`` over them.

    Parameters
    ----------
    path : Path, optional
        The file; where there is none, the defaults hold.
    currency : str, optional
        ISO 4217 code of the bank's currency, in which the amounts of the file are given.

    Raises
    ------
    BranchwiseError
        [BW-TAB-011] if the file is no TOML; [BW-TAB-012] for a name that is no assumption;
        [BW-TAB-013] for a value that is no number or lies outside its range; [BW-TAB-014] if the
        file names another currency.

    Examples
    --------
    >>> load_assumptions().value("device_life_years")
    5.0
    """
    defaults = default_assumptions()
    if currency is not None:
        defaults = replace(defaults, currency=currency)
    if path is None or not path.exists():
        return defaults
    problems = Problems()
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.add("BW-TAB-011", Where(place=str(path)), reason=str(error))
        problems.raise_if_any()
        raise
    named = given.pop("currency", defaults.currency)
    if named != defaults.currency:
        place = Where(place=str(path), column="currency")
        problems.add("BW-TAB-014", place, value=named, currency=defaults.currency)
    entries = dict(defaults.entries)
    for name, entry in given.items():
        if name not in entries:
            known = ", ".join(entries)
            problems.add("BW-TAB-012", Where(place=str(path)), name=name, known=known)
            continue
        entries[name] = _overridden(entries[name], entry, path, problems)
    problems.raise_if_any()
    return replace(defaults, entries=entries)


def write_template(path: Path, language: Language = "en") -> None:
    """Write an ``assumptions.toml`` in which every default stands as a comment.

    Parameters
    ----------
    path : Path
        Where to write it.
    language : {"en", "zh-Hant", "zh-Hans"}
        Language of the comments.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "assumptions.toml"
    >>> write_template(file)
    >>> load_assumptions(file) == load_assumptions()
    True
    """
    heading = _HEADINGS[language]
    blocks = [f"# {heading}\n"]
    blocks += [
        f"# {entry.label.read_in(language)} [{entry.unit}], {entry.lower:g} – {entry.upper:g}\n"
        f"# {entry.source.read_in(language)}\n"
        f'# [{entry.name}]\n# value = {entry.value:g}\n# source = ""\n'
        for entry in default_assumptions().values()
    ]
    path.write_text("\n".join(blocks), encoding="utf-8")


_HEADINGS: dict[Language, str] = dict(
    zip(
        LANGUAGES,
        (
            "Values that no source system gives. Take away the # of a block to set your own.",
            "來源系統無法提供的數值。刪去該段的 # 即可填入本行數值。",
            "来源系统无法提供的数值。删去该段的 # 即可填入本行数值。",
        ),
        strict=True,
    )
)


def _overridden(
    default: Assumption,
    entry: Any,  # noqa: ANN401 - whatever the file holds
    path: Path,
    problems: Problems,
) -> Assumption:
    given = entry if isinstance(entry, dict) else {"value": entry}
    numbers = {key: given.get(key, getattr(default, key)) for key in ("value", "lower", "upper")}
    real = all(
        isinstance(number, int | float) and not isinstance(number, bool)
        for number in numbers.values()
    )
    unknown = [str(key) for key in given if key not in KEYS]
    if unknown:
        where = Where(place=str(path), column=default.name)
        known = ", ".join(KEYS)
        problems.add("BW-TAB-012", where, name=f"{default.name}.{unknown[0]}", known=known)
        return default
    if not real or not numbers["lower"] <= numbers["value"] <= numbers["upper"]:
        problems.add(
            "BW-TAB-013",
            Where(place=str(path), column=default.name),
            name=default.name,
            **numbers,
        )
        return default
    source = str(given.get("source", "")) or path.name
    return replace(
        default,
        value=float(numbers["value"]),
        lower=float(numbers["lower"]),
        upper=float(numbers["upper"]),
        source=Text(en=source, zh_hant=source, zh_hans=source),
        origin="yours",
    )
