"""What was chosen, tried once more on draws that had no say in the choice.

Of many packages the one that looks best was partly lucky in the draws on which they were compared:
its effect there is too good on the average, the more so the more packages there were [1]_. What is
promised is therefore the effect on fresh draws. What no longer helps on them is not chosen.

References
----------
.. [1] Smith and Winkler (2006), The optimizer's curse, Management Science 52, 311-322,
   doi:10.1287/mnsc.1050.0451.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from branchwise import __version__
from branchwise.core.errors import BranchwiseError
from branchwise.core.progress import Progress
from branchwise.core.randomness import derived_seed
from branchwise.pipeline.plan import words
from branchwise.pipeline.twin.places import BASE, Twins
from branchwise.pipeline.twin.spread import Refused, spread
from branchwise.plan.applied import apply_all
from branchwise.plan.interventions import library
from branchwise.plan.proposal import Appraisal, Option, Standing, package_id
from branchwise.twin.files import scenario_digest
from branchwise.warehouse.files import write_whole

FRESH = "fresh"


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """A package that is tried on fresh draws.

    Attributes
    ----------
    workspace, folder : Path
        The workspace, and where results are kept.
    branch_id, data_id : str
        The branch, and the data.
    standing : {"trusted", "waits_only", "not_trusted", "not_validated"}
        The verdict on its twin.
    options : tuple of Option
        The package.
    draws, seed : int
        Of the trials on which it was chosen; the fresh draws follow from the seed.
    standard_seconds : float
        Wait within the standard [s].
    """

    workspace: Path
    folder: Path
    branch_id: str
    data_id: str
    standing: Standing
    options: tuple[Option, ...]
    draws: int
    seed: int
    standard_seconds: float


def fresh(
    packages: Sequence[Again], *, workers: int | None, progress: Progress
) -> Mapping[str, Appraisal]:
    """Try packages on fresh draws; what was done before is taken from where it is kept.

    Parameters
    ----------
    packages : sequence of Again
        What is tried.
    workers : int or None
        Processes; the result is the same with any number.
    progress : Progress
        Where the work tells how far it is.

    Returns
    -------
    mapping of str to Appraisal
        By package.

    Raises
    ------
    BranchwiseError
        The problems of all that could not be tried.
    """
    if not packages:
        return {}
    done = spread(_tried, packages, title=words.CONFIRMING, workers=workers, progress=progress)
    problems = [found for one in done if isinstance(one, Refused) for found in one.problems]
    if problems:
        raise BranchwiseError(*problems)
    return {one.package_id: one for one in done if isinstance(one, Appraisal)}


def _tried(again: Again) -> Appraisal | Refused:
    from branchwise.plan.appraise import appraise

    try:
        twins = Twins.of(again.workspace)
        path = again.folder / f"{_digest(again, twins)}.json"
        if path.is_file():
            try:
                return _read(path)
            except ValueError:
                path.unlink()
        possible = [one for one in again.options if library()[one.intervention].mechanism]
        (found,) = appraise(
            twins.estimates(again.branch_id),
            [possible],
            apply=apply_all,
            standing=again.standing,
            draws=again.draws,
            seed=derived_seed(again.seed, "promise"),
            standard_seconds=again.standard_seconds,
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        named = _named(found, again.options)
        write_whole(path, _adapter().dump_json(named).decode())
    except BranchwiseError as error:
        return Refused(problems=error.problems)
    return named


def _named(found: Appraisal, options: Sequence[Option]) -> Appraisal:
    """Return an appraisal under the name of the whole package, however much was tried."""
    codes = tuple(sorted(option.option_id for option in options))
    return replace(found, package_id=package_id(codes), option_ids=codes)


def _digest(again: Again, twins: Twins) -> str:
    rests_on = (
        again.branch_id, again.standing, again.data_id, again.draws, again.seed, again.options,
        again.standard_seconds, scenario_digest(twins.scenario(again.branch_id, BASE)), __version__,
    )  # fmt: skip
    return hashlib.blake2b(repr(rests_on).encode(), digest_size=12).hexdigest()


def _read(path: Path) -> Appraisal:
    found: Appraisal = _adapter().validate_json(path.read_bytes())
    return found


@cache
def _adapter() -> Any:  # noqa: ANN401 - of the validator library
    from pydantic import TypeAdapter

    return TypeAdapter(Appraisal)
