"""What stitching gives back."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Reason = Literal["no_transactions", "no_visits", "nothing_in_common", "no_agreement"]
Side = Literal["services", "transactions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stitching:
    """How far one source of one branch agrees with the other side.

    Attributes
    ----------
    branch_id, data_source_id : str
        Of what.
    side : {"services", "transactions"}
        Whether the source records services (tickets, sessions at a smart counter) or
        transactions, against which clocks are held.
    count : int
        Visits served, suspected ones left out; or transactions at counters and smart counters,
        reversals left out.
    count_stitched : int or None
        Of these, visits with at least one transaction in the time of their service; or
        transactions posted in the time of some service. None where nothing can be said.
    share_stitched : float or None
        `count_stitched` by `count`.
    drift_seconds : float or None
        How far the source's clock is ahead of the clock of the transactions [s]; the middle of
        the offsets that fit best. None for transactions, and where nothing can be said.
    drift_lower_seconds, drift_upper_seconds : float or None
        Between which offsets the data cannot tell [s]; over all weeks where the clock wanders.
    is_steady : bool or None
        Whether one offset fits the whole period. Otherwise every week has its own, and
        `drift_seconds` is their median.
    reason : str or None
        Why nothing can be said: ``no_transactions`` or ``no_visits`` at the branch;
        ``nothing_in_common``, no teller or machine that both sides name; ``no_agreement``, too
        few, or no offset within 20 minutes at which both agree clearly better than by chance.
    """

    branch_id: str
    data_source_id: str
    side: Side
    count: int
    count_stitched: int | None = None
    share_stitched: float | None = None
    drift_seconds: float | None = None
    drift_lower_seconds: float | None = None
    drift_upper_seconds: float | None = None
    is_steady: bool | None = None
    reason: Reason | None = None

    @property
    def is_off(self) -> bool:
        """Whether the two clocks certainly differ: no offset that fits is zero.

        Examples
        --------
        >>> Stitching(branch_id="1", data_source_id="q", side="services", count=8,
        ...           drift_lower_seconds=-20, drift_upper_seconds=10).is_off
        False
        """
        if self.drift_lower_seconds is None or self.drift_upper_seconds is None:
            return False
        return not self.drift_lower_seconds <= 0 <= self.drift_upper_seconds

    def as_json(self) -> dict[str, Any]:
        """Return the record as a JSON object."""
        return asdict(self)
