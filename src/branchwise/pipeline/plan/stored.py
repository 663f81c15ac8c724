"""Plans kept: one document each, the table ``option`` for everybody, and which plan is current."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from branchwise.core.errors import Where, failure
from branchwise.core.ports import Engine
from branchwise.pipeline.plan.asked import Asked
from branchwise.plan.costs import costs_of
from branchwise.plan.document import BranchPlan, Plan
from branchwise.plan.interventions import library
from branchwise.plan.proposal import Answer, Costs, Option
from branchwise.tables.assumptions import Assumptions
from branchwise.tables.spec import table_spec
from branchwise.warehouse.files import write_whole
from branchwise.warehouse.store import Warehouse

CURRENT = "current"
DOCUMENT = "plan.json"
ASKED = "asked.json"
DIGEST = "digest"
EVERYTHING = {
    "option": "SELECT * FROM option ORDER BY plan_id, option_id",
    "action": "SELECT * FROM action ORDER BY action_id",
}
ANSWERS = """
SELECT option_id, answer, reason FROM option WHERE answer <> 'open' ORDER BY plan_id, option_id
"""


def save(plans: Path, plan: Plan, asked: Asked) -> Path:
    """Write a plan whole and make it the current one; return its document."""
    document = written(plans, plan, asked)
    make_current(plans, plan)
    return document


def written(plans: Path, plan: Plan, asked: Asked) -> Path:
    """Write a plan whole; return its document. The current one stays."""
    folder = plans / plan.plan_id
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / ASKED, _adapter(Asked).dump_json(asked, indent=1).decode())
    write_whole(folder / DOCUMENT, _adapter(Plan).dump_json(plan, indent=1).decode())
    write_whole(folder / DIGEST, _digest(folder))
    return folder / DOCUMENT


def make_current(plans: Path, plan: Plan) -> None:
    """Make a plan that was written the current one."""
    write_whole(plans / CURRENT, plan.plan_id)


def current(plans: Path) -> Plan:
    """Read the current plan.

    Raises
    ------
    BranchwiseError
        [BW-PLN-061] if there is none yet; [BW-PLN-062] if its document cannot be read;
        [BW-PLN-066] if it was changed after it was made.
    """
    found: Plan = _read(plans, DOCUMENT, Plan)
    return found


def asked_for(plans: Path) -> Asked:
    """Read what was asked of the current plan; raises as `current`."""
    found: Asked = _read(plans, ASKED, Asked)
    return found


def _read(plans: Path, name: str, kind: Hashable) -> Any:  # noqa: ANN401
    pointer = plans / CURRENT
    if not pointer.is_file():
        raise failure("BW-PLN-061", Where(place=str(plans)), workspace=plans.parent)
    path = plans / pointer.read_text(encoding="utf-8").strip() / name
    try:
        found = _adapter(kind).validate_json(path.read_bytes())
        digest = path.parent / DIGEST
        changed = digest.is_file() and digest.read_text(encoding="utf-8") != _digest(path.parent)
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise failure("BW-PLN-062", Where(place=str(path)), reason=reason) from error
    if changed:
        raise failure("BW-PLN-066", Where(place=str(path.parent)), plan=path.parent.name)
    return found


def _digest(folder: Path) -> str:
    """Return the name of what a plan's documents say."""
    found = hashlib.blake2b(digest_size=16)
    for name in (ASKED, DOCUMENT):
        found.update((folder / name).read_bytes())
    return found.hexdigest()


def require_unchanged(plans: Path, plan: Plan) -> None:
    """Check a choice once more before people decide on it, as if nobody had made it.

    Raises
    ------
    BranchwiseError
        [BW-PLN-066] if the plan does not keep its own limits, which no plan that was made does.
    """
    from branchwise.optimise.verify_portfolio import verify_portfolio

    if verify_portfolio(plan.problem, plan.decision):
        place = Where(place=str(plans / plan.plan_id))
        raise failure("BW-PLN-066", place, plan=plan.plan_id)


def has_plan(plans: Path) -> bool:
    """Return whether a plan has been made."""
    return (plans / CURRENT).is_file()


@cache
def _adapter(kind: Hashable) -> Any:  # noqa: ANN401 - of the validator library
    from pydantic import TypeAdapter

    adapter: Any = TypeAdapter
    return adapter(kind)


def answers(engine: Engine) -> dict[str, tuple[Answer, str]]:
    """Return what people have answered to options, of whatever plan.

    An option has one answer: `publish` writes it into the rows of all plans.
    """
    return {
        row["option_id"]: (row["answer"], row["reason"] or "")
        for row in engine.table(ANSWERS).to_pylist()
    }


