"""What a report says of deliveries: frozen records of what was loaded, repaired and set aside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from branchwise.cleaning.stitching import Stitching
from branchwise.core.languages import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What one source delivered for one branch over the period.

    Attributes
    ----------
    spells : tuple of (date, date)
        Runs of days with data, both ends included.
    count_days, count_missing : int
        Days with data; expected days without.
    count_rows : int
    share_endless : float or None
        Tickets without a recorded end (of the served); None where the source has no tickets.
    share_suspect : float or None
        Tickets suspected not to be what they seem (空叫 and the like).
    stitching : Stitching or None
        How the source's clock and rows agree with the other side, tickets or transactions; None
        where it has neither.
    """

    branch_id: str
    data_source_id: str
    spells: tuple[tuple[date, date], ...]
    count_days: int
    count_missing: int
    count_rows: int
    share_endless: float | None = None
    share_suspect: float | None = None
    stitching: Stitching | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairRule:
    """What one cleaning rule did to one column.

    Attributes
    ----------
    examples : tuple of (original, repaired)
    """

    rule: str
    table: str
    column: str
    action: str
    count: int
    examples: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineLine:
    """Rows that could not be loaded, by reason."""

    table: str
    rule: str
    reason: str
    count: int
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """A headline measure without one rule of cleaning (before) and with all of them (after)."""

    rule: str
    measure: str
    before: float | None
    after: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedFile:
    """A file that could not be read, and why."""

    name: str
    code: str
    what: Text
    remedy: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One source of data."""

    data_source_id: str
    name: str
    system: str
    count_rows: int = 0
    loaded_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Loading:
    """What was loaded, repaired, quarantined and refused."""

    sources: tuple[Source, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    repairs: tuple[RepairRule, ...] = ()
    quarantine: tuple[QuarantineLine, ...] = ()
    effects: tuple[Effect, ...] = ()
    refused: tuple[RefusedFile, ...] = ()
    unmapped_files: tuple[str, ...] = ()
