"""What smart counters record of each session: transaction, remote review, result."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from branchwise.core.randomness import stream
from branchwise.sources.demo.catalogues import MACHINE, services
from branchwise.sources.demo.customers import Customers
from branchwise.sources.demo.days import Lived
from branchwise.sources.demo.network import Branch
from branchwise.sources.demo.queue import SERVED
from branchwise.sources.demo.settings import DemoSettings
from branchwise.sources.demo.texts import chosen, dates, numbered, times
from branchwise.sources.demo.visitors import Visitors

RESULTS = ("成功", "退回", "轉柜")
REVIEW_LOG_MEAN, REVIEW_LOG_SD = 4.0, 0.5


def session_columns(
    settings: DemoSettings,
    branch: Branch,
    customers: Customers,
    visitors: Visitors,
    lived: Lived,
) -> dict[str, pa.Array]:
    """Return the sessions of a branch's smart counters as texts, by column.

    Services that need authorisation at a counter are reviewed remotely here; the review is part
    of the session's time.
    """
    chance = stream(settings.seed, "review", branch.branch_id)
    drawn = chance.normal(REVIEW_LOG_MEAN, REVIEW_LOG_SD, len(lived.day))
    rows = np.flatnonzero((lived.skill == MACHINE) & (lived.outcome == SERVED))
    visitor = lived.visitor[rows]
    service = visitors.service[visitor]
    reviewed = visitors.asks[visitor]
    lasts = lived.ended[rows] - lived.started[rows]
    takes = np.minimum(np.round(np.exp(drawn[rows])), np.floor(0.5 * lasts))
    asked = lived.started[rows] + np.floor(0.45 * lasts)
    count = len(rows)
    constant = np.zeros(count, dtype=np.int64)
    return {
        "會話": numbered(branch.branch_id, np.arange(1, count + 1), 7),
        "網點號": chosen([branch.branch_id], constant),
        "設備號": chosen(lived.devices, lived.place[rows]),
        "交易": chosen([found.service_id for found in services()], service),
        "日期": dates(settings, lived.day[rows], "%Y-%m-%d"),
        "開始": times(lived.started[rows]),
        "提交審核": times(asked, where=reviewed),
        "返回": times(asked + takes, where=reviewed),
        "結束": times(lived.ended[rows]),
        "協助員工": chosen([None], constant),
        "結果": chosen(RESULTS, visitors.session[visitor]),
        "年齡段": chosen(["1", "2", "3", "4"], visitors.band[visitor]),
        "客戶號": chosen(customers.codes, visitors.customer[visitor]),
    }  # fmt: skip
