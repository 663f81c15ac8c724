"""What is wrong, where and for how many: the sentence that a director would say of findings."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files

from branchwise.core.languages import LANGUAGES, Language, Text
from branchwise.core.units import closed_up, number
from branchwise.plan.cells import is_aggregate
from branchwise.plan.model import REGION_PREFIX, WHOLE_BANK, Finding
from branchwise.plan.sentences import Noted, place_name

PATTERNS: Mapping[str, Text] = {
    "bank": Text(en="Across the bank", zh_hant="全行", zh_hans="全行"),
    "region": Text(en="In {place}", zh_hant="{place}", zh_hans="{place}"),
    "branch": Text(en="At {place}", zh_hant="{place}", zh_hans="{place}"),
    "branches": Text(
        en="At {count} branches, {place} first",
        zh_hant="{place}等 {count} 個網點",
        zh_hans="{place}等 {count} 个网点",
    ),
    "placed": Text(en="{where} {said}", zh_hant="{where}：{said}", zh_hans="{where}：{said}"),
    "touching": Text(
        en="{said}: {customers}.", zh_hant="{said}，{customers}。", zh_hans="{said}，{customers}。"
    ),
    "alone": Text(en="{said}.", zh_hant="{said}。", zh_hans="{said}。"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ill:
    """What is wrong where a measure is out of line.

    Attributes
    ----------
    measures : tuple of str
        Patterns of measure names.
    says : Text
        What is wrong, without a place.
    customers : Text or None
        Whom it touches; None where nobody is counted.
    """

    measures: tuple[str, ...]
    says: Text
    customers: Text | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lever:
    """All findings on the measure of the finding that ranks first.

    Attributes
    ----------
    places : tuple of str
        Where: the bank (``*``) or region (``region:CODE``) alone if it ranks first, else the
        branches, the first by rank first.
    customers : float
        Customers or transactions a month that they touch.
    """

    measure: str
    places: tuple[str, ...]
    customers: float


@cache
def ills() -> tuple[Ill, ...]:
    """Return the declared ills in order; the first match takes a measure."""
    text = files("branchwise.plan").joinpath("ills.toml").read_text(encoding="utf-8")
    return tuple(
        Ill(
            measures=tuple(entry["measures"]),
            says=Text.parse(entry["says"]),
            customers=Text.parse(entry["customers"]) if "customers" in entry else None,
        )
        for entry in tomllib.loads(text)["ill"]
    )


def ill_of(measure: str) -> Ill:
    """Return what is wrong where a measure is out of line.

    Examples
    --------
    >>> ill_of("queues.wait_p90_seconds").says.zh_hant
    '客戶等候過久'
    """
    return next(
        ill for ill in ills() if any(fnmatchcase(measure, pattern) for pattern in ill.measures)
    )


def lever(findings: Iterable[Finding]) -> Lever | None:
    """Return the measure of the finding that ranks first, with all its findings together.

    The ranking weighs severity, customers and money. Findings of branches are added up, each
    branch once; where the first speaks of a region or the bank, it stands alone. None without
    findings.
    """
    leading = sorted(
        (found for found in findings if found.lead_finding_id is None), key=lambda f: f.rank
    )
    if not leading:
        return None
    first = leading[0]
    if is_aggregate(first.branch_id):
        return Lever(
            measure=first.measure,
            places=(first.branch_id,),
            customers=first.customers_affected,
        )
    touched: dict[str, float] = {}
    for found in leading:
        if found.measure == first.measure and not is_aggregate(found.branch_id):
            most = max(touched.get(found.branch_id, 0.0), found.customers_affected)
            touched[found.branch_id] = most
    return Lever(measure=first.measure, places=tuple(touched), customers=sum(touched.values()))


def what_is_wrong(
    measure: str, customers: float, catalogue: Mapping[str, Noted], where: Text | None = None
) -> Text:
    """Say what is wrong in one sentence.

    Parameters
    ----------
    measure : str
        The measure that is out of line.
    customers : float
        Customers or transactions a month; below one they are left out.
    catalogue : mapping of str to Noted
        Labels of the measures.
    where : Text, optional
        As `where_of` gives it; without it the place is said elsewhere.

    Examples
    --------
    >>> what_is_wrong("queues.wait_p90_seconds", 1570, {}).en
    'Customers wait too long: 1,570 a month wait beyond the standard.'
    """
    ill = ill_of(measure)

    def write(language: Language) -> str:
        label = catalogue[measure].label.read_in(language) if measure in catalogue else measure
        said = ill.says.read_in(language).format(measure=label)
        if where is not None:
            placed = PATTERNS["placed"].read_in(language)
            said = placed.format(where=where.read_in(language), said=said)
        said = said[:1].upper() + said[1:]
        if ill.customers is None or round(customers) <= 0:
            return PATTERNS["alone"].read_in(language).format(said=said)
        touched = ill.customers.read_in(language).format(
            customers=number(customers, language, digits=0)
        )
        whole = PATTERNS["touching"].read_in(language).format(said=said, customers=touched)
        return closed_up(whole)

    return Text.written(write)


def where_of(places: tuple[str, ...], names: Mapping[str, str]) -> Text:
    """Return where something is wrong, to stand before what is wrong.

    Parameters
    ----------
    places : tuple of str
        One of ``*`` and ``region:CODE``, or branches.
    names : mapping of str to str
        Names of branches by code and of regions by ``region:CODE``.

    Examples
    --------
    >>> where_of(("1", "2"), {"1": "城中支行"}).zh_hant
    '城中支行等 2 個網點'
    >>> where_of(("region:R4",), {"region:R4": "North"}).en
    'In North'
    """
    first = places[0]
    if first == WHOLE_BANK:
        return PATTERNS["bank"]
    if first.startswith(REGION_PREFIX):
        name = names.get(first, first.removeprefix(REGION_PREFIX))
        return PATTERNS["region"].filled(place=name)
    form = "branch" if len(places) == 1 else "branches"
    place = place_name(first, names, LANGUAGES[0], has_code=False)
    return PATTERNS[form].filled(place=place, count=len(places))
