"""A branch today, as it was measured and as its twin lives it, side by side.

A change that a twin foretells starts from the twin's own today. Where that lies further from what
was measured than the twin's validation lets expect, the change of that measure is not told: who
would read it would take it off another number than the one that he knows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from branchwise.plan.proposal import Appraisal, Effect

Interval = tuple[float, float]
UNLIKE = 0.5
"""Of the larger of the two: further apart than that, and not validated, they are two measures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """One measure of a branch as it is.

    Attributes
    ----------
    measure, unit : str
        As in the catalogue.
    measured : float or None
        In the bank's own data, over the period of the plan.
    simulated : float or None
        In the twin, from which the change of the plan is told.
    lower, upper : float or None
        By how much the measured value may lie from the simulated one: the 90 % prediction interval
        of the twin's validation, less its mean; None where validation does not hold the measure.
    """

    measure: str
    unit: str
    measured: float | None
    simulated: float | None
    lower: float | None = None
    upper: float | None = None

    @property
    def is_told(self) -> bool:
        """Whether a change of the measure may be told.

        The gap is within the interval of the validation; where that does not hold the measure, it
        is no more than half of the larger value.

        Examples
        --------
        >>> near = Today(measure="queues.abandoned_share", unit="share", measured=0.22,
        ...     simulated=0.25, lower=-0.07, upper=0.07)
        >>> near.is_told, replace(near, simulated=0.30).is_told
        (True, False)
        """
        if self.measured is None or self.simulated is None:
            return True
        gap = self.measured - self.simulated
        if self.lower is None or self.upper is None:
            return abs(gap) <= UNLIKE * max(abs(self.measured), abs(self.simulated))
        return self.lower <= gap <= self.upper


def todays(
    effects: Sequence[Effect],
    measured: Mapping[str, float],
    validated: Mapping[str, Interval],
) -> tuple[Today, ...]:
    """Return the measures of a branch that were both measured and simulated.

    Parameters
    ----------
    effects : sequence of Effect
        Of any package: their baselines are the twin's today.
    measured : mapping of str to float
        Measures of the branch by name.
    validated : mapping of str to (float, float)
        By measure, how far the measured value may lie from the simulated one.
    """
    return tuple(
        Today(
            measure=effect.measure,
            unit=effect.unit,
            measured=measured[effect.measure],
            simulated=effect.baseline,
            lower=validated.get(effect.measure, (None, None))[0],
            upper=validated.get(effect.measure, (None, None))[1],
        )
        for effect in effects
        if effect.customer_class is None
        and effect.station is None
        and effect.baseline is not None
        and math.isfinite(measured.get(effect.measure, math.nan))
    )


def told(appraisal: Appraisal, today: Sequence[Today]) -> Appraisal:
    """Return an appraisal without the changes that may not be told; what is today stays.

    Parameters
    ----------
    appraisal : Appraisal
        Of a package.
    today : sequence of Today
        Of its branch.
    """
    silent = {one.measure for one in today if not one.is_told}
    if not silent:
        return appraisal
    return replace(
        appraisal,
        effects=tuple(
            replace(effect, value=None, difference=None, lower=None, upper=None)
            if effect.measure in silent
            else effect
            for effect in appraisal.effects
        ),
    )
