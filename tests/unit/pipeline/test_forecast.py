"""The bank's forecasts on a small synthetic bank: a whole run, and each step by hand."""

import json
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from branchwise.cli.main import main
from branchwise.core.errors import BranchwiseError
from branchwise.core.languages import LANGUAGES
from branchwise.models.forecast.calendar_features import CalendarEvent
from branchwise.pipeline.demo import demo
from branchwise.pipeline.forecast import bank as bank_stage
from branchwise.pipeline.forecast.asked import asked
from branchwise.pipeline.forecast.bank import forecast_bank
from branchwise.pipeline.forecast.demand import define_demand, read_demand
from branchwise.pipeline.forecast.gathered import gathered
from branchwise.pipeline.forecast.made import blocks_of
from branchwise.pipeline.forecast.open_days import read_open_days, read_places
from branchwise.pipeline.forecast.short_history import with_borrowed
from branchwise.pipeline.twin.spread import opened
from branchwise.warehouse.store import Warehouse

LAST = date(2026, 5, 10)


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    """Return a workspace of four branches and ten weeks that end on 10 May 2026."""
    root = tmp_path_factory.mktemp("bank") / "demo"
    demo(root, branches=4, days=70)
    return root


@pytest.fixture(scope="module")
def engine(bank):
    with opened(bank) as (found, _):
        yield found


@pytest.fixture(scope="module")
def earlier(bank):
    """Return a forecast made as if a week were not known yet."""
    return forecast_bank(bank, asked(today="2026-05-04", horizon=7), workers=1)


def values(report, name, level=0.8):
    row = report.made.names.index(name)
    return report.made.mean[row], report.made.lower[level][row], report.made.upper[level][row]


def test_it_adds_up_and_keeps_closed_days_closed(earlier):
    """Bank = regions = branches on every day; Labour Day's closed days get exactly nothing."""
    report = earlier
    total = values(report, "*")[0]
    branches = [name for name in report.made.names if name.startswith("branch=")]
    assert len(branches) == 4
    assert np.allclose(sum(values(report, name)[0] for name in branches), total)
    days = [day for day, _ in report.made.starts]
    mean, lower, upper = values(report, "branch=00104")
    closed = [
        place for place, day in enumerate(days) if day in {date(2026, 5, 4), date(2026, 5, 5)}
    ]
    assert len(closed) == 2
    assert [mean[place] + lower[place] + upper[place] for place in closed] == [0, 0]
    assert all(upper[place] > mean[place] > 0 for place, day in enumerate(days) if day.day == 6)


def test_rows_are_stored_once_and_scored_later(bank, earlier):
    """The same command twice changes nothing; a later run scores it against what came."""
    again = forecast_bank(bank, asked(today="2026-05-04", horizon=7), workers=1)
    assert again.snapshot_id == earlier.snapshot_id
    later = forecast_bank(bank, asked(horizon=7), workers=1)
    assert later.found.today == LAST + timedelta(days=1)
    top = next(score for score in later.scores if score.depth == 0)
    with opened(bank) as (engine, _):
        truth = engine.table(
            "SELECT local_on, count(*) AS n FROM visit WHERE NOT is_suspect GROUP BY ALL"
        ).to_pylist()
        kept = engine.table("SELECT DISTINCT last_on FROM forecast ORDER BY ALL").to_pylist()
        data = Warehouse(bank / "warehouse").snapshot().data_id
    assert [row["last_on"] for row in kept] == [date(2026, 5, 3), LAST]
    assert earlier.data_id == later.data_id == data
    came = {row["local_on"]: row["n"] for row in truth}
    pairs = [
        (came[day], mean)
        for (day, _), mean in zip(earlier.made.starts, values(earlier, "*")[0], strict=True)
        if day in came
    ]
    error = sum(abs(truth - mean) for truth, mean in pairs) / sum(truth for truth, _ in pairs)
    assert top.count == len(pairs)
    assert top.wmape == pytest.approx(error, abs=0.01)
    assert top.value_added == pytest.approx(1 - top.wmape / top.plain_wmape)
    assert set(top.coverage) == {0.8, 0.95}


