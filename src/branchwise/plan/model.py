"""The records of a diagnosis: findings, targets reached or missed, settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["standard", "target", "peers", "need", "proportional", "preference"]
Role = Literal["breaks", "spare", "short", "unheld", "single"]
Severity = Literal["high", "medium", "low"]
Scope = Literal["like", "bank", "none"]
Hits = Literal["late", "lost"]
Light = Literal["green", "amber", "red", "unknown"]
WHOLE_BANK = "*"
REGION_PREFIX = "region:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a diagnosis counts as standing out.

    Attributes
    ----------
    false_discovery_share : float
        Largest expected share of false findings among all findings (q-value limit), 0-1.
    sure_share : float
        The stricter q-value limit that a finding of high severity must keep, 0-1.
    relevant_ratio, medium_ratio, high_ratio : float
        How many times worse than the reference a value must be to be a finding at all, a medium
        and a high one (see `severity.worse_ratio`).
    peers_at_least, peers_at_most : int
        Fewest peers that make a comparison, and the number of nearest ones that is used.
    winsorised_share : float
        Share of z scores drawn in at each end before overdispersion is estimated, 0-0.5.
    widespread_share : float
        Where more than this share of the branches break a standard, that is the bank's finding
        and not each branch's, 0-1.
    """

    false_discovery_share: float = 0.05
    sure_share: float = 0.01
    relevant_ratio: float = 1.05
    medium_ratio: float = 1.2
    high_ratio: float = 1.5
    peers_at_least: int = 5
    peers_at_most: int = 12
    winsorised_share: float = 0.2
    widespread_share: float = 1 / 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One branch or skill that a finding names.

    Attributes
    ----------
    role : {"breaks", "spare", "short", "unheld", "single"}
        A branch that breaks the standard; one that has more, or less, of the resource than its
        share by demand; a skill that nobody, or only one, of the staff holds.
    code : str
        Code of the branch or skill.
    amount : float
        The branch's value; units of the resource above or below its share; visits a month that
        ask for the skill.
    """

    role: Role
    code: str
    amount: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """The half-hour of a weekday in which most of a branch's late or lost visits fall.

    Attributes
    ----------
    branch_id : str
        The branch.
    hits : {"late", "lost"}
        Visits that waited beyond the limit, or that left unserved.
    iso_weekday : int
        1 Monday to 7 Sunday.
    starts_minute, ends_minute : int
        Local time of the block, minutes after midnight.
    business_line : str or None
        ``personal`` or ``corporate`` where the branch has both and at least half of the block's
        visits are of one.
    share : float
        The block's share of the branch's late or lost visits, 0-1.
    customers_affected : float
        Late or lost visits a month in the block.
    authorisation_share : float or None
        Share of the block's counter time that was spent waiting for authorisation, 0-1; None
        where no authorisation times are known.
    windows_short : int or None
        Windows missing to carry the block's work at a utilisation of 85 %; None where steps do
        not say which windows were open.
    """

    branch_id: str
    hits: Hits
    iso_weekday: int
    starts_minute: int
    ends_minute: int
    business_line: str | None
    share: float
    customers_affected: float
    authorisation_share: float | None
    windows_short: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One branch × measure × kind of comparison that stands out.

    Attributes
    ----------
    finding_id : str
        ``branch|measure|kind``, unique within a diagnosis.
    branch_id : str
        The branch; ``*`` for the whole bank, ``region:CODE`` for a region.
    measure, theme : str
        The measure and the theme under which it is ranked.
    kind : {"standard", "target", "peers", "need", "proportional", "preference"}
        What the value is compared with: ``need`` is what the branch's own visits ask for,
        ``proportional`` the same resources shared out by demand, ``preference`` the wait that
        older visitors would have with the peers' preference for them.
    value, lower, upper : float
        The value with its 95 % interval, in the measure's unit.
    reference : float
        What the value is compared with, in the measure's unit; of peers their weighted median.
    limit : float or None
        Funnel limit: beyond it the difference is more than noise (peers only).
    count_rows : int
        Rows behind the value.
    worse_ratio : float
        How much worse than the reference, at least 1; not always the ratio of the two: see
        `severity.worse_ratio`.
    severity : {"high", "medium", "low"}
        See `severity.severity_of`.
    p_value, q_value : float or None
        One-sided p and its q-value over all tests; None for a count of everything that has no
        sampling error.
    peers : tuple of str
        The branches compared with.
    peers_scope : {"like", "bank", "none"}
        ``like`` for the same branch type, ``bank`` where too few of that type exist.
    customers_affected : float
        Visits or transactions a month that the difference touches.
    money_minor : int or None
        What it costs a month in minor units; None where no mechanism is honest.
    currency : str or None
        ISO 4217; where there is money or the measure itself is an amount.
    mechanism : str or None
        Name of the mechanism in ``impact.toml`` by which the money arises.
    spot : Spot or None
        When in the week it happens, for findings on waiting.
    guarded_measure : str or None
        The measure whose target is guarded, where a guard-rail got worse.
    rank : int
        Place in the diagnosis, from 1; see `ranking.ranked`.
    lead_finding_id : str or None
        The leading finding under which this one is listed: of the same branch and theme, or the
        bank's where a large part of the branches breaks the same standard.
    parts : tuple of Part
        The branches or skills that it names, the gravest first.
    """

    finding_id: str
    branch_id: str
    measure: str
    theme: str
    kind: Kind
    value: float
    lower: float | None
    upper: float | None
    reference: float
    limit: float | None = None
    count_rows: int
    worse_ratio: float
    severity: Severity
    p_value: float | None
    q_value: float | None
    peers: tuple[str, ...] = ()
    peers_scope: Scope = "none"
    customers_affected: float = 0.0
    money_minor: int | None = None
    currency: str | None = None
    mechanism: str | None = None
    spot: Spot | None = None
    guarded_measure: str | None = None
    rank: int = 1
    lead_finding_id: str | None = None
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetStatus:
    """Whether one target is reached for one branch, region or the bank.

    Attributes
    ----------
    target_id, measure, branch_id : str
        The target and what it was read for (``*`` for the bank, ``region:CODE``).
    value, target_value : float
        Now and wanted, in the measure's unit; value None where there are too few rows.
    light : {"green", "amber", "red", "unknown"}
        Green: reached and the guard-rail kept. Amber: reached while the guard-rail got worse, or
        missed within the interval. Red: missed beyond the interval.
    guard_rail_kept : bool or None
        None where no guard-rail is set or it cannot be computed.
    """

    target_id: str
    measure: str
    branch_id: str
    value: float | None
    target_value: float
    light: Light
    guard_rail_kept: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerComparison:
    """One branch on the funnel of one measure.

    Attributes
    ----------
    branch_id, measure : str
        What is compared.
    value, reference : float
        The value and the peers' weighted median, in the measure's unit.
    lower_limit, upper_limit : float
        95 % funnel limits about the reference, in the measure's unit.
    standard_error : float
        Of the value, on the funnel's scale.
    z : float
        Standardised difference, positive where worse.
    p_value : float
        One-sided, small where worse.
    peers : tuple of str
        The peers.
    scope : {"like", "bank"}
        Where they come from.
    """

    branch_id: str
    measure: str
    value: float
    reference: float
    lower_limit: float
    upper_limit: float
    standard_error: float
    z: float
    p_value: float
    peers: tuple[str, ...]
    scope: Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """All that one diagnosis found.

    Attributes
    ----------
    findings : tuple of Finding
        By rank.
    targets : tuple of TargetStatus
        Every target that applies, reached or not.
    comparisons : tuple of PeerComparison
        Every funnel point, for the drawings.
    spots : tuple of Spot
        Of each branch at most one for late and one for lost visits.
    count_tests : int
        Number of tests over which false discoveries are controlled.
    without_peers : tuple of str
        Branches that have too few peers in the whole bank.
    """

    findings: tuple[Finding, ...]
    targets: tuple[TargetStatus, ...]
    comparisons: tuple[PeerComparison, ...]
    spots: tuple[Spot, ...]
    count_tests: int
    without_peers: tuple[str, ...]