def publish(
    warehouse: Warehouse,
    engine: Engine,
    plan: Plan,
    options: Sequence[Mapping[str, Any]],
    *,
    actions: Sequence[Mapping[str, Any]],
    given: Mapping[str, tuple[Answer, str]],
) -> None:
    """Write the options of a plan, and further actions, all at once; what other plans wrote stays.

    An option that was rejected is no action any more.

    Parameters
    ----------
    warehouse, engine : Warehouse, Engine
        The store, with its tables registered.
    plan : Plan
        Whose options.
    options, actions : sequence of mapping
        Rows of the tables ``option`` and ``action``; an action that is there is written over.
    given : mapping of str to (str, str)
        What people have answered to options, and why.
    """
    gone = {row["action_id"] for row in actions}
    gone |= {code for code, (answer, _) in given.items() if answer == "rejected"}
    others = [row for row in _stored(engine, "option") if row["plan_id"] != plan.plan_id]
    rows = {
        "option": [*(_answered(row, given) for row in others), *options],
        "action": [
            *(row for row in _stored(engine, "action") if row["action_id"] not in gone),
            *actions,
        ],
    }
    for table, found in rows.items():
        schema = table_spec(table).arrow_schema
        engine.register_table(f"planned_{table}", pa.Table.from_pylist(found, schema=schema))
    with warehouse.writing(engine) as writing:
        for table in rows:
            writing.replace(table, f"planned_{table}")
        writing.publish()


def _answered(row: dict[str, Any], given: Mapping[str, tuple[Answer, str]]) -> dict[str, Any]:
    if row["option_id"] not in given:
        return row
    answer, reason = given[row["option_id"]]
    return {**row, "answer": answer, "reason": reason or None}


def actions(engine: Engine) -> dict[str, dict[str, Any]]:
    """Return the rows of the table ``action`` by code."""
    return {row["action_id"]: row for row in _stored(engine, "action")}


def _stored(engine: Engine, table: str) -> list[dict[str, Any]]:
    columns = table_spec(table).columns
    found = engine.table(EVERYTHING[table]).to_pylist()
    return [{name: row.get(name) for name in columns} for row in found]


def option_rows(
    plan: Plan, assumptions: Assumptions, given: Mapping[str, tuple[Answer, str]]
) -> list[dict[str, Any]]:
    """Return the rows of the table ``option`` for a plan.

    Parameters
    ----------
    plan : Plan
        The plan.
    assumptions : Assumptions
        Prices.
    given : mapping of str to (str, str)
        What people have answered, and why.
    """
    return [
        _row(plan, branch, option, assumptions, given)
        for branch in plan.branches
        for option in branch.trial.options
    ]


def _row(
    plan: Plan,
    branch: BranchPlan,
    option: Option,
    assumptions: Assumptions,
    given: Mapping[str, tuple[Answer, str]],
) -> dict[str, Any]:
    intervention = library()[option.intervention]
    chosen = option in branch.chosen
    promise = next((one for one in plan.promises if option.option_id in one.option_ids), None)
    answer, reason = given.get(option.option_id, ("open", ""))
    return {
        "plan_id": plan.plan_id,
        "option_id": option.option_id,
        "snapshot_id": plan.snapshot_id,
        "branch_id": branch.branch_id,
        "intervention": option.intervention,
        "amount": option.amount,
        "target": option.target or None,
        "from_minute": None if option.window is None else option.window[0],
        "until_minute": None if option.window is None else option.window[1],
        "iso_weekdays": " ".join(map(str, option.iso_weekdays)) or None,
        "lever": option.lever,
        "finding_ids": " ".join(option.finding_ids) or None,
        "details": _details(option),
        "standing": branch.standing,
        "package_id": branch.begun.candidate_id if chosen and branch.begun else None,
        "is_chosen": chosen,
        "quarter": branch.begun.quarter if chosen and branch.begun else None,
        "lead_weeks": intervention.lead_weeks,
        "owner": intervention.owner.en,
        "answer": answer,
        "reason": reason or None,
        **(promise.columns() if promise is not None else {}),
        **_prices(costs_of((option,), library(), assumptions)),
    }


def _prices(costs: Costs) -> dict[str, Any]:
    """Return what an option costs as columns."""
    return {
        "once_minor": costs.once_minor,
        "yearly_minor": costs.yearly_minor,
        "saved_minor": costs.saved_minor,
        "currency": costs.currency,
        "hours_added": costs.hours_added,
        "hours_freed": costs.hours_freed,
        "people_trained": costs.people_trained,
        "people_moved": costs.people_moved,
    }


def _details(option: Option) -> str:
    found = {
        "settings": dict(option.settings),
        "quantities": asdict(option.quantities),
        "needs": list(option.needs),
    }
    return json.dumps(found, sort_keys=True, ensure_ascii=False)