def test_a_run_answers_in_json_and_three_languages(earlier):
    """Every row has the agreed keys, and no cell of a table is untranslated."""
    document = earlier.as_json()
    assert set(document["rows"][0]) == {"id", "time", "mean", "lower", "upper", "level"}
    assert len(document["rows"]) == len(earlier.made.names) * 7 * 2
    assert {"smape", "mase", "wmape", "coverage"} == set(document["backtest"]["seasonal_naive"])
    titles = {
        language: [table.title for table in earlier.as_tables(language)]
        for language in ("en", "zh-Hant", "zh-Hans")
    }
    assert titles["zh-Hant"][0].startswith("到訪量按日")
    assert titles["zh-Hans"][0].startswith("到访量按日")
    assert titles["en"][0].startswith("Visits by day: the whole bank, from 2026-05-04")


def test_one_branch_by_quarter_hour(bank):
    """Only the branch itself is forecast; slots lie in its hours or where people queue before."""
    wish = asked(grain="quarter_hour", branches=["00101"], horizon=1)
    report = forecast_bank(bank, wish, workers=1)
    assert report.made.names == ("branch=00101",)
    opens = [
        minute
        for (_, minute), upper in zip(report.made.starts, report.made.upper[0.8][0], strict=True)
        if upper > 0
    ]
    assert opens[0] == 525
    assert opens[-1] <= 1035
    assert report.as_json()["rows"][0]["time"].startswith("2026-05-11T0")


@pytest.mark.parametrize("measure", ["visits", "transactions", "cash", "workload"])
def test_sums_are_those_of_the_tables(engine, measure):
    """Each measure's sum over all atoms and days, against a query of its own."""
    queries = {
        "visits": "SELECT count(*) FROM visit WHERE NOT is_suspect",
        "transactions": "SELECT count(*) FROM transaction WHERE channel <> 'batch' "
        "AND NOT is_reversal",
        "cash": "SELECT sum(abs(amount_minor)) FROM transaction t JOIN service s "
        "USING (service_id) WHERE s.family = 'cash' AND NOT is_reversal "
        "AND channel IN ('counter', 'smart_counter', 'atm')",
        "workload": """
            WITH w AS (SELECT *, service_seconds s FROM visit WHERE origin = 'ticket'
              AND NOT is_suspect AND (unserved_cause IS NULL OR unserved_cause NOT IN
              ('redrawn', 'no_show', 'diverted', 'suspected_gaming'))),
            own AS (SELECT branch_id, service_id, avg(s) m FROM w GROUP BY ALL),
            common AS (SELECT service_id, avg(s) m FROM w GROUP BY ALL)
            SELECT sum(coalesce(w.s, own.m, common.m, (SELECT avg(s) FROM w))) / 3600
            FROM w LEFT JOIN own ON own.branch_id = w.branch_id
              AND own.service_id IS NOT DISTINCT FROM w.service_id
            LEFT JOIN common ON common.service_id IS NOT DISTINCT FROM w.service_id""",
    }
    wish = asked(measure, by=["branch", "service"])
    first, last, is_timed = define_demand(engine, measure, "CNY")
    found = read_demand(engine, wish, first, last, ())
    assert is_timed
    expected = float(engine.table(queries[measure]).column(0)[0].as_py())
    assert found.sums.sum() == pytest.approx(expected, rel=1e-9)


def test_a_missing_file_is_not_an_empty_day(bank):
    """Without its tickets a day is NaN, never few; in the bank's sum it is filled from alike."""
    gone = date(2026, 4, 15)
    with opened(bank) as (engine, _):
        kept = engine.table(
            "SELECT * FROM visit WHERE NOT (branch_id = '00103' AND origin = 'ticket' "
            "AND local_on = $gone)",
            {"gone": gone},
        )
        engine.register_table("visit", kept)
        found = gathered(engine, asked(), country="CN", currency="CNY")
    days, series = found.series.days, found.series
    day, row = days.days.index(gone), days.rows["00103"]
    assert np.argwhere(days.is_missing).tolist() == [[row, day]]
    assert found.count_missing == 1
    own = series.names.index("branch=00103")
    assert np.isnan(series.values[own, day, 0])
    others = np.nansum(series.values[len(series.tree.aggregates) :, day, 0])
    near = [day - 7, day + 7, day - 14, day + 14]
    filled = series.values[own, near, 0].mean()
    assert filled > 0
    assert series.values[0, day, 0] == pytest.approx(others + filled)


