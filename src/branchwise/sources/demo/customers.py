"""Customers: age, income, occupation, standing with the bank and habits. All invented."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from branchwise.core.randomness import stream
from branchwise.sources.demo.network import Branch
from branchwise.sources.demo.settings import DemoSettings, Flags, Floats, Ints

PER_BRANCH = 300
AGE_BANDS = ("under_30", "30_44", "45_59", "60_plus")
ELDERLY = 3
BAND_YEARS = ((18, 29), (30, 44), (45, 59), (60, 88))
OCCUPATIONS = (
    ("學生", "企業職員", "個體經營", "公務人員", "技術人員", "其他"),
    ("企業職員", "個體經營", "公務人員", "技術人員", "教師", "其他"),
    ("企業職員", "個體經營", "公務人員", "教師", "務農", "其他"),
    ("退休", "退休", "退休", "務農", "個體經營", "其他"),
)
MOBILE_SHARE = (0.95, 0.92, 0.75, 0.35)
AUM_MEDIAN = (12_000.0, 40_000.0, 70_000.0, 60_000.0)
AFFLUENT_FROM, PRIVATE_FROM = 500_000.0, 6_000_000.0
ELDERLY_AMONG_CUSTOMERS = 0.28


@dataclass(frozen=True, slots=True, kw_only=True)
class Customers:
    """The customers whose home is one branch, one entry of each array a customer.

    Attributes
    ----------
    codes : list of str
        Numbers of the bank's own, without a check digit; no number of any register.
    band : array of int
        Place in `AGE_BANDS`.
    birth_year : array of int
        Year of birth.
    occupation : list of str
        Occupation.
    star : array of int
        Stars from 1 to 7: 5 and 6 affluent, 7 private.
    income : array of float
        Yearly income in yuan.
    deposit, aum : array of float
        Monthly averages in yuan, `deposit` within `aum`.
    has_mobile, has_consent : array of bool
        Mobile banking; agreed to marketing.
    since : array of int
        Days with the bank before the first day.
    """

    codes: list[str]
    band: Ints
    birth_year: Ints
    occupation: list[str]
    star: Ints
    income: Floats
    deposit: Floats
    aum: Floats
    has_mobile: Flags
    has_consent: Flags
    since: Ints


def customers_of(settings: DemoSettings, branch: Branch) -> Customers:
    """Draw the customers of a branch."""
    chance = stream(settings.seed, "customers", branch.branch_id)
    younger = np.array([0.24, 0.40, 0.36]) * (1 - ELDERLY_AMONG_CUSTOMERS)
    band = chance.choice(4, PER_BRANCH, p=[*younger, ELDERLY_AMONG_CUSTOMERS])
    band[: 8 * len(AGE_BANDS)] = np.repeat(np.arange(len(AGE_BANDS)), 8)
    years = np.array(BAND_YEARS)
    age = chance.integers(years[band, 0], years[band, 1] + 1)
    rich = chance.normal(0, 1, PER_BRANCH)
    aum = np.array(AUM_MEDIAN)[band] * np.exp(1.5 * rich)
    stars = 1 + np.searchsorted(
        [2_000, 20_000, 100_000, AFFLUENT_FROM, 1_500_000, PRIVATE_FROM], aum
    )
    income = np.array([60_000, 110_000, 100_000, 55_000])[band] * np.exp(
        0.5 * rich + chance.normal(0, 0.4, PER_BRANCH)
    )
    job = chance.integers(6, size=PER_BRANCH)
    return Customers(
        codes=[f"C{branch.branch_id[1:]}{number:05d}" for number in range(PER_BRANCH)],
        band=band.astype(np.int64),
        birth_year=settings.starts_on.year - age,
        occupation=[OCCUPATIONS[b][j] for b, j in zip(band.tolist(), job.tolist(), strict=True)],
        star=stars.astype(np.int64),
        income=income,
        deposit=aum * chance.beta(4, 2, PER_BRANCH),
        aum=aum,
        has_mobile=chance.random(PER_BRANCH) < np.array(MOBILE_SHARE)[band],
        has_consent=chance.random(PER_BRANCH) < 0.55,  # noqa: PLR2004
        since=chance.integers(60, 5000, PER_BRANCH),
    )
