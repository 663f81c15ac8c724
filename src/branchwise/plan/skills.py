"""Skills that a branch's visits ask for and too few of its staff hold: a full count, no funnel.

The rule: a skill that nobody holds is a finding of high severity. A skill that only one holds is
one of medium severity where more than half of the branch's peers have two or more: there the
bank itself shows that two are usual.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from branchwise.core.ports import Engine
from branchwise.measures.references import base_query
from branchwise.plan.cells import Cells
from branchwise.plan.model import Finding, Part, Scope, Settings
from branchwise.plan.peers import Candidates
from branchwise.plan.themes import theme_of

COVER, DEPTH = "staff.skill_cover_share", "staff.skill_depth_share"
ASKED_AT_LEAST = 10.0
USUAL = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillHeld:
    """One skill that the visits of a branch ask for.

    Attributes
    ----------
    branch_id, skill : str
        Where and which.
    visits : float
        Visits a month that ask for it.
    holders : int
        Active members of staff who hold it.
    """

    branch_id: str
    skill: str
    visits: float
    holders: int


def skills_held(engine: Engine, *, months: float) -> tuple[SkillHeld, ...]:
    """Return the skills asked for at each branch, with those who hold them.

    Parameters
    ----------
    engine : Engine
        With the relations of the basis ``branch_skill``.
    months : float
        Length of the period, above 0.
    """
    rows = engine.table(f"{base_query('branch_skill')} ORDER BY ALL").to_pylist()
    return tuple(
        SkillHeld(
            branch_id=row["branch_id"],
            skill=row["skill"],
            visits=row["visits"] / months,
            holders=row["holders"],
        )
        for row in rows
    )


def skill_findings(
    held: Sequence[SkillHeld],
    cells: Mapping[str, Cells],
    candidates: Mapping[str, Candidates],
    settings: Settings,
) -> list[Finding]:
    """Return the branches that lack a skill, or have it but once where their peers have it twice.

    Skills asked for less than 10 times a month are left out, and so are branches of which no
    skills are recorded at all.

    Parameters
    ----------
    held : sequence of SkillHeld
        Of `skills_held`.
    cells : mapping of str to Cells
        Values by measure.
    candidates : mapping of str to Candidates
        Possible peers by branch.
    settings : Settings
        How many peers make a comparison.
    """
    by_branch: dict[str, dict[str, SkillHeld]] = {}
    for entry in held:
        by_branch.setdefault(entry.branch_id, {})[entry.skill] = entry
    recorded = {
        branch: skills
        for branch, skills in by_branch.items()
        if branch in candidates and any(entry.holders for entry in skills.values())
    }
    findings = []
    for branch, skills in recorded.items():
        asked = [entry for entry in skills.values() if entry.visits >= ASKED_AT_LEAST]
        unheld = [entry for entry in asked if entry.holders == 0]
        peers, scope = candidates[branch].among(
            recorded, settings.peers_at_least, settings.peers_at_most
        )
        single = [
            entry
            for entry in asked
            if entry.holders == 1 and _usually_two(entry.skill, [recorded[peer] for peer in peers])
        ]
        if unheld and COVER in cells:
            findings.append(_finding(cells[COVER], branch, unheld))
        if single and DEPTH in cells:
            findings.append(_finding(cells[DEPTH], branch, single, peers, scope))
    return findings


def _usually_two(skill: str, peers: Sequence[Mapping[str, SkillHeld]]) -> bool:
    asked = [skills[skill] for skills in peers if skill in skills]
    return sum(entry.holders > 1 for entry in asked) > USUAL * max(len(peers), 1)


def _finding(
    cells: Cells,
    branch: str,
    lacking: Sequence[SkillHeld],
    peers: tuple[str, ...] = (),
    scope: Scope = "none",
) -> Finding:
    cell, name = cells.cells[branch], cells.measure.name
    reference = min(cell.value + len(lacking) / max(cell.count_rows, 1), 1.0)
    kind = "peers" if peers else "need"
    return Finding(
        finding_id=f"{branch}|{name}|{kind}",
        branch_id=branch,
        measure=name,
        theme=theme_of(name).name,
        kind="peers" if peers else "need",
        value=cell.value,
        lower=None,
        upper=None,
        reference=reference,
        count_rows=cell.count_rows,
        worse_ratio=reference / cell.value if cell.value > 0 else float(len(lacking) + 1),
        severity="medium" if peers else "high",
        p_value=None,
        q_value=None,
        peers=peers,
        peers_scope=scope,
        customers_affected=round(sum(entry.visits for entry in lacking), 3),
        parts=tuple(
            Part(
                role="unheld" if entry.holders == 0 else "single",
                code=entry.skill,
                amount=round(entry.visits, 3),
            )
            for entry in sorted(lacking, key=lambda entry: (-entry.visits, entry.skill))
        ),
    )
