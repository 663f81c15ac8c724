"""Appraising plans by simulation: shares with their errors, how often, and when to stop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from branchwise.optimise.model import Appraisal, Appraise, Counts, GoOn, Shares


class Stopped(Exception):  # noqa: N818 - no error: whoever asked for it gets the best so far
    """The search was asked to stop."""


def shares_of(appraisal: Appraisal) -> list[Shares]:
    """Return what each plan attains, slot by slot, with standard errors over the days.

    The share is a ratio of sums over days; its error is that of the delta method [1]_.

    References
    ----------
    .. [1] Cochran (1977), Sampling Techniques, 3rd edition, section 6.3.

    Examples
    --------
    >>> came = np.array([10.0, 12.0]).reshape(1, 2, 1, 1)
    >>> found = shares_of(Appraisal(customers=came, within=came * [[[[0.8]], [[0.8]]]]))
    >>> found[0].share.round(2).tolist(), found[0].error.round(2).tolist()
    ([[0.8]], [[0.0]])
    """
    days = appraisal.customers.shape[1]
    total = appraisal.customers.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = appraisal.within.sum(axis=1) / total
        apart = appraisal.within - share[:, None] * appraisal.customers
        spread = np.sqrt((apart**2).sum(axis=1) * days / max(days - 1, 1))
        error = spread / total
    return [
        Shares(share=one, error=wide, days=days) for one, wide in zip(share, error, strict=True)
    ]


@dataclass(slots=True, kw_only=True)
class Sampler:
    """Appraises plans on one set of days and counts how much that took.

    Attributes
    ----------
    appraise : Appraise
        What is asked.
    go_on : callable
        Asked before each appraisal; False stops the search.
    seed, replications : int
        The days.
    appraisals, days : int
        Plans appraised so far, and days of them in all.
    """

    appraise: Appraise
    go_on: GoOn
    seed: int
    replications: int
    appraisals: int = 0
    days: int = 0

    def moved(self, *, seed: int, replications: int) -> None:
        """Go on with other days."""
        self.seed, self.replications = seed, replications

    def shares(self, plans: Counts) -> list[Shares]:
        """Return what each of some plans attains.

        Raises
        ------
        Stopped
            If the search is to end.
        """
        if not self.go_on():
            raise Stopped
        self.appraisals += len(plans)
        self.days += len(plans) * self.replications
        found = self.appraise(plans, replications=self.replications, seed=self.seed)
        return shares_of(found)

    def share(self, plan: Counts) -> Shares:
        """Return what one plan attains."""
        return self.shares(plan[None])[0]
