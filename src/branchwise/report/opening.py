"""What the card before opening holds: records, with no word about how they are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from branchwise.core.languages import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class SickDevice:
    """A device without a recorded recovery.

    Attributes
    ----------
    device_id, cause : str
        Which, and why where known.
    since : datetime
        Local time at which it went out of order.
    """

    device_id: str
    cause: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningCard:
    """What the next open day of a branch brings.

    Attributes
    ----------
    branch_id, on : str, date
        Where and when.
    mean, lower, upper : float
        Visits expected and their interval; the limits are None without one.
    level : float
        Probability of the interval.
    half_hours : tuple of (int, float)
        Minute at which each begins and visits expected; empty where nothing is known.
    is_usual_shape : bool
        Whether the half-hours are those of an average day.
    kinds : tuple of str
        What is particular about the day, names of `opening_words.KINDS`.
    planned, absent : int or None
        People on the roster of the day, and those away; None where no roster is loaded.
    sick : tuple of SickDevice
        Devices out of order at the end of the data.
    suggestions : tuple of Text
        Three at most, the most pressing first.
    source : Text
        Whose forecast, from which data.
    """

    branch_id: str
    on: date
    mean: float
    lower: float | None
    upper: float | None
    level: float
    half_hours: tuple[tuple[int, float], ...]
    is_usual_shape: bool
    kinds: tuple[str, ...]
    planned: int | None
    absent: int | None
    sick: tuple[SickDevice, ...]
    suggestions: tuple[Text, ...]
    source: Text
