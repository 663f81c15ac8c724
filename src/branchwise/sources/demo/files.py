"""The raw files of the synthetic bank, in the forms in which banks really deliver."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from branchwise.sources.demo import kinds, reference
from branchwise.sources.demo.attendance import HEADER, attendance_rows
from branchwise.sources.demo.bank import BranchLife
from branchwise.sources.demo.dirt import (
    Columns,
    Planted,
    Plot,
    planted,
    planted_rows,
    ragged_lines,
    shifted_clocks,
)
from branchwise.sources.demo.feedback import complaint_rows, survey_rows
from branchwise.sources.demo.ledger import dirty_rows
from branchwise.sources.demo.network import Branch
from branchwise.sources.demo.postings import posting_rows
from branchwise.sources.demo.queue import SERVED
from branchwise.sources.demo.sessions import session_columns
from branchwise.sources.demo.settings import DemoSettings, Flags, Ints
from branchwise.sources.demo.staff import hired
from branchwise.sources.demo.tickets import ticket_columns
from branchwise.sources.demo.writing import (
    archive,
    csv_bytes,
    excel_file,
    json_lines,
    rows_as_csv,
    write,
)  # fmt: skip

ZIPPED_REGION = "R2"
FILES = {  # file, canonical table, column of the key, dirt
    "customers": ("CRM/客戶.csv", "customer", "客戶號", kinds.CUSTOMERS),
    "surveys": ("滿意度/問卷.csv", "survey_response", "問卷號", kinds.SURVEYS),
    "complaints": ("客訴/客訴.csv", "complaint", "工單", kinds.COMPLAINTS),
    "events": ("自助監控/事件.csv", "device_event", "事件號", kinds.EVENTS),
}
Rows = list[dict[str, str]]


class RawFiles:
    """Collects the rows of all branches and writes the files.

    Parameters
    ----------
    settings : DemoSettings
        The bank.
    directory : Path
        The folder ``raw``.
    """

    def __init__(self, settings: DemoSettings, directory: Path) -> None:
        self.settings = settings
        self.directory = directory
        self.noted: list[Planted] = []
        self._rows: dict[str, Rows] = defaultdict(list)
        self._attendance: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        self._sessions: dict[str, list[bytes]] = defaultdict(list)
        self._postings: dict[int, list[bytes]] = defaultdict(list)
        self._zipped: dict[str, dict[str, bytes]] = defaultdict(dict)

    def add(self, life: BranchLife) -> None:
        """Take in one branch; its ticket files are written at once."""
        self._add_tickets(life)
        self._add_sessions(life)
        self._add_postings(life)
        self._add_people(life)
        self._add_machines(life)
        branch, customers = life.branch, life.customers
        given = (self.settings, branch, customers, life.visitors, life.lived)
        people = reference.customer_rows(self.settings, branch, customers)
        self._put("customers", branch, people)
        self._put("surveys", branch, survey_rows(*given))
        self._put("complaints", branch, complaint_rows(*given))
        self._rows["zones"] += life.floor.zones
        self._rows["fixtures"] += life.floor.fixtures

    def _put(self, name: str, branch: Branch, rows: Rows) -> None:
        """Take in a branch's rows of a file of which there is one, with dirt planted in them."""
        file, table, key, found = FILES[name]
        plot = Plot(
            name=f"{name} {branch.branch_id}",
            table=table,
            key=lambda row: row[key],
            usable=np.zeros(0, dtype=np.int64),
            kinds=found,
        )
        dirty, noted = planted_rows(self.settings, rows, plot, file)
        self._rows[name] += dirty
        self.noted += noted

    def finish(self, branches: tuple[Branch, ...]) -> None:
        """Write everything that is not written yet."""
        root, settings = self.directory, self.settings
        for month, files in self._zipped.items():
            write(root / "叫號" / f"{month}.zip", archive(files))
        for month, parts in self._sessions.items():
            write(root / "智慧櫃員機" / f"會話_{month}.jsonl", b"".join(parts))
        for day, parts in self._postings.items():
            date = settings.calendar[day]
            write(root / "核心流水" / f"CORE_{date:%Y%m%d}.txt", b"".join(parts))
        for month, rows in self._attendance.items():
            title = f"網點考勤表 {month[:4]}年{int(month[4:])}月"
            path = root / "考勤" / f"考勤_{month}.xlsx"
            excel_file(path, {"考勤": (HEADER, rows)}, title=title)
        for name, (file, *_) in FILES.items():
            encoding = "gb18030" if name == "events" else "utf-8-sig"
            write(root / file, rows_as_csv(self._rows[name], encoding=encoding))
        self._write_reference(branches)

    def _write_reference(self, branches: tuple[Branch, ...]) -> None:
        root, settings = self.directory / "基礎資料", self.settings
        sheets = {
            "區域": reference.region_rows(settings),
            "網點": reference.branch_rows(settings, branches),
            "員工": self._rows["staff"],
        }
        tables = {
            name: (tuple(rows[0]), [tuple(row.values()) for row in rows])
            for name, rows in sheets.items()
        }
        excel_file(root / "機構與員工.xlsx", tables)
        texts = {
            "營業時間": reference.hours_rows(branches),
            "功能區": self._rows["zones"],
            "設施": self._rows["fixtures"],
            "設備": self._rows["devices"],
            "設備型號": reference.model_rows(),
            "技能": self._rows["skills"],
            "業務": reference.service_rows(),
            "產品": reference.product_rows(),
            "目標": reference.target_rows(settings),
        }
        for name, rows in texts.items():
            write(root / f"{name}.csv", rows_as_csv(rows))

    def _month(self, day: int) -> str:
        return f"{self.settings.calendar[day]:%Y%m}"

    def _months(self, day: Ints) -> list[tuple[str, slice]]:
        """Return the months of rows sorted by day, each with its rows."""
        months = np.array([int(self._month(number)) for number in range(self.settings.days)])
        found = months[day]
        return [
            (str(month), slice(*np.searchsorted(found, [month, month + 1]).tolist()))
            for month in np.unique(found).tolist()
        ]

    def _add_tickets(self, life: BranchLife) -> None:
        settings, branch, tickets = self.settings, life.branch, life.tickets
        columns = ticket_columns(
            settings,
            branch,
            customers=life.customers,
            visitors=life.visitors,
            lived=life.lived,
            tickets=tickets,
        )
        file = self._ticket_file(branch)
        columns, shifted = shifted_clocks(settings, branch.branch_id, columns, tickets.day)
        key = _ticket_key(columns)
        month_of = [self._month(day) for day in range(settings.days)]
        before = len(self.noted)
        empty_calls = np.flatnonzero(tickets.is_empty_call)
        for kind, places in (("clock_shift", shifted), ("empty_call", empty_calls)):
            self.noted += [
                Planted(
                    file=file(month_of[tickets.day[row]]), table="visit", row_key=key(row),
                    column="", kind=kind, rules=(kind,), echo=_steps(key(row)),
                )
                for row in places.tolist()
            ]  # fmt: skip
        genuine_dirt = frozenset(piece.row_key for piece in self.noted[before:])
        served = (tickets.outcome == SERVED) & ~tickets.is_empty_call
        served[shifted] = False
        self._write_tickets(branch, columns, tickets.day, served, genuine_dirt)

    def _write_tickets(
        self,
        branch: Branch,
        columns: Columns,
        day: Ints,
        usable: Flags,
        genuine_dirt: frozenset[str],
    ) -> None:
        settings, file = self.settings, self._ticket_file(branch)
        for month, rows in self._months(day):
            part = {name: column[rows] for name, column in columns.items()}
            plot = Plot(
                name=f"tickets {branch.branch_id} {month}", table="visit",
                key=lambda row: f"{row['機號']}-{row['記錄號']}",
                usable=np.flatnonzero(usable[rows]), kinds=kinds.TICKETS, echo=_steps,
            )  # fmt: skip
            part, noted = planted(settings, part, plot, file(month))
            content, ragged = ragged_lines(
                settings, csv_bytes(part), f"{branch.branch_id} {month}", file(month),
                taken=genuine_dirt | {piece.row_key for piece in noted},
            )  # fmt: skip
            self.noted += [*noted, *ragged]
            self._put_tickets(branch, month, content)

    def _ticket_file(self, branch: Branch) -> Callable[[str], str]:
        if branch.region_id == ZIPPED_REGION:
            return lambda month: f"叫號/{month}.zip!{branch.branch_id}.csv"
        return lambda month: f"叫號/{branch.branch_id}/{month}.csv"

    def _put_tickets(self, branch: Branch, month: str, content: bytes) -> None:
        if branch.region_id == ZIPPED_REGION:
            self._zipped[month][f"{branch.branch_id}.csv"] = content
        else:
            write(self.directory / "叫號" / branch.branch_id / f"{month}.csv", content)

    def _add_sessions(self, life: BranchLife) -> None:
        columns = session_columns(
            self.settings, life.branch, life.customers, life.visitors, life.lived
        )
        months = columns["日期"].to_pylist()
        found = np.array([int(text[:4] + text[5:7]) for text in months], dtype=np.int64)
        for month in np.unique(found).tolist():
            first, last = np.searchsorted(found, [month, month + 1]).tolist()
            part: Columns = {name: column[first:last] for name, column in columns.items()}
            plot = Plot(
                name=f"sessions {life.branch.branch_id} {month}",
                table="visit_step",
                key=lambda row: f"STM-{row['會話']}-1",
                usable=np.arange(last - first),
                kinds=kinds.SESSIONS,
                echo=lambda key: (("visit", key[:-2]),),
            )
            dirty, noted = planted(self.settings, part, plot, f"智慧櫃員機/會話_{month}.jsonl")
            self.noted += noted
            self._sessions[str(month)].append(json_lines(dirty))

    def _add_postings(self, life: BranchLife) -> None:
        approvers = [
            person.staff_id for person in life.roster.people if person.post == "supervisor"
        ]
        approvers += [
            person.staff_id
            for person in hired(self.settings, life.branch)
            if person.post == "supervisor"
        ]
        rows = posting_rows(
            self.settings, life.branch, customers=life.customers, lived=life.lived,
            fleet=life.fleet, approvers=approvers, postings=life.postings,
        )  # fmt: skip
        rows, days, noted = dirty_rows(self.settings, life.branch, life.postings, rows)
        self.noted += noted
        ends = np.full((len(rows), 2), np.frombuffer(b"\r\n", dtype=np.uint8))
        whole = np.hstack([rows, ends])
        bounds = np.searchsorted(days, np.arange(self.settings.days + 1)).tolist()
        for day in range(self.settings.days):
            if bounds[day] < bounds[day + 1]:
                self._postings[day].append(whole[bounds[day] : bounds[day + 1]].tobytes())

    def _add_people(self, life: BranchLife) -> None:
        people = [*life.roster.people, *hired(self.settings, life.branch)]
        self._rows["staff"] += reference.staff_rows(self.settings, people)
        self._rows["skills"] += reference.skill_rows(people)
        months = {f"{day.month}": f"{day:%Y%m}" for day in self.settings.calendar}
        for row in attendance_rows(self.settings, life.branch, life.roster):
            self._attendance[months[row[3].split("/")[0]]].append(row)

    def _add_machines(self, life: BranchLife) -> None:
        self._rows["devices"] += reference.device_rows(self.settings, life.fleet, life.floor)
        midnight = datetime.combine(self.settings.starts_on, time())
        horizon = self.settings.days * 86400
        events: Rows = []
        for number, event in enumerate(life.fleet.events, start=1):
            ends = f"{midnight + timedelta(seconds=event.ends):%Y-%m-%d %H:%M:%S}"
            events.append(
                {
                    "事件號": f"E{life.branch.branch_id}{number:05d}",
                    "設備號": life.fleet.devices[event.device].device_id,
                    "模塊": event.module,
                    "狀態": "故障",
                    "碼": event.code,
                    "起": f"{midnight + timedelta(seconds=event.starts):%Y-%m-%d %H:%M:%S}",
                    "止": ends if event.ends < horizon else "",
                    "原因": event.cause,
                }
            )
        self._put("events", life.branch, events)


def _steps(visit_id: str) -> tuple[tuple[str, str], ...]:
    """Return the step that the row of a ticket fills too."""
    return (("visit_step", f"{visit_id}-1"),)


def _ticket_key(columns: Columns) -> Callable[[int], str]:
    machine: pa.Array = columns["機號"]
    record: pa.Array = columns["記錄號"]
    return lambda row: f"{machine[row].as_py()}-{record[row].as_py()}"
