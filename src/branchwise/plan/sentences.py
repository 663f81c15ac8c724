"""A finding as one or two sentences that a banker would say, in three languages."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from branchwise.core.languages import LANGUAGES, Language, Text
from branchwise.core.money import Money
from branchwise.core.units import quantity
from branchwise.core.units import unit as unit_of
from branchwise.measures.catalogue import Measure
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


def sentence(finding: Finding, catalogue: Mapping[str, Measure], names: Mapping[str, str]) -> Text:
    """Say a finding in words.

    Parameters
    ----------
    finding : Finding
        The finding.
    catalogue : mapping of str to Measure
        Labels and units.
    names : mapping of str to str
        Names of branches by code and of regions by ``region:CODE``; a missing one is shown by its
        code.

    Returns
    -------
    Text
        Every figure with its unit; the interval where the value is an estimate.
    """
    en, zh_hant, zh_hans = (
        _Speaker(language, catalogue).say(finding, names) for language in LANGUAGES
    )
    return Text(en=en, zh_hant=zh_hant, zh_hans=zh_hans)


def named_in(finding: Finding, unit: str, names: Mapping[str, str]) -> Text | None:
    """Name the branches or skills of a finding; None where it names none.

    Parameters
    ----------
    finding : Finding
        The finding.
    unit : str
        Unit of its measure.
    names : mapping of str to str
        As for `sentence`.
    """
    if not finding.parts:
        return None
    en, zh_hant, zh_hans = (
        JOINTS[language].join(_named(finding, unit, names, language)) for language in LANGUAGES
    )
    return Text(en=en, zh_hant=zh_hant, zh_hans=zh_hans)


def place_name(branch_id: str, names: Mapping[str, str], language: Language) -> str:
    """Return what people call a branch, a region or the bank.

    Parameters
    ----------
    branch_id : str
        Code of a branch, ``region:CODE`` or ``*``.
    names : mapping of str to str
        As for `sentence`.
    language : {"en", "zh-Hant", "zh-Hans"}
        Language.

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
    return name if name == branch_id else f"{name} {branch_id}"


def money(minor: int, currency: str, language: Language) -> str:
    """Write an amount: in Chinese from 10,000 on in 萬.

    Examples
    --------
    >>> money(2_345_600, "CNY", "zh-Hant")
    '2.35 萬元'
    """
    return Money(minor=minor, currency=currency).read_in(language)


class _Speaker:
    def __init__(self, language: Language, catalogue: Mapping[str, Measure]) -> None:
        self._language: Language = language
        self._catalogue = catalogue

    def say(self, finding: Finding, names: Mapping[str, str]) -> str:
        unit, language = self._catalogue[finding.measure].unit, self._language
        parts = [self._head(finding, names), *_named(finding, unit, names, language)]
        parts += self._consequences(finding)
        if finding.spot is not None:
            parts += self._spot(finding.spot)
        return JOINTS[language].join(parts)

    def _head(self, finding: Finding, names: Mapping[str, str]) -> str:
        unit = self._catalogue[finding.measure].unit
        language, currency = self._language, finding.currency
        kind = finding.kind if finding.guarded_measure is None else "guard_rail"
        guarded = finding.guarded_measure
        return self._filled(
            "head",
            kind,
            who=place_name(finding.branch_id, names, self._language),
            measure=self._label(finding.measure),
            value=quantity(finding.value, unit, language, currency=currency),
            interval=self._interval(finding, unit),
            reference=quantity(finding.reference, unit, language, currency=currency),
            peers=self._peers(finding),
            guarded="" if guarded is None else self._label(guarded),
        )

    def _consequences(self, finding: Finding) -> list[str]:
        parts = []
        names_skills = any(part.role in SKILL_ROLES for part in finding.parts)
        if round(finding.customers_affected) > 0 and not names_skills:
            counted = rule_of(finding.measure).base in COUNTED_IN_TRANSACTIONS
            parts.append(
                self._filled(
                    "part",
                    "transactions" if counted else "customers",
                    customers=f"{finding.customers_affected:,.0f}",
                )
            )
        if finding.money_minor and finding.currency and finding.mechanism:
            parts.append(
                self._filled(
                    "part",
                    "money",
                    money=money(finding.money_minor, finding.currency, self._language),
                    mechanism=mechanisms()[finding.mechanism].read_in(self._language),
                )
            )
        return parts

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
        return _phrase(section, phrase, self._language).format(**values)


def _named(finding: Finding, unit: str, names: Mapping[str, str], language: Language) -> list[str]:
    said = []
    roles: dict[Role, list[Part]] = {}
    for part in finding.parts:
        roles.setdefault(part.role, []).append(part)
    for role, parts in roles.items():
        words = [_part(part, finding, unit, names, language) for part in parts[:NAMED]]
        if len(parts) > NAMED:
            words.append(_phrase("named", "more", language).format(count=len(parts) - NAMED))
        listed = SEPARATORS[language].join(words)
        said.append(_phrase("part", role, language).format(count=len(parts), named=listed))
    return said


def _part(
    part: Part, finding: Finding, unit: str, names: Mapping[str, str], language: Language
) -> str:
    amount = f"{part.amount:,.0f}"
    if part.role in SKILL_ROLES:
        known = _sentences()["skill"].get(part.code)
        name = part.code if known is None else str(known[language])
        return _phrase("named", "skill", language).format(name=name, amount=amount)
    if part.role == "breaks":
        amount = quantity(part.amount, unit, language, currency=finding.currency)
    name = place_name(part.code, names, language)
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
