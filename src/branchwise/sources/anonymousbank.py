"""The adapter ``anonymousbank``: the call-by-call log of the contact centre of a bank in Israel.

The log was published by the Service Enterprise Engineering laboratory of the Technion (A.
Mandelbaum, A. Sakov, S. Zeltyn; data organised by I. Guedj): calls of 1999, one file a month, one
row a call. It is read with a mapping like any other delivery; only the expressions are put
together here, because the same three questions come for every time of a call.

How the log is read:

* A call **arrives** at the queue when the announcement ends (``q_start``, or ``vru_exit`` for a
  call that did not wait). Its wait is ``q_time``, 0 included.
* ``0:00:00`` where the length is 0 means *not recorded*; with a length it is midnight.
* A time before 6 h of a call that came after 18 h belongs to the **next day**.
* The clocks of queue and agents differ by a second, so that some services begin before the queue
  ends. The call is answered when its queue ends; ``ser_start`` stays as it is in `visit_step`.
* ``HANG`` is an unserved call that walked out at the end of its queue time.
* ``NO_SERVER`` with the outcome ``AGENT`` is a served call whose agent is not known.
* ``PHANTOM`` rows are to be ignored, says the publisher: they go to quarantine with that reason.
* Numbers of calls begin again, so a visit is identified by date, line and number.
"""

from __future__ import annotations

from pathlib import Path

from branchwise.core.ports import Engine
from branchwise.sources.files import read_mapped
from branchwise.sources.mapping import Mapping, parse_mapping
from branchwise.sources.model import Delivery

BRANCH = "anonymousbank"
REGION = "israel"
PHANTOM = "PHANTOM: ignore, says the publisher"
COMPUTED = {
    "day": "to_date(date)",
    "today": "strftime(day, '%Y-%m-%d')",
    "tomorrow": "strftime(day + INTERVAL 1 DAY, '%Y-%m-%d')",
    "is_queued": "to_number(q_time) > 0",
    "is_talked": "outcome = 'AGENT' AND to_number(ser_time) > 0",
}
VISIT_ID = "strftime(day, '%Y%m%d') || '-' || trim(\"vru+line\") || '-' || trim(call_id)"


def _padded(time: str) -> str:
    return f"lpad(trim({time}), 8, '0')"


def _at(time: str) -> str:
    """Return the local instant of a time of day of the call, as text."""
    is_past_midnight = f"{_padded('vru_entry')} >= '18' AND {_padded(time)} < '06'"
    return f"CASE WHEN {is_past_midnight} THEN tomorrow ELSE today END || ' ' || {_padded(time)}"


ARRIVED_AT = f"CASE WHEN is_queued THEN {_at('q_start')} ELSE {_at('vru_exit')} END"
QUEUE_ENDED_AT = f"CASE WHEN is_queued THEN {_at('q_exit')} ELSE {_at('vru_exit')} END"
CALLED_AT = f"CASE WHEN outcome = 'AGENT' THEN {QUEUE_ENDED_AT} END"
LEFT_AT = (
    f"CASE WHEN outcome = 'HANG' THEN {QUEUE_ENDED_AT} "
    f"WHEN is_talked THEN greatest({_at('ser_exit')}, {QUEUE_ENDED_AT}) END"
)
SERVICE_SECONDS = "CASE WHEN is_talked THEN ser_time END"

