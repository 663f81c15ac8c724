"""Packages that have to be tried because people accepted options, whether or not they did well."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from branchwise.plan.document import BranchTrial
from branchwise.plan.proposal import Option, package_id

Package = tuple[Option, ...]


def wanted(trial: BranchTrial, accepted: Iterable[str]) -> tuple[Package, ...]:
    """Return the packages of a branch that carry what people accepted and were not tried in full.

    They are what was accepted, as a whole and as far as it stands under each other; and that with
    what goes along of the best package tried. Where two accepted options are alternatives, each of
    them stands alone: the choice then names the two as a contradiction.

    Parameters
    ----------
    trial : BranchTrial
        What was tried of its own accord.
    accepted : iterable of str
        Codes of options.

    Examples
    --------
    >>> from branchwise.plan.proposal import Appraisal
    >>> from branchwise.plan.screening import Tried
    >>> options = tuple(
    ...     Option(option_id=code, branch_id="B", intervention="i", amount=1, lever=code)
    ...     for code in "abc")
    >>> best = Appraisal(package_id="c", branch_id="B", option_ids=("c",), standing="trusted")
    >>> trial = BranchTrial(branch_id="B", options=options,
    ...     tried=Tried(branch_id="B", appraisals=(best,)))
    >>> [package_id([one.option_id for one in found]) for found in wanted(trial, ["a", "b"])]
    ['a+b', 'a+b+c']
    >>> wanted(trial, ["c"])
    ()
    """
    known = {option.option_id: option for option in trial.options}
    chosen = _with_needs([code for code in accepted if code in known], known)
    if not chosen:
        return ()
    packages: list[Package] = (
        [chosen] if _stand_together(chosen) else [(option,) for option in chosen]
    )
    if len(packages) == 1 and trial.tried.appraisals:
        levers = {option.lever for option in chosen}
        best = [known[code] for code in trial.tried.appraisals[0].option_ids]
        packages.append((*chosen, *(option for option in best if option.lever not in levers)))
    done = {one.package_id for one in trial.tried.appraisals}
    found = {package_id(_codes(package)): package for package in packages}
    return tuple(_ordered(package) for code, package in found.items() if code not in done)


def _with_needs(codes: Sequence[str], known: Mapping[str, Option]) -> Package:
    found: dict[str, Option] = {}
    open_codes = list(codes)
    while open_codes:
        code = open_codes.pop()
        if code in known and code not in found:
            found[code] = known[code]
            open_codes += known[code].needs
    return _ordered(found.values())


def _stand_together(package: Package) -> bool:
    return len({option.lever for option in package}) == len(package)


def _ordered(package: Iterable[Option]) -> Package:
    return tuple(sorted(package, key=lambda option: option.option_id))


def _codes(package: Package) -> tuple[str, ...]:
    return tuple(sorted(option.option_id for option in package))
