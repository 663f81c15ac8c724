"""What the load report says of clocks and stitching: a figure, or a dash with its reason."""

from branchwise.cleaning.stitching import Stitching
from branchwise.report import clocks
from branchwise.report.deliveries import Coverage

OF = {"branch_id": "1", "data_source_id": "q", "side": "services", "count": 10}


def covered(stitching, branch_id="1", **given):
    return Coverage(
        branch_id=branch_id, data_source_id="q", spells=(), count_days=1, count_missing=0,
        count_rows=10, stitching=stitching, **given,
    )  # fmt: skip


def drifting(seconds, spread=20, *, is_steady=True):
    return Stitching(
        **OF, drift_seconds=seconds, drift_lower_seconds=seconds - spread,
        drift_upper_seconds=seconds + spread, is_steady=is_steady,
    )  # fmt: skip


def test_a_drift_is_said_only_where_it_is_certain():
    """Within its bounds a drift is none seen; beyond, fast or slow; wandering is said as such."""
    said = [clocks.drift_said(drifting(drift)).en for drift in (-4, 90, -430)]
    assert said == ["none seen", "1.5 min fast", "7.2 min slow"]
    assert clocks.drift_said(drifting(90, is_steady=False)).zh_hant == "忽快忽慢"
    assert clocks.bounds_said(drifting(-4)).en == "−24 s to 16 s"


def test_what_cannot_be_told_is_a_dash_with_its_reason():
    """No figure is a dash; the reason stands below, counted, in three languages."""
    nothing = Stitching(**OF, reason="no_transactions")
    rows = [covered(nothing), covered(nothing, "2"), covered(drifting(0), "3")]
    assert clocks.drift_said(nothing).en == clocks.stitched_said(nothing).en == "–"
    assert clocks.bounds_said(nothing) is None
    [reason] = clocks.reasons_said(rows)
    assert reason.en == "– at 2 branches: no transactions to match with."
    assert reason.zh_hans == "2 个网点显示“–”：没有可供匹配的交易。"
    [absent] = clocks.reasons_said([covered(None, share_endless=0.0)])
    assert absent.en == "– at one branch: no visits to match with."


def test_sources_without_a_side_show_no_columns():
    """Attendance has neither clock nor stitching; transactions have no clock of their own."""
    transactions = Stitching(**OF | {"side": "transactions"}, share_stitched=0.9)
    assert not clocks.are_stitched([covered(None)])
    assert clocks.are_stitched([covered(transactions)])
    assert not clocks.are_timed([covered(transactions)])
    assert clocks.are_timed([covered(None, share_endless=0.1)])


def test_clocks_that_are_off_come_first(report):
    """A minute and more is told above the table, the farthest first, each branch once."""
    off = clocks.off(report)
    assert off
    assert {row.stitching.is_off or not row.stitching.is_steady for row in off} == {True}
    assert len({row.branch_id for row in clocks.worst([*off, *off])}) == len(
        clocks.worst([*off, *off])
    )
    assert abs(off[0].stitching.drift_seconds) == 430
