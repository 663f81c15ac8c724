"""A branch's options tried: all of them in a few draws, the best of them and packages in all.

Most options of a branch do next to nothing there. A few draws tell, as every package lives
through the same days as the branch without it. What shows no improvement in them is dropped, with
its appraisal kept for whoever asks why not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from branchwise.plan.appraise import appraisal_of
from branchwise.plan.packages import Growth, Package, Score, grown, singles
from branchwise.plan.proposal import Appraisal, Option, Standing
from branchwise.plan.trials import Apply, Trials, trials_of, tried
from branchwise.twin.calibrate.model import Estimates
from branchwise.twin.values import Values

LEAST_GAIN = 0.02
"""Of what it is today a measure must get better by more than this; less is not worth a project."""
MOST_LOSS = 0.05
"""By more than this what saves cost must not make customers' waits worse."""
LATE_OR_LOST = "plan.late_or_lost_per_month"
LATE = "plan.late_per_month"
LOWER_IS_BETTER = (
    LATE_OR_LOST,
    LATE,
    "queues.abandoned_share",
    "queues.wait_mean_seconds",
    "queues.elderly_wait_mean_seconds",
    "queues.authorisation_mean_seconds",
    "queues.failback_share",
)
HIGHER_IS_BETTER = ("devices.availability_share", "queues.within_standard_share")
GUARDED = (LATE_OR_LOST, LATE, "queues.wait_mean_seconds", "queues.elderly_wait_mean_seconds")
ALIKE = 2
"""Packages of the same levers, in other sizes, that are tried in all draws."""
BELOW_ALL = float("-inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What was tried at a branch.

    Attributes
    ----------
    branch_id : str
        The branch.
    appraisals : tuple of Appraisal
        In all draws, best first; or, where the twin is not believed, single options without
        effects.
    screened_out : tuple of Appraisal
        Dropped after a few draws, or not good enough to be tried in all of them, best first.
    count_idle : int
        Of those dropped, how many showed no improvement at all.
    """

    branch_id: str
    appraisals: tuple[Appraisal, ...]
    screened_out: tuple[Appraisal, ...] = ()
    count_idle: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much is simulated.

    Attributes
    ----------
    draws, screening_draws : int
        Draws of the parameters in the end, and first; 2 or more.
    weeks : int
        Weeks in each draw, 1 to 20.
    finalists : int
        Packages that are tried in all draws.
    savers : int
        Packages besides that free hours or devices without harm.
    growth : Growth
        How far packages are grown.
    """

    draws: int = 16
    screening_draws: int = 4
    weeks: int = 4
    finalists: int = 6
    savers: int = 3
    growth: Growth = field(default_factory=Growth)


def appraise_branch(
    estimates: Estimates,
    options: Iterable[Option],
    *,
    apply: Apply,
    standing: Standing,
    score: Score | None = None,
    effort: Effort | None = None,
    seed: int = 1,
    standard_seconds: float | None = None,
) -> Tried:
    """Try the options of a branch and packages of them.

    Parameters
    ----------
    estimates : Estimates
        Of the branch's calibration.
    options : iterable of Option
        Of the branch; their order does not matter.
    apply : callable
        Carries options out in a scenario (`plan.applied.apply_all`).
    standing : {"trusted", "waits_only", "not_trusted", "not_validated"}
        Verdict on the branch's twin.
    score : callable, optional
        What an appraisal is worth, 0 nothing; by default late or lost customers avoided a month.
    effort : Effort, optional
        How much is simulated.
    seed : int
        Of all chance.
    standard_seconds : float, optional
        Wait within the standard [s].

    Raises
    ------
    BranchwiseError
        [BW-PLN-030] if draws or weeks are too few or too many.
    """
    given = effort or Effort()
    listed = tuple(options)
    trials = trials_of(
        estimates,
        standing=standing,
        draws=given.draws,
        weeks=given.weeks,
        seed=seed,
        standard_seconds=standard_seconds,
    )
    if not trials.draws:
        alone = tuple(appraisal_of(trials, package, None) for package in singles(listed))
        return Tried(branch_id=trials.branch_id, appraisals=alone)
    return _tried(trials, listed, apply, score or avoided, given)


def avoided(appraisal: Appraisal) -> float:
    """Return how many customers a month are no longer late or lost; late ones where only waits
    are believed.

    Examples
    --------
    >>> avoided(Appraisal(package_id="", branch_id="B1", option_ids=(), standing="not_trusted"))
    0.0
    """  # noqa: D205
    effect = appraisal.effect(LATE_OR_LOST) or appraisal.effect(LATE)
    return 0.0 if effect is None else -(effect.difference or 0.0)


def is_promising(appraisal: Appraisal, *, saves: bool = False) -> bool:
    """Say whether something gets better by more than a fiftieth, or cost falls without harm.

    Parameters
    ----------
    appraisal : Appraisal
        In a few draws.
    saves : bool
        Whether the package frees hours or devices.
    """
    relative = [
        (effect.measure, effect.difference / effect.baseline)
        for effect in appraisal.effects
        if effect.difference is not None and effect.baseline
    ]
    gains = (
        change < -LEAST_GAIN if measure in LOWER_IS_BETTER else change > LEAST_GAIN
        for measure, change in relative
        if measure in LOWER_IS_BETTER or measure in HIGHER_IS_BETTER
    )
    if any(gains):
        return True
    harmed = any(measure in GUARDED and change > MOST_LOSS for measure, change in relative)
    return saves and not harmed


def saves(package: Sequence[Option]) -> bool:
    """Say whether a package frees more hours than it adds, or devices."""
    added, freed, devices = (
        sum(sum(getattr(option.quantities, name).values()) for option in package)
        for name in ("hours_added", "hours_freed", "devices_removed")
    )
    return bool(freed > added or devices)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Screening:
    """Packages tried in the first draws, which are kept for those tried in all."""

    trials: Trials
    apply: Apply
    draws: int
    packages: dict[str, Package] = field(default_factory=dict)
    values: dict[str, Values] = field(default_factory=dict)

    def attempt(self, packages: Sequence[Package]) -> list[Appraisal]:
        """Try packages in the first draws."""
        found = []
        for package in packages:
            values = tried(self.trials, package, self.apply, last=self.draws)
            appraisal = appraisal_of(self.trials, package, values)
            self.packages[appraisal.package_id] = package
            self.values[appraisal.package_id] = values
            found.append(appraisal)
        return found

    def in_all_draws(self, code: str) -> Appraisal:
        """Try a package in the other draws too."""
        package, values = self.packages[code], self.values[code]
        if self.draws < self.trials.draws:
            last = self.trials.draws
            values = values.followed_by(
                tried(self.trials, package, self.apply, first=self.draws, last=last)
            )
        return appraisal_of(self.trials, package, values)


def _tried(
    trials: Trials,
    options: tuple[Option, ...],
    apply: Apply,
    score: Score,
    effort: Effort,
) -> Tried:
    screening = _Screening(
        trials=trials, apply=apply, draws=min(effort.screening_draws, effort.draws)
    )

    def worth(appraisal: Appraisal) -> float:
        package = screening.packages[appraisal.package_id]
        return score(appraisal) if is_promising(appraisal, saves=saves(package)) else BELOW_ALL

    first = grown(options, screening.attempt, worth, growth=effort.growth)
    value = {each.package_id: worth(each) for each in first}
    ranked = sorted(first, key=lambda each: (-value[each.package_id], each.package_id))
    chosen = _finalists(ranked, value, screening.packages, effort)
    final = [screening.in_all_draws(code) for code in chosen]
    final.sort(key=lambda each: (-score(each), each.package_id))
    return Tried(
        branch_id=trials.branch_id,
        appraisals=tuple(final),
        screened_out=tuple(each for each in ranked if each.package_id not in chosen),
        count_idle=sum(each == BELOW_ALL for each in value.values()),
    )


def _finalists(
    ranked: Sequence[Appraisal],
    value: dict[str, float],
    known: dict[str, Package],
    effort: Effort,
) -> tuple[str, ...]:
    """Return the codes of what is tried in all draws.

    Under a budget the network may want the single option and not the package, so half of the
    places are for the best option of each lever; of packages that differ in sizes only, two are
    enough. Some that save cost come besides.
    """
    alive = [each.package_id for each in ranked if value[each.package_id] > BELOW_ALL]
    of_lever: dict[frozenset[str], list[str]] = {}
    for code in alive:
        of_lever.setdefault(frozenset(option.lever for option in known[code]), []).append(code)
    alone = [codes[0] for levers, codes in of_lever.items() if len(levers) == 1]
    chosen = alone[: effort.finalists // 2]
    unlike = {code for codes in of_lever.values() for code in codes[:ALIKE]}
    rest = [code for code in alive if code in unlike and code not in chosen]
    chosen += rest[: effort.finalists - len(chosen)]
    savers = [code for code in alive if saves(known[code]) and code not in chosen]
    return (*chosen, *savers[: effort.savers])
