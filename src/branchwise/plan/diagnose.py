"""Find where branches stand out: against the standard, the target and their peers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from branchwise.measures.catalogue import Measure
from branchwise.measures.uncertainty import false_discovery
from branchwise.plan.cells import Cells, cells_by_measure
from branchwise.plan.comparisons import Test, against_other_regions, against_peers, against_value
from branchwise.plan.elderly import is_felt, preference_tests
from branchwise.plan.holdings import Holding, inequality_tests
from branchwise.plan.impact import Impact, impact_of
from branchwise.plan.model import (
    REGION_PREFIX,
    WHOLE_BANK,
    Diagnosis,
    Finding,
    Hits,
    PeerComparison,
    Settings,
    Spot,
)
from branchwise.plan.peers import Candidates, Profile, candidates, profiles
from branchwise.plan.ranking import ranked
from branchwise.plan.severity import severity_of, worse_ratio
from branchwise.plan.skills import SkillHeld, skill_findings
from branchwise.plan.targets import target_statuses, target_tests
from branchwise.plan.themes import peers_direction, restated_by, theme_of
from branchwise.plan.volumes import Volumes
from branchwise.plan.widespread import widespread
from branchwise.tables.assumptions import Assumptions

SPOT_THEMES: dict[str, Hits] = {
    "waiting": "late",
    "abandonment": "lost",
    "authorisation": "late",
    "staffing": "late",
}
NO_VOLUMES = Volumes(months=0.0, by_branch={}, mix={})


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What is known of the branches besides their measures.

    Attributes
    ----------
    volumes : Volumes
        Monthly volumes and mix.
    spots : tuple of Spot
        The worst blocks of the week of each branch.
    skills : tuple of SkillHeld
        Skills asked for and held, by branch.
    holdings : tuple of Holding
        Staff and devices of each branch.
    """

    volumes: Volumes = NO_VOLUMES
    spots: tuple[Spot, ...] = ()
    skills: tuple[SkillHeld, ...] = ()
    holdings: tuple[Holding, ...] = ()


