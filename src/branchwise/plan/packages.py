"""Packages of a branch, grown from its best options, each tried as a whole.

Two good options may take each other's effect (one more window, and fewer customers at the
window), or need each other (a machine, and somebody who shows how it is used). So no effect of a
package is ever added up: what is grown is tried, and what does not gain by growing is not grown
further. The search is greedy with a beam: of each size the best few are extended by every other
good option that goes with them. It may miss the best package; it never promises one untried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from branchwise.plan.proposal import Appraisal, Option, package_id

Package = tuple[Option, ...]
Score = Callable[[Appraisal], float]
"""What a package is worth; higher is better, 0 is worth of doing nothing."""
Try = Callable[[Sequence[Package]], Sequence[Appraisal]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """How far packages are grown.

    Attributes
    ----------
    deepest : int
        Most levers in a package.
    beam : int
        Packages of each size that are grown on.
    partners : int
        Best single options that they are grown by.
    """

    deepest: int = 3
    beam: int = 2
    partners: int = 5


def singles(options: Iterable[Option]) -> tuple[Package, ...]:
    """Return each option with what it needs of the same branch, as packages to begin with.

    An option whose needs are not among the options, or which are alternatives to it, is left out.
    What it needs of another branch is a matter of choosing across the network.

    Examples
    --------
    >>> guide = Option(option_id="B1:guide:1:", branch_id="B1", intervention="guide", amount=1,
    ...     lever="guide")
    >>> machine = Option(option_id="B1:add:1:", branch_id="B1", intervention="add", amount=1,
    ...     lever="machines", needs=("B1:guide:1:",))
    >>> [package_id(tuple(each.option_id for each in found)) for found in singles([machine, guide])]
    ['B1:add:1:+B1:guide:1:', 'B1:guide:1:']
    """
    known = {option.option_id: option for option in options}
    found = (_with_needs(known[code], known) for code in sorted(known))
    return tuple(package for package in found if package is not None)


def grown(
    options: Iterable[Option],
    attempt: Try,
    score: Score,
    *,
    growth: Growth | None = None,
) -> tuple[Appraisal, ...]:
    """Try single options, and packages grown from the best of them.

    Parameters
    ----------
    options : iterable of Option
        Of one branch; their order does not matter.
    attempt : callable
        Tries packages, one appraisal each.
    score : callable
        What an appraisal is worth.
    growth : Growth, optional
        How far.

    Returns
    -------
    tuple of Appraisal
        Everything tried: singles by code, then packages, size after size, best first.
    """
    chosen = growth or Growth()
    listed = singles(options)
    known = {_code(package): package for package in listed}
    tried = list(attempt(listed)) if listed else []
    worth = {found.package_id: score(found) for found in tried}
    ranked = _ranked(worth)
    partners = [known[code] for code in ranked if worth[code] > 0][: chosen.partners]
    level = [known[code] for code in ranked if worth[code] > 0][: chosen.beam]
    for _ in range(1, chosen.deepest):
        parents = _parents(level, partners, known)
        if not parents:
            break
        appraisals = attempt([known[code] for code in sorted(parents)])
        here = {found.package_id: score(found) for found in appraisals}
        worth.update(here)
        tried += sorted(appraisals, key=lambda found: (-worth[found.package_id], found.package_id))
        better = {
            code: value
            for code, value in here.items()
            if value > max(worth[parent] for parent in parents[code])
        }
        level = [known[code] for code in _ranked(better)][: chosen.beam]
    return tuple(tried)


def _parents(
    level: Sequence[Package], partners: Sequence[Package], known: dict[str, Package]
) -> dict[str, set[str]]:
    """Return the new packages with what each was grown from, and make them known."""
    found: dict[str, set[str]] = {}
    before = set(known)
    for package in level:
        for partner in partners:
            larger = _joined(package, partner)
            if larger is None or _code(larger) in before:
                continue
            known[_code(larger)] = larger
            found.setdefault(_code(larger), set()).update({_code(package), _code(partner)})
    return found


def _joined(package: Package, partner: Package) -> Package | None:
    """Return both together; None where two options are alternatives."""
    options = {option.option_id: option for option in (*package, *partner)}
    levers = [option.lever for option in options.values()]
    if len(set(levers)) < len(levers):
        return None
    return tuple(options[code] for code in sorted(options))


def _with_needs(option: Option, known: dict[str, Option]) -> Package | None:
    found, open_codes = {option.option_id: option}, list(option.needs)
    while open_codes:
        code = open_codes.pop()
        if code in found or not code.startswith(f"{option.branch_id}:"):
            continue
        if code not in known:
            return None
        found[code] = known[code]
        open_codes += known[code].needs
    return _joined(tuple(found.values()), ())


def _ranked(worth: dict[str, float]) -> list[str]:
    return sorted(worth, key=lambda code: (-worth[code], code))


def _code(package: Package) -> str:
    return package_id(tuple(option.option_id for option in package))
