"""The verdict on a twin, which goes before everything that is read off it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from branchwise.core.languages import Text
from branchwise.pipeline.twin import words
from branchwise.pipeline.twin.places import BASE, Twins
from branchwise.twin.files import scenario_digest
from branchwise.twin.records import Verdict, load_validation

Standing = Verdict | Literal["not_validated"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Whether a branch's twin may be believed.

    Attributes
    ----------
    verdict : {"trusted", "waits_only", "not_trusted", "not_validated"}
        What may be used.
    reason, remedy : Text
        Why, and what would mend it.
    coverage : float or None
        Share of observed values within their prediction intervals.
    """

    verdict: Standing
    reason: Text
    remedy: Text
    coverage: float | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the verdict for programs."""
        return {
            "verdict": self.verdict,
            "reason": self.reason.en,
            "remedy": self.remedy.en,
            "validation_coverage": self.coverage,
        }


def trust(twins: Twins | None, branch_id: str) -> Trust:
    """Return the verdict on the stored twin of a branch.

    A verdict on an earlier calibration does not count.
    """
    if twins is None or not twins.path(branch_id, "validation").is_file():
        return Trust(
            verdict="not_validated", reason=words.NEVER_VALIDATED, remedy=words.VALIDATE_IT
        )
    record = load_validation(twins.path(branch_id, "validation"))
    if scenario_digest(twins.scenario(branch_id, BASE)) != record.scenario_digest:
        return Trust(verdict="not_validated", reason=words.STALE, remedy=words.VALIDATE_IT)
    return Trust(
        verdict=record.verdict,
        reason=record.reason,
        remedy=record.remedy,
        coverage=record.coverage.get("all"),
    )