def test_a_closure_closes_and_days_follow_the_calendar(engine):
    """An own event shuts one branch for a day to come; the others stay open."""
    places = tuple(read_places(engine, "CN").values())
    days = [date(2026, 3, 2) + timedelta(days=day) for day in range(80)]
    typhoon = CalendarEvent(kind="closure", starts_on=days[-2], branch_id="00101")
    found = read_open_days(engine, "visit", places, (typhoon,), days, steps=70)
    assert not found.is_open[found.rows["00101"], -2]
    assert found.is_open[found.rows["00102"], -2]
    assert not found.is_open[:, days.index(date(2026, 5, 1))].any()


def test_make_up_days_that_nobody_worked_stay_closed(engine):
    """9 May 2026 is a Saturday to be worked; a branch without Saturdays did not open on it."""
    places = tuple(read_places(engine, "CN").values())
    days = [date(2026, 3, 2) + timedelta(days=day) for day in range(210)]
    found = read_open_days(engine, "visit", places, (), days, steps=70)
    make_up, coming = days.index(date(2026, 5, 9)), days.index(date(2026, 9, 20))
    saturdays = [day for day in range(70) if days[day].isoweekday() == 6 and day != make_up]
    idle = [row for row in range(len(places)) if not found.is_open[row, saturdays].any()]
    assert idle
    assert not found.is_open[idle][:, [make_up, coming]].any()
    assert not found.is_missing[idle, make_up].any()


def short(engine, branch_id, days):
    """Return the series of a bank in which a branch opened only so many days ago."""
    found = gathered(engine, asked(), country="CN", currency="CNY")
    opened_days, series = found.series.days, found.series
    row = opened_days.rows[branch_id]
    since = opened_days.steps - days
    is_open = opened_days.is_open.copy()
    is_open[row, :since] = False
    own = series.names.index(f"branch={branch_id}")
    values, mask = series.values.copy(), series.is_open.copy()
    values[own, :since], mask[own, :since] = 0.0, False
    alike = tuple(replace(place, branch_type="light") for place in opened_days.places)
    changed = replace(opened_days, is_open=is_open, places=alike)
    return replace(series, days=changed, values=values, is_open=mask), own, since


def test_a_new_branch_borrows_from_its_peers(engine):
    """Its days before are the peers' mean at its own level, and the lenders are named."""
    series, own, since = short(engine, "00102", 14)
    filled, borrowed = with_borrowed(series)
    (one,) = borrowed
    assert one.branch_id == "00102"
    assert set(one.lenders) == {"00101", "00103", "00104"}
    rows = [series.names.index(f"branch={name}") for name in one.lenders]
    pairs = [
        (series.values[own, day, 0], np.nanmean(series.values[rows, day, 0]))
        for day in range(since, series.days.steps)
        if series.values[own, day, 0] > 0
    ]
    factor = sum(mine for mine, _ in pairs) / sum(other for _, other in pairs)
    assert one.factor == pytest.approx(factor)
    day = since - 3
    expected = one.factor * np.nanmean(series.values[rows, day, 0])
    assert filled.values[own, day, 0] == pytest.approx(expected)
    assert (filled.values[0] == series.values[0])[np.isfinite(series.values[0])].all()


def test_an_old_branch_borrows_nothing(engine):
    """Ten weeks of its own are history enough."""
    found = gathered(engine, asked(), country="CN", currency="CNY")
    assert found.borrowed == ()


def test_weeks_and_months_are_whole():
    """From the middle of a week, the next Monday; from the middle of a month, the next first."""
    assert blocks_of("week", date(2026, 5, 13), 1) == ((date(2026, 5, 18), date(2026, 5, 24)),)
    assert blocks_of("month", date(2026, 12, 2), 2)[1] == (date(2027, 2, 1), date(2027, 2, 28))