VISIT = {
    "visit_id": VISIT_ID,
    "branch_id": f"'{BRANCH}'",
    "customer_id": "nullif(trim(customer_id), '0')",
    "origin": "'call'",
    "queue_code": '"vru+line"',
    "service_id": "type",
    "priority": "priority",
    "arrived_at": ARRIVED_AT,
    "called_at": CALLED_AT,
    "left_at": LEFT_AT,
    "outcome": "code('outcome', outcome)",
    "unserved_cause": "CASE WHEN outcome = 'HANG' THEN 'walked_out' END",
    "wait_seconds": "q_time",
    "service_seconds": SERVICE_SECONDS,
}
STEP = {
    "visit_step_id": f"{VISIT_ID} || '-1'",
    "visit_id": VISIT_ID,
    "branch_id": f"'{BRANCH}'",
    "sequence": "1",
    "kind": "'call'",
    "staff_id": "nullif(trim(server), 'NO_SERVER')",
    "service_id": "type",
    "queued_at": ARRIVED_AT,
    "called_at": CALLED_AT,
    "started_at": f"CASE WHEN is_talked THEN {_at('ser_start')} END",
    "ended_at": f"CASE WHEN is_talked THEN {_at('ser_exit')} END",
    "outcome": "code('step', outcome)",
    "wait_seconds": "q_time",
    "service_seconds": SERVICE_SECONDS,
}
SERVICE = {
    "service_id": "type",
    "name": "code('service', type)",
    "family": "code('family', type)",
}
STAFF = {"staff_id": "trim(server)", "branch_id": f"'{BRANCH}'", "post": "'agent'"}
CODES = {
    "outcome": {"AGENT": "served", "HANG": "unserved"},
    "step": {"AGENT": "done", "HANG": "abandoned"},
    "service": {
        "PS": "Regular activity",
        "PE": "Regular activity in English",
        "IN": "Internet support",
        "NE": "Stock exchange",
        "NW": "Prospective customer",
        "TT": "Call back",
    },
    "family": {"NE": "wealth", "PS": "account", "PE": "account", "*": "inquiry"},
}


def log_mapping() -> Mapping:
    """Return the mapping of the log, checked.

    Examples
    --------
    >>> [rule.into for rule in log_mapping().tables]
    ['region', 'branch', 'service', 'staff_member', 'visit', 'visit_step']
    """
    branch = {
        "branch_id": BRANCH,
        "region_id": REGION,
        "name": "Contact centre",
        "branch_type": "contact_centre",
        "timezone": "Asia/Jerusalem",
        "holiday_calendar": "NONE",
    }
    region = {"region_id": REGION, "name": "Israel", "country": "IL"}
    refuse = [{"when": "outcome = 'PHANTOM'", "reason": PHANTOM}]
    agents = "server <> 'NO_SERVER'"
    given = {
        "source": {
            "data_source_id": "anonymousbank",
            "system": "call_log",
            "title": "Anonymous Bank, call-by-call log",
            "owner": "Technion SEELab",
            "purpose": "research and teaching",
            "privacy_class": "C2",
            "timezone": "Asia/Jerusalem",
        },
        "file": [{"name": "calls", "pattern": "**/*.txt", "format": "tsv", "let": COMPUTED}],
        "codes": CODES,
        "table": [
            {"into": "region", "rows": [region]},
            {"into": "branch", "rows": [branch]},
            {"into": "service", "from": "calls", "distinct": True, "columns": SERVICE},
            {"into": "staff_member", "from": "calls", "distinct": True, "where": agents,
             "columns": STAFF},
            {"into": "visit", "from": "calls", "columns": VISIT, "refuse": refuse},
            {"into": "visit_step", "from": "calls", "where": "outcome <> 'PHANTOM'",
             "columns": STEP},
        ],
    }  # fmt: skip
    return parse_mapping(given, place="anonymousbank", adapter="anonymousbank")


class AnonymousBankAdapter:
    """Reads months of the log: text files, gzipped or not, alone, in a folder or in a zip.

    Examples
    --------
    >>> AnonymousBankAdapter().name
    'anonymousbank'
    """

    name = "anonymousbank"

    def read(
        self,
        path: Path,
        engine: Engine,
        *,
        mapping: Path | None,  # noqa: ARG002
        scratch: Path,
    ) -> Delivery:
        """Find the months at a path and make them relations; a mapping is not needed.

        Raises
        ------
        BranchwiseError
            [BW-SRC-002] if there is nothing at the path, [BW-SRC-023] if no month can be read.
        """
        return read_mapped(path, engine, log_mapping(), scratch)
