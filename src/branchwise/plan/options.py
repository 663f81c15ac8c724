"""From findings to options: what could be done at a branch, in which sizes, the likeliest first.

A finding raises the interventions of its theme, at the branch that it names or, of the whole bank,
at the branches that are its parts. Who has too little gets what helps; who has too much (a finding
of idle windows, of cost, of a share of devices above its demand) gets what gives back. An option
stands for a change that the simulated branch can carry out: one that leaves every weekday as it is
is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from branchwise.core.errors import BranchwiseError
from branchwise.plan import options_devices, options_people, options_schedule, options_windows
from branchwise.plan.applied import apply
from branchwise.plan.branch_facts import BranchFacts
from branchwise.plan.model import REGION_PREFIX, WHOLE_BANK, Finding
from branchwise.plan.option_parts import Case, Maker, situation_of
from branchwise.plan.proposal import Intervention, Option
from branchwise.tables.assumptions import Assumptions
from branchwise.twin.checks import require_sound

MOST_OPTIONS = 16
GRAVITY = {"high": 0, "medium": 1, "low": 2}
MAKERS: Mapping[str, Maker] = {
    "more_windows": options_windows.more_windows,
    "more_advisors": options_windows.more_windows,
    "fewer_windows": options_windows.fewer_windows,
    "staffing_plan": options_schedule.staffing_plan,
    "flexible_windows": options_windows.on_call,
    "lunch_cover": options_windows.lunch_cover,
    "cross_training": options_windows.cross_training,
    "guide_at_peaks": options_people.guide_at_peaks,
    "convert_teller": options_people.convert_teller,
    "more_approvers": options_people.more_approvers,
    "central_authorisation": options_people.central_authorisation,
    "appointments": options_people.appointments,
    "opening_hours": options_people.opening_hours,
    "elderly_priority": options_people.elderly_priority,
    "add_device": options_devices.add_device,
    "move_device": options_devices.move_device,
    "remove_device": options_devices.remove_device,
    "repair_contract": options_devices.repair_contract,
}
"""How the options of an intervention are made; one without is listed as it is, nothing promised."""


def options_of(
    branch: BranchFacts,
    findings: Sequence[Finding],
    library: Mapping[str, Intervention],
    assumptions: Assumptions,
    *,
    most: int = MOST_OPTIONS,
) -> tuple[Option, ...]:
    """Return the options of a branch, the likeliest first.

    The order: first the first size of every intervention, then the second sizes, and so on; among
    them by the gravest finding that raised it (severity, then rank), then by the library. What the
    twin cannot try comes last and does not count.

    Parameters
    ----------
    branch : BranchFacts
        What is known of it; without a scenario, options are named but not sized.
    findings : sequence of Finding
        Of the whole diagnosis.
    library : mapping of str to Intervention
        Of `interventions.library`.
    assumptions : Assumptions
        The bank's values.
    most : int
        Most options that the twin is to try.

    Examples
    --------
    >>> from branchwise.plan.branch_facts import facts_of
    >>> from branchwise.plan.interventions import library
    >>> from branchwise.tables.assumptions import default_assumptions
    >>> from branchwise.twin.example import corner_branch
    >>> late = Finding(finding_id="f", branch_id="corner", measure="queues.wait_p90_seconds",
    ...     theme="waiting", kind="standard", value=900.0, lower=None, upper=None, reference=600.0,
    ...     count_rows=100, worse_ratio=1.5, severity="high", p_value=None, q_value=None)
    >>> facts = facts_of("corner", corner_branch())
    >>> found = options_of(facts, [late], library(), default_assumptions())
    >>> found[0].option_id
    'corner:more_windows:1:counter@12:30-14:30'
    """
    ranked: list[tuple[int, int, tuple[int, int], int, Option]] = []
    for place, (name, intervention) in enumerate(library.items()):
        raising = raised_by(branch, findings, intervention)
        if not raising:
            continue
        case = Case(
            facts=branch, intervention=intervention, findings=raising, assumptions=assumptions
        )
        gravity = _gravity(raising[0])
        is_listed = int(not intervention.mechanism)
        for round_, option in enumerate(_made(case, MAKERS.get(name))):
            ranked.append((is_listed, round_, gravity, place, option))
    ranked.sort(key=lambda entry: (*entry[:4], entry[4].option_id))
    tried = [entry[-1] for entry in ranked if not entry[0]][:most]
    return (*tried, *(entry[-1] for entry in ranked if entry[0]))


def raised_by(
    branch: BranchFacts, findings: Sequence[Finding], intervention: Intervention
) -> tuple[Finding, ...]:
    """Return the findings that raise an intervention at a branch, the gravest first."""
    found = [
        one
        for one in findings
        if one.theme in intervention.themes
        and concerns(branch, one)
        and intervention.situation in {"any", situation_of(branch.branch_id, one)}
    ]
    return tuple(sorted(found, key=lambda one: (*_gravity(one), one.finding_id)))


def concerns(branch: BranchFacts, finding: Finding) -> bool:
    """Return whether a finding is of a branch, names it, or is of its region and names nobody."""
    if finding.branch_id == branch.branch_id:
        return True
    if any(part.code == branch.branch_id for part in finding.parts):
        return finding.branch_id == WHOLE_BANK or finding.branch_id.startswith(REGION_PREFIX)
    region = f"{REGION_PREFIX}{branch.region_id}"
    return bool(branch.region_id) and not finding.parts and finding.branch_id == region


def _gravity(finding: Finding) -> tuple[int, int]:
    return GRAVITY[finding.severity], finding.rank


def _made(case: Case, maker: Maker | None) -> list[Option]:
    """Return the options that the branch can carry out, each once."""
    if not case.intervention.mechanism or maker is None or case.facts.scenario is None:
        return [_named(case)]
    found: dict[str, Option] = {}
    for option in maker(case):
        if is_possible(case.facts, option):
            found.setdefault(option.option_id, option)
    return list(found.values())


def _named(case: Case) -> Option:
    """Return an option that is only named: nothing is known of where and how much."""
    spot = next((one.spot for one in case.findings if one.spot is not None), None)
    window = (spot.starts_minute, spot.ends_minute) if spot is not None else None
    option = case.option(case.intervention.amounts[0], lever=case.intervention.name, window=window)
    return replace(option, window=window if case.intervention.mechanism else None)


def is_possible(branch: BranchFacts, option: Option) -> bool:
    """Return whether an option changes some weekday, and leaves the mean day sound.

    Examples
    --------
    >>> from branchwise.twin.example import corner_branch
    >>> facts = BranchFacts(branch_id="corner", scenario=corner_branch())
    >>> is_possible(facts, Option(option_id="", branch_id="corner", intervention="more_windows",
    ...     amount=1.0, target="no such station", lever=""))
    False
    """
    changed = any(
        apply(option, scenario, iso_weekday=day) != scenario
        for day, scenario in branch.days.items()
    )
    if not changed or branch.scenario is None:
        return False
    try:
        require_sound(apply(option, branch.scenario))
    except BranchwiseError:
        return False
    return True
