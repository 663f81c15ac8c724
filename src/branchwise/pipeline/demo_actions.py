"""The accepted actions of a workspace as changes of the demo bank, which then lives them.

So the loop closes on a bank whose truth is known: plan, accept, let the bank live on with what
was accepted, load it, and hold what was measured against what was promised.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from branchwise.core.languages import Text
from branchwise.pipeline.twin.spread import opened
from branchwise.sources.demo.settings import Intervention, InterventionKind
from branchwise.tables.spec import table_spec
from branchwise.warehouse.store import Warehouse
from branchwise.warehouse.workspace import Workspace

KINDS: Mapping[str, InterventionKind] = {
    "more_windows": "windows",
    "add_device": "devices",
    "more_approvers": "approver",
    "repair_contract": "repair",
}
ALL_DAY = frozenset({"devices", "approver", "repair"})
PERSONAL, JOINT = "teller", "+"
"""The bank adds personal windows only: stations at which the queue of the tellers is served."""
DAY_MINUTES = 1440
ACTIONS = """
SELECT action.*, option.target, option.from_minute, option.until_minute, option.iso_weekdays
FROM action LEFT JOIN option USING (plan_id) WHERE option.option_id = action.action_id
ORDER BY action.action_id
"""
CARRIED = ("option", "action")
LEFT_OUT = Text(
    en="The demo bank cannot carry out {action}: it lives on without it.",
    zh_hant="示範銀行無法實施 {action}，其後資料不含此項。",
    zh_hans="示范银行无法实施 {action}，其后数据不含此项。",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedOut:
    """What the demo bank does of a workspace's actions.

    Attributes
    ----------
    interventions : tuple of Intervention
        Changes of the bank.
    tables : mapping of str to Table
        The tables ``option`` and ``action`` as they are.
    warnings : tuple of Text
        Actions that it cannot carry out.
    """

    interventions: tuple[Intervention, ...]
    tables: Mapping[str, pa.Table]
    warnings: tuple[Text, ...]


def carried_out(workspace: Path) -> CarriedOut:
    """Read the accepted actions of a workspace as changes of the demo bank.

    Parameters
    ----------
    workspace : Path
        Of the same demo bank, with a plan of which options were accepted.

    Raises
    ------
    BranchwiseError
        As `Workspace.open` and `Warehouse.snapshot`.
    """
    with opened(workspace) as (engine, _):
        rows = engine.table(ACTIONS).to_pylist()
        tables = {
            name: engine.table(
                f"SELECT {', '.join(table_spec(name).columns)} FROM {name} ORDER BY ALL"  # noqa: S608
            )
            for name in CARRIED
        }
    found = [(row, _intervention(row)) for row in rows]
    return CarriedOut(
        interventions=tuple(change for _, change in found if change is not None),
        tables=tables,
        warnings=tuple(
            LEFT_OUT.filled(action=row["action_id"]) for row, change in found if change is None
        ),
    )


def carry_over(workspace: Path, carried: CarriedOut) -> None:
    """Write the options and actions of the earlier workspace into a new one."""
    with opened(workspace) as (engine, _):
        for name, table in carried.tables.items():
            schema = table_spec(name).arrow_schema
            engine.register_table(
                f"carried_{name}", pa.Table.from_pylist(table.to_pylist(), schema=schema)
            )
        with Warehouse(Workspace.open(workspace).warehouse).writing(engine) as writing:
            for name in CARRIED:
                writing.replace(name, f"carried_{name}")
            writing.publish()


def _intervention(row: Mapping[str, Any]) -> Intervention | None:
    """Return a change of the bank; None for what it does not know."""
    kind = KINDS.get(row["intervention"])
    has_window = row["from_minute"] is not None
    if kind is None or row["iso_weekdays"] or (has_window and kind in ALL_DAY):
        return None
    if kind == "windows" and PERSONAL not in (row["target"] or "").split(JOINT):
        return None
    return Intervention(
        kind=kind,
        branch_id=row["branch_id"],
        starts_on=row["starts_on"],
        amount=row["amount"],
        from_minute=row["from_minute"] if has_window else 0,
        to_minute=row["until_minute"] if has_window else DAY_MINUTES,
    )