def diagnose(
    values: pa.Table,
    branches: pa.Table,
    targets: pa.Table,
    catalogue: Mapping[str, Measure],
    assumptions: Assumptions,
    *,
    settings: Settings | None = None,
    context: Context | None = None,
) -> Diagnosis:
    """Compare every branch and measure with its standard, its target and its peers.

    Parameters
    ----------
    values : pyarrow.Table
        Columns ``branch_id``, ``measure``, ``value``, ``lower``, ``upper``, ``count_rows``; the
        ``branch_id`` is ``*`` for the bank and ``region:CODE`` for a region.
    branches, targets : pyarrow.Table
        The canonical tables.
    catalogue : mapping of str to Measure
        Definitions of the measures.
    assumptions : Assumptions
        Standards and prices.
    settings : Settings, optional
        What counts as standing out.
    context : Context, optional
        Volumes and spots; without them no customers, money or blocks are named, and the nearest
        peers are those of the same type in order of code.

    Returns
    -------
    Diagnosis
        Findings by rank; q-values over all tests of the diagnosis [1]_.

    References
    ----------
    .. [1] Benjamini and Hochberg (1995), Journal of the Royal Statistical Society B 57(1),
       289-300, doi:10.1111/j.2517-6161.1995.tb02031.x.
    """
    known, limits = context or Context(), settings or Settings()
    bank = _bank(values, branches, catalogue, known.volumes)
    rows = targets.to_pylist()
    tests, drawn = _tests(bank, assumptions=assumptions, settings=limits)
    tests += target_tests(rows, bank.ours)
    tests += inequality_tests(known.holdings, bank.ours, bank.own, known.volumes, limits)
    q_values = false_discovery([np.nan if test.p_value is None else test.p_value for test in tests])
    found = _Finder(
        volumes=_with_regions(known.volumes, bank.regions),
        spots={(spot.branch_id, spot.hits): spot for spot in known.spots},
        assumptions=assumptions,
        settings=limits,
    )
    findings = [
        finding
        for test, q in zip(tests, q_values, strict=True)
        if (finding := found.finding(test, float(q))) is not None
    ]
    findings += skill_findings(known.skills, bank.ours, bank.nearest, limits)
    findings += widespread(findings, bank.ours, limits)
    measured = {branch for held in bank.cells.values() for branch in held.branches}
    alone = measured - {point.branch_id for point in drawn}
    return Diagnosis(
        findings=ranked(findings),
        targets=target_statuses(rows, bank.cells),
        comparisons=tuple(drawn),
        spots=tuple(known.spots),
        count_tests=int(np.isfinite(q_values).sum()),
        without_peers=tuple(sorted(alone)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bank:
    """All values, those of the bank's own open branches, and who is like whom."""

    cells: Mapping[str, Cells]
    ours: Mapping[str, Cells]
    own: Mapping[str, Profile]
    nearest: Mapping[str, Candidates]
    regions: Mapping[str, str | None]


def _bank(
    values: pa.Table, branches: pa.Table, catalogue: Mapping[str, Measure], volumes: Volumes
) -> _Bank:
    cells = cells_by_measure(values, catalogue)
    visits = {branch: held.get("visits", 0.0) for branch, held in volumes.by_branch.items()}
    own = {profile.branch_id: profile for profile in profiles(branches, visits, volumes.mix)}
    return _Bank(
        cells=cells,
        ours={name: _restricted(held, own) for name, held in cells.items()},
        own=own,
        nearest=candidates(list(own.values())),
        regions={row["branch_id"]: row["region_id"] for row in branches.to_pylist()},
    )


def _tests(
    bank: _Bank, *, assumptions: Assumptions, settings: Settings
) -> tuple[list[Test], list[PeerComparison]]:
    tests: list[Test] = []
    drawn: list[PeerComparison] = []
    for ours in bank.ours.values():
        if peers_direction(ours.measure) == "none":
            continue
        peers, points = against_peers(ours, bank.nearest, settings)
        drawn += points
        if restated_by(ours.measure.name) is not None:
            continue
        standard = ours.measure.standard
        if standard is not None and ours.measure.direction != "none":
            limit = standard.value(assumptions)
            whom = ours.branches or tuple(code for code in ours.cells if code == WHOLE_BANK)
            tests += [against_value(ours, branch, limit, "standard") for branch in whom]
        tests += peers
        tests += against_other_regions(ours, bank.own, bank.regions)
    tests += preference_tests(bank.ours, bank.nearest, settings)
    return tests, drawn


def _restricted(held: Cells, own: Mapping[str, object]) -> Cells:
    """Leave out competitors and closed branches."""
    return Cells(
        measure=held.measure,
        branches=tuple(branch for branch in held.branches if branch in own),
        cells=held.cells,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Finder:
    volumes: Volumes
    spots: Mapping[tuple[str, Hits], Spot]
    assumptions: Assumptions
    settings: Settings

    def finding(self, test: Test, q_value: float) -> Finding | None:
        measure, cell = test.cells.measure, test.cell
        ratio = worse_ratio(
            cell.value, test.reference, direction=peers_direction(measure), unit=measure.unit
        )
        q = q_value if np.isfinite(q_value) else None
        severity = severity_of(ratio, q, self.settings)
        if severity is None or not is_felt(test):
            return None
        impact = self._impact(test)
        theme = theme_of(measure.name).name
        in_money = impact.money_minor is not None or measure.unit.startswith("currency")
        return Finding(
            finding_id=f"{test.branch_id}|{measure.name}|{test.kind}",
            branch_id=test.branch_id,
            measure=measure.name,
            theme=theme,
            kind=test.kind,
            value=cell.value,
            lower=cell.lower if np.isfinite(cell.lower) else None,
            upper=cell.upper if np.isfinite(cell.upper) else None,
            reference=test.reference,
            limit=test.limit,
            count_rows=cell.count_rows,
            worse_ratio=ratio,
            severity=severity,
            p_value=test.p_value,
            q_value=q,
            peers=test.peers,
            peers_scope=test.scope,
            customers_affected=impact.customers_affected,
            money_minor=impact.money_minor,
            currency=self.assumptions.currency if in_money else None,
            mechanism=impact.mechanism,
            spot=self.spots.get((test.branch_id, SPOT_THEMES[theme]))
            if theme in SPOT_THEMES
            else None,
            guarded_measure=test.guarded_measure,
            parts=test.parts,
        )

    def _impact(self, test: Test) -> Impact:
        held = dict(self.volumes.of(test.branch_id))
        if self.volumes.months > 0:
            held["rows"] = test.cell.count_rows / self.volumes.months
        name, value = test.cells.measure.name, test.cell.value
        impact = impact_of(name, value, test.reference, held, self.assumptions)
        if test.customers is None:
            return impact
        return replace(impact, customers_affected=round(test.customers, 3))


def _with_regions(volumes: Volumes, regions: Mapping[str, str | None]) -> Volumes:
    summed = {branch: dict(held) for branch, held in volumes.by_branch.items()}
    for branch, region in regions.items():
        if not region:
            continue
        whole = summed.setdefault(f"{REGION_PREFIX}{region}", {})
        for base, volume in volumes.of(branch).items():
            whole[base] = whole.get(base, 0.0) + volume
    return Volumes(months=volumes.months, by_branch=summed, mix=volumes.mix)
