"""A finding as one or two sentences that a banker would say, in three languages."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Protocol

from branchwise.core.languages import LANGUAGES, Language, Text
from branchwise.core.money import Money
from branchwise.core.units import closed_up, number, quantity
from branchwise.core.units import unit as unit_of
from branchwise.plan.cells import is_aggregate
from branchwise.plan.impact import mechanisms, rule_of
from branchwise.plan.model import REGION_PREFIX, WHOLE_BANK, Finding, Part, Role, Spot

MINUTE = 60
NAMED = 5
SKILL_ROLES = {"unheld", "single"}
AUTHORISATION_SAID = 0.1
COUNTED_IN_TRANSACTIONS = {"transactions", "counter_transactions", "machine_uses", "authorised"}
JOINTS: dict[Language, str] = {"en": " ", "zh-Hant": "", "zh-Hans": ""}
SEPARATORS: dict[Language, str] = {"en": ", ", "zh-Hant": "、", "zh-Hans": "、"}


class Noted(Protocol):
    """What is said of a measure: its label and its unit."""

    @property
    def label(self) -> Text:
        """What people call it."""

    @property
    def unit(self) -> str:
        """Symbol of its unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The pieces of a finding in words, each one or more whole sentences.

    Attributes
    ----------
    head : Text
        The value against what it is compared with; neither place nor interval.
    named : Text or None
        The branches or skills that it names.
    touched, money : Text or None
        Whom it touches and what it costs a month.
    spot : Text or None
        When in the week it happens.
    """

    head: Text
    named: Text | None
    touched: Text | None
    money: Text | None
    spot: Text | None


def said(finding: Finding, catalogue: Mapping[str, Noted], names: Mapping[str, str]) -> Said:
    """Return a finding in pieces that a page can lay out; branches go by their names alone.

    Parameters
    ----------
    finding, catalogue, names
        As for `sentence`.
    """
    spoken = {
        language: _Speaker(language, catalogue, names, has_codes=False).pieces(finding)
        for language in LANGUAGES
    }

    def piece(place: int) -> Text | None:
        text = Text.written(lambda language: JOINTS[language].join(spoken[language][place]))
        return text if text.en else None

    head, *others = (piece(place) for place in range(5))
    named, touched, cost, spot = others
    assert head is not None  # noqa: S101 - every kind has its sentence
    return Said(head=head, named=named, touched=touched, money=cost, spot=spot)


def sentence(finding: Finding, catalogue: Mapping[str, Noted], names: Mapping[str, str]) -> Text:
    """Say a finding in words.

    Parameters
    ----------
    finding : Finding
        The finding.
    catalogue : mapping of str to Noted
        Labels and units.
    names : mapping of str to str
        Names of branches by code and of regions by ``region:CODE``; a missing one is shown by its
        code.

    Returns
    -------
    Text
        Every figure with its unit; the interval where the value is an estimate.
    """
    return Text.written(lambda language: _Speaker(language, catalogue, names).say(finding))


def place_name(
    branch_id: str, names: Mapping[str, str], language: Language, *, has_code: bool = True
) -> str:
    """Return what people call a branch, a region or the bank.

    Parameters
    ----------
    branch_id : str
        Code of a branch, ``region:CODE`` or ``*``.
    names : mapping of str to str
        As for `sentence`.
    language : {"en", "zh-Hant", "zh-Hans"}
        Language.
    has_code : bool
        Whether a branch's code stands behind its name.

    Examples
    --------
    >>> place_name("region:R4", {"region:R4": "North"}, "en"), place_name("*", {}, "zh-Hant")
    ('Region North', '全行')
    """
    name = names.get(branch_id, branch_id)
    if branch_id == WHOLE_BANK:
        return _phrase("who", "bank", language)
    if branch_id.startswith(REGION_PREFIX):
        region = name.removeprefix(REGION_PREFIX)
        return _phrase("who", "region", language).format(region=region)
    return f"{name} {branch_id}" if has_code and name != branch_id else name


def money(minor: int, currency: str, language: Language) -> str:
    """Write an amount: in Chinese from 10,000 on in 萬.

    Examples
    --------
    >>> money(2_345_600, "CNY", "zh-Hant")
    '2.35 萬元'
    """
    return Money(minor=minor, currency=currency).read_in(language)


class _Speaker:
    def __init__(
        self,
        language: Language,
        catalogue: Mapping[str, Noted],
        names: Mapping[str, str],
        *,
        has_codes: bool = True,
    ) -> None:
        self._language: Language = language
        self._catalogue = catalogue
        self._names, self._has_codes = names, has_codes

    def say(self, finding: Finding) -> str:
        interval = self._interval(finding, self._catalogue[finding.measure].unit)
        _, *others = self.pieces(finding)
        head = str(_sentences()["head_of"][self._language]).format(
            who=self._place(finding.branch_id), head=self._head(finding, interval)
        )
        return JOINTS[self._language].join([head, *(said for piece in others for said in piece)])

    def pieces(self, finding: Finding) -> tuple[list[str], ...]:
        unit = self._catalogue[finding.measure].unit
        return (
            [self._head(finding, "")],
            _named(finding, unit, self._place, self._language),
            self._touched(finding),
            self._money(finding),
            [] if finding.spot is None else self._spot(finding.spot),
        )

    def _place(self, branch_id: str) -> str:
        return place_name(branch_id, self._names, self._language, has_code=self._has_codes)

    def _head(self, finding: Finding, interval: str) -> str:
        unit = self._catalogue[finding.measure].unit
        language, currency = self._language, finding.currency
        kind = finding.kind if finding.guarded_measure is None else "guard_rail"
        guarded = finding.guarded_measure
        return self._filled(
            "head",
            kind,
            measure=self._label(finding.measure),
            value=quantity(finding.value, unit, language, currency=currency),
            interval=interval,
            reference=quantity(finding.reference, unit, language, currency=currency),
            peers=self._peers(finding),
            guarded="" if guarded is None else self._label(guarded),
        )

    def _touched(self, finding: Finding) -> list[str]:
        names_skills = any(part.role in SKILL_ROLES for part in finding.parts)
        if round(finding.customers_affected) <= 0 or names_skills:
            return []
        counted = rule_of(finding.measure).base in COUNTED_IN_TRANSACTIONS
        phrase = "transactions" if counted else "customers"
        touched = number(finding.customers_affected, self._language, digits=0)
        return [self._filled("part", phrase, customers=touched)]

    def _money(self, finding: Finding) -> list[str]:
        if not (finding.money_minor and finding.currency and finding.mechanism):
            return []
        cost = money(finding.money_minor, finding.currency, self._language)
        mechanism = mechanisms()[finding.mechanism].read_in(self._language)
        return [self._filled("part", "money", money=cost, mechanism=mechanism)]

    def _spot(self, spot: Spot) -> list[str]:
        line = spot.business_line
        parts = [
            self._filled(
                "part",
                spot.hits,
                weekday=_phrase("weekday", str(spot.iso_weekday), self._language),
                **{"from": clock(spot.starts_minute), "to": clock(spot.ends_minute)},
                line="" if line is None else _phrase("line", line, self._language),
                share=quantity(spot.share, "share", self._language),
            )
        ]
        if spot.authorisation_share is not None and spot.authorisation_share >= AUTHORISATION_SAID:
            share = quantity(spot.authorisation_share, "share", self._language)
            parts.append(self._filled("part", "authorisation", share=share))
        if spot.windows_short:
            form = "window" if spot.windows_short == 1 else "windows"
            parts.append(self._filled("part", form, count=spot.windows_short))
        return parts

    def _interval(self, finding: Finding, unit: str) -> str:
        if finding.lower is None or finding.upper is None:
            return ""
        template = _sentences()["interval"][self._language]
        known, language = unit_of(unit), self._language
        sign = known.sign.read_in(language) if known.shown == "number" else ""
        lower, upper = (
            quantity(end, unit, language, currency=finding.currency).removesuffix(sign).rstrip()
            for end in (finding.lower, finding.upper)
        )
        return str(template).format(lower=lower, upper=upper)

    def _peers(self, finding: Finding) -> str:
        if finding.kind not in {"peers", "preference"}:
            return ""
        scope = "region" if is_aggregate(finding.branch_id) else finding.peers_scope
        return self._filled("peers", scope, count=len(finding.peers))

    def _label(self, measure: str) -> str:
        return self._catalogue[measure].label.read_in(self._language)

    def _filled(self, section: str, phrase: str, /, **values: object) -> str:
        return closed_up(_phrase(section, phrase, self._language).format(**values))


def _named(
    finding: Finding, unit: str, place: Callable[[str], str], language: Language
) -> list[str]:
    said = []
    roles: dict[Role, list[Part]] = {}
    for part in finding.parts:
        roles.setdefault(part.role, []).append(part)
    for role, parts in roles.items():
        words = [_part(part, finding, unit, place, language) for part in parts[:NAMED]]
        if len(parts) > NAMED:
            words.append(_phrase("named", "more", language).format(count=len(parts) - NAMED))
        listed = SEPARATORS[language].join(words)
        said.append(_phrase("part", role, language).format(count=len(parts), named=listed))
    return said


def _part(
    part: Part, finding: Finding, unit: str, place: Callable[[str], str], language: Language
) -> str:
    amount = number(part.amount, language, digits=0)
    if part.role in SKILL_ROLES:
        known = _sentences()["skill"].get(part.code)
        name = part.code if known is None else str(known[language])
        return closed_up(_phrase("named", "skill", language).format(name=name, amount=amount))
    if part.role == "breaks":
        amount = quantity(part.amount, unit, language, currency=finding.currency)
    name = place(part.code)
    return _phrase("named", part.role, language).format(name=name, amount=amount)


def clock(minute: int) -> str:
    """Write minutes after midnight as a time of day.

    Examples
    --------
    >>> clock(570)
    '09:30'
    """
    return f"{minute // MINUTE:02d}:{minute % MINUTE:02d}"


def _phrase(section: str, name: str, language: Language) -> str:
    return str(_sentences()[section][name][language])


@cache
def _sentences() -> dict[str, Any]:
    text = files("branchwise.plan").joinpath("sentences.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