def test_months_are_sums_of_days(bank):
    """The bank's June is the sum of its days, and its interval is no narrower than nothing."""
    report = forecast_bank(bank, asked(grain="month", horizon=1, by=["region"]), workers=1)
    days = forecast_bank(bank, asked(horizon=51, by=["region"]), workers=1)
    june = [place for place, (day, _) in enumerate(days.made.starts) if day.month == 6]
    assert report.made.starts == ((date(2026, 6, 1), 0),)
    assert len(june) == 30
    mean, lower, upper = values(report, "*")
    assert mean[0] == pytest.approx(values(days, "*")[0][june].sum())
    assert 0 < lower[0] < mean[0] < upper[0]


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ({"measure": "rain"}, 1),
        ({"by": ["channel"]}, 1),
        ({"grain": "year", "horizon": 0, "levels": [0.0], "today": "tomorrow"}, 4),
    ],
)
def test_wishes_that_cannot_be_are_told_at_once(options, count):
    """Every wrong option is one problem of the same code."""
    with pytest.raises(BranchwiseError) as caught:
        asked(**options)
    assert [each.code for each in caught.value.problems] == ["BW-FOR-050"] * count


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"today": "2026-03-02"}, "BW-FOR-052"),
        ({"today": "2030-01-01"}, "BW-FOR-052"),
        ({"branches": ["00999"]}, "BW-FOR-054"),
    ],
)
def test_wishes_that_the_data_do_not_bear(engine, wish, code):
    """A day without a past, a day long after it, a branch that is not there."""
    with pytest.raises(BranchwiseError) as caught:
        gathered(engine, asked(**wish), country="CN", currency="CNY")
    assert caught.value.problems[0].code == code


def test_tables_without_rows_are_named():
    """A bank without transactions is told which table is missing."""
    from branchwise.engines.duckdb import open_duckdb
    from branchwise.tables.spec import table_names, table_spec

    with open_duckdb() as engine:
        for name in table_names():
            engine.register_table(name, table_spec(name).arrow_schema.empty_table())
        with pytest.raises(BranchwiseError) as caught:
            gathered(engine, asked("cash"), country="CN", currency="CNY")
    assert caught.value.problems[0].code == "BW-FOR-051"
    assert "transaction" in caught.value.problems[0].read_in("en")


def test_cash_in_another_currency_is_named(engine):
    """Where all amounts are in another currency, both are named, and where to set it."""
    with pytest.raises(BranchwiseError) as caught:
        gathered(engine, asked("cash"), country="CN", currency="CZK")
    (found,) = caught.value.problems
    assert found.code == "BW-FOR-059"
    for language in LANGUAGES:
        told = found.read_in(language)
        assert "CZK" in told
        assert 'currency = "CNY"' in told
        assert "branchwise.toml" in told


def test_too_many_series_times_of_day_and_closed_banks_are_told(bank, monkeypatch):
    """More than memory holds, rows without times, and a bank whose branches have all closed."""
    from branchwise.pipeline.forecast import demand

    with opened(bank) as (engine, _):
        wish = asked("transactions", grain="hour")
        monkeypatch.setattr(demand, "MOST_CELLS", 10)
        with pytest.raises(BranchwiseError) as caught:
            gathered(engine, wish, country="CN", currency="CNY")
        assert caught.value.problems[0].code == "BW-FOR-053"
        timeless = engine.table("SELECT * REPLACE (NULL::BIGINT AS quarter_hour) FROM transaction")
        engine.register_table("transaction", timeless)
        with pytest.raises(BranchwiseError) as caught:
            gathered(engine, wish, country="CN", currency="CNY")
        assert caught.value.problems[0].code == "BW-FOR-055"
        monkeypatch.setattr(demand, "MOST_CELLS", 10**9)
        shut = engine.table("SELECT * REPLACE (DATE '2026-05-01' AS closed_on) FROM branch")
        engine.register_table("branch", shut)
        found = gathered(engine, asked(), country="CN", currency="CNY")
    assert found.closed == ("00101", "00102", "00103", "00104")
    with pytest.raises(BranchwiseError) as caught:
        bank_stage._framed(asked(), found)
    assert caught.value.problems[0].code == "BW-FOR-056"


def test_the_command_answers_in_one_document(bank, capsys):
    """``branchwise forecast`` of the bank answers with the rows of every level of sum."""
    arguments = ["forecast", "visits", "--by", "region", "--horizon", "7", "--json"]
    assert main([*arguments, "--workspace", str(bank)]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["command"] == "forecast"
    assert {row["id"] for row in document["result"]["rows"]} == {"*", "region=R1"}
