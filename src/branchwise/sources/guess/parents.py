"""Tables that others refer to and that no file lists: one row for each code that is named."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from branchwise.sources.guess import remarks as said
from branchwise.sources.guess.draft import DraftColumn, DraftFile, DraftTable
from branchwise.sources.guess.matching import Keys, Recognised

DEVICE_KINDS = "kind_of_device_number"


def parent_tables(
    found: Sequence[Recognised],
    files: Sequence[DraftFile],
    tables: Sequence[DraftTable],
    keys: Keys,
    widths: Mapping[str, int],
) -> list[DraftTable]:
    """Draft branches, staff and devices from the files that name them, where none lists them."""
    filled = {table.into for table in tables}
    made: list[DraftTable | None] = []
    if "branch" not in filled:
        sources = ("tickets", "postings", "sessions", "attendance")
        made.append(_from(tables, "branch", "branch_id", sources, {}))
    if "staff_member" not in filled and "shift" in filled:
        also = {"post": "post", "branch_id": "branch_id"}
        made.append(_from(tables, "staff_member", "staff_id", ("attendance",), also))
    if "device" not in filled and "device_event" in filled:
        made.append(_devices(tables, keys, widths, found, files))
    return [table for table in made if table is not None]


def _from(
    tables: Sequence[DraftTable],
    into: str,
    key: str,
    sources: Sequence[str],
    also: Mapping[str, str],
) -> DraftTable | None:
    for name in sources:
        for table in tables:
            columns = {column.name: column for column in table.columns}
            if not table.source.startswith(name) or key not in columns:
                continue
            kept = [columns[key], *(columns[other] for other in also if other in columns)]
            if into == "staff_member":
                kept = [_own_branch(column) for column in kept]
            return DraftTable(into=into, source=table.source, columns=tuple(kept), is_distinct=True)
    return None


def _own_branch(column: DraftColumn) -> DraftColumn:
    """Return the branch that a person belongs to: not the one supported that day."""
    own = re.fullmatch(r"coalesce\([^,]+, (.+)\)", column.expression)
    return replace(column, expression=own.group(1)) if own else column


def _devices(
    tables: Sequence[DraftTable],
    keys: Keys,
    widths: Mapping[str, int],
    found: Sequence[Recognised],
    files: Sequence[DraftFile],
) -> DraftTable | None:
    events = next(table for table in tables if table.into == "device_event")
    columns = {column.name: column for column in events.columns}
    device = columns["device_id"]
    branch = columns.get("branch_id")
    if branch is None:
        of_file = {file.name: one for one, file in zip(found, files, strict=True)}
        branch = _branch_in(device, of_file[events.source], keys, widths)
    if branch is None:
        return None
    return DraftTable(
        into="device",
        source=events.source,
        columns=(device, branch, _kind(device)),
        is_distinct=True,
    )


def _branch_in(
    device: DraftColumn, one: Recognised, keys: Keys, widths: Mapping[str, int]
) -> DraftColumn | None:
    width, known = widths.get("branch", 0), keys.get("branch", frozenset())
    match = one.of("device")
    if not width or match is None:
        return None
    pattern = re.compile(rf"[0-9]{{{width}}}")
    values = one.columns.profiles[match.place].counts
    held = [part.group() for value in values if (part := pattern.search(value))]
    if sum((code.lstrip("0") or "0") in known for code in held) < 0.8 * len(values):
        return None
    return DraftColumn(
        name="branch_id",
        expression=f"regexp_extract({device.expression}, '[0-9]{{{width}}}')",
        headings=device.headings,
        confidence=0.75,
        remarks=(said.BRANCH_OF_DEVICE,),
        is_required=True,
        sample=device.sample,
    )


def _kind(device: DraftColumn) -> DraftColumn:
    name = device.expression
    kinds = (
        ("STM", "smart_counter"), ("VTM", "smart_counter"), ("ATM", "atm"),
        ("CRS", "cash_recycler"), ("QM", "ticket_machine"), ("BSM", "kiosk"),
    )  # fmt: skip
    cases = " ".join(
        f"when starts_with(upper({name}), '{sign}') then '{kind}'" for sign, kind in kinds
    )
    return DraftColumn(
        name="device_kind",
        expression=f"case {cases} else 'other' end",
        headings=device.headings,
        confidence=0.7,
        remarks=(said.KIND_OF_DEVICE,),
        sample=device.sample,
    )
