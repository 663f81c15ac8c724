"""Ranking and selection: the best of many candidates, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from branchwise.core.errors import Problems
from branchwise.experiments.allocation import next_runs, ocba_weights
from branchwise.experiments.checks import (
    note_budget,
    note_candidates,
    note_confidence,
    note_first,
    note_indifference,
    note_number,
)
from branchwise.experiments.elimination import Boundary, kn_reach, race
from branchwise.experiments.model import (
    CONFIDENCE,
    Basis,
    Flags,
    Pairing,
    Sampler,
    Selection,
)
from branchwise.experiments.runs import Runs, gaps
from branchwise.experiments.screening import screen
from branchwise.experiments.standing import Told, best_so_far, right_choice, selection

MANY = 100
SCREENING = 0.5
STEPS = 20


def select_ocba(
    sample: Sampler,
    candidates: Sequence[int],
    *,
    budget: int,
    confidence: float = CONFIDENCE,
    indifference: float = 0.0,
    first: int = 10,
    step: int | None = None,
    pairing: Pairing = "common",
) -> Selection:
    """Choose the best of many candidates, spending a budget where it tells most.

    Every candidate first runs `first` times; then, a few runs at a time, the budget goes to those
    that are close to the best or noisy. Ends when the estimated probability of a right choice
    reaches `confidence`, or with the budget.

    Parameters
    ----------
    sample : Sampler
        Of the objective; less is better.
    candidates : sequence of int
        Their numbers, two or more, each once.
    budget : int
        Runs of all candidates together, at least ``first`` for each.
    confidence : float
        Probability of a right choice that ends the work early, 0-1.
    indifference : float
        Difference that does not matter, 0 or more, in the unit of the objective. A choice within
        it of the best counts as right. With 0, equal candidates use up any budget.
    first : int
        Runs of the first stage, 2 or more; below 5 the variances are guesses.
    step : int, optional
        Runs given out at a time; by default a twentieth of the budget left after the first stage.
    pairing : {"common", "independent"}
        Whether the replication number gives all candidates the same chance.

    Returns
    -------
    Selection
        Its probability is an estimate from the same runs that chose, not a guarantee.

    Raises
    ------
    BranchwiseError
        BW-EXP-001 to 008, 010.

    References
    ----------
    Chen, Lin, Yücesan and Chick (2000), Simulation budget allocation for further enhancing the
    efficiency of ordinal optimization, doi:10.1023/A:1008349927281; stopping as in Branke, Chick
    and Schmidt (2007), doi:10.1287/mnsc.1070.0721.

    Examples
    --------
    >>> from branchwise.core.randomness import stream
    >>> busy = stream(7, "busy").normal(0, 60, 5000)
    >>> def waits(names, first, count):
    ...     own = [stream(7, "own", name).normal(300 + 10 * name, 20, 5000) for name in names]
    ...     return (np.array(own) + busy)[:, first:first + count]
    >>> found = select_ocba(waits, range(20), budget=600)
    >>> found.chosen, int(found.runs.sum()) <= 600, bool(found.runs[0] > found.runs[19])
    (0, True, True)
    """
    problems = _noted(candidates, first, budget, 1 if step is None else step)
    note_confidence(problems, confidence)
    note_indifference(problems, indifference, may_be_zero=True)
    problems.raise_if_any()
    runs = _first_stage(sample, candidates, first)
    portion = step or max(1, math.ceil((budget - runs.total) / STEPS))
    basis: Basis = "bonferroni" if pairing == "common" else "slepian"
    while True:
        found = best_so_far(runs, pairing)
        probability = right_choice(found, indifference, basis)
        more = min(portion, budget - runs.total)
        extra = next_runs(runs.counts, ocba_weights(found, indifference, pairing), more)
        if probability >= confidence or not extra.any():
            break
        runs.extend(np.arange(len(candidates)), extra)
    told = Told(
        method="ocba",
        probability=probability,
        basis=basis,
        confidence=confidence,
        exhausted=probability < confidence and runs.total >= budget,
        indifference=indifference,
        pairing=pairing,
    )
    return selection(runs, found, told)


def select_kn(
    sample: Sampler,
    candidates: Sequence[int],
    *,
    indifference: float,
    confidence: float = CONFIDENCE,
    first: int = 10,
    step: int = 1,
    budget: int | None = None,
    screening: float | None = None,
) -> Selection:
    """Choose the best of many candidates with a guaranteed probability, dropping losers early.

    After a first stage all that are left run on together; a candidate is out as soon as another
    leads it by more than chance explains. Common random numbers are used as they come: the
    variances are those of differences.

    Parameters
    ----------
    sample : Sampler
        Of the objective; less is better.
    candidates : sequence of int
        Their numbers, two or more, each once.
    indifference : float
        Smallest difference worth finding, above 0, in the unit of the objective.
    confidence : float
        Guaranteed probability of choosing the best, above 1 / k and below 1.
    first : int
        Runs of the first stage, 2 or more; 20 or more where there are hundreds of candidates.
    step : int
        Runs between two looks. The guarantee holds for any; more runs are spent in fewer calls.
    budget : int, optional
        Runs of all candidates together that are never exceeded; without it the work ends
        by itself.
    screening : float, optional
        Part of the error (1 − confidence) that is spent on dropping candidates after the first
        stage by `screen`, 0 up to 1 (exclusive); by default 0.5 with more than 100 candidates,
        else 0.

    Returns
    -------
    Selection
        `basis` is "guaranteed" unless the budget ended the work: then the best so far is returned
        with an estimated probability.

    Raises
    ------
    BranchwiseError
        BW-EXP-001 to 008, 010.

    Notes
    -----
    Holds for normal, independent replications with the best at least `indifference` better than
    the next. Otherwise the choice tends to lie within `indifference` of the best, which has not
    been proven for every case: Eckman and Henderson (2021), doi:10.1145/3432754.

    References
    ----------
    Kim and Nelson (2001), A fully sequential procedure for indifference-zone selection in
    simulation, doi:10.1145/502109.502111 (c = 1); screening beforehand as in Nelson, Swann,
    Goldsman and Song (2001), doi:10.1287/opre.49.6.950.10019.

    Examples
    --------
    >>> from branchwise.core.randomness import stream
    >>> busy = stream(7, "busy").normal(0, 60, 5000)
    >>> def waits(names, first, count):
    ...     own = [stream(7, "own", name).normal(300 + 10 * name, 20, 5000) for name in names]
    ...     return (np.array(own) + busy)[:, first:first + count]
    >>> found = select_kn(waits, range(20), indifference=10.0)
    >>> found.chosen, found.probability, found.basis
    (0, 0.95, 'guaranteed')
    """
    count = len(candidates)
    share = screening if screening is not None else SCREENING * (count > MANY)
    problems = _noted(candidates, first, budget, step)
    note_confidence(problems, confidence, 1 / max(count, 2))
    note_indifference(problems, indifference)
    note_number(problems, "screening", share, least=0, below=1)
    problems.raise_if_any()
    runs = _first_stage(sample, candidates, first)
    reach = kn_reach((1 - share) * (1 - confidence), count, first)
    boundary = Boundary(reach=reach, indifference=indifference)
    kept = _first_look(runs, boundary, share * (1 - confidence))
    rows, exhausted = race(runs, np.flatnonzero(kept), boundary, step=step, budget=budget)
    ahead = int(rows[np.argmin([runs.values(row).mean() for row in rows.tolist()])])
    found = gaps(runs, ahead, "common")
    told = Told(
        method="kn",
        probability=right_choice(found, indifference, "bonferroni") if exhausted else confidence,
        basis="bonferroni" if exhausted else "guaranteed",
        confidence=confidence,
        exhausted=exhausted,
        indifference=indifference,
        pairing="common",
    )
    return selection(runs, found, told, np.isin(np.arange(count), rows))


def _noted(candidates: Sequence[int], first: int, budget: int | None, step: int) -> Problems:
    problems = Problems()
    note_candidates(problems, candidates)
    note_first(problems, first)
    note_budget(problems, budget, len(candidates), first)
    note_number(problems, "step", step, least=1)
    return problems


def _first_stage(sample: Sampler, candidates: Sequence[int], first: int) -> Runs:
    runs = Runs(sample, candidates)
    runs.extend(np.arange(len(candidates)), np.full(len(candidates), first))
    return runs


def _first_look(runs: Runs, boundary: Boundary, error: float) -> Flags:
    values = np.stack([runs.values(row) for row in range(runs.counts.size)])
    kept = boundary.first_look(values)
    if error > 0:
        kept &= screen(values, confidence=1 - error, indifference=boundary.indifference)
    return kept
