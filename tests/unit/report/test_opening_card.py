"""The card before opening: what it says is in the tables, and nothing is said that is not."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pyarrow as pa
import pytest

from branchwise.core.languages import LANGUAGES
from branchwise.engines.duckdb import open_duckdb
from branchwise.models.forecast.calendar_features import day_features
from branchwise.report import opening_card, opening_words
from branchwise.report.model import Branch, HalfHour
from branchwise.report.opening_card import opening_cards
from branchwise.tables.spec import table_names, table_spec

LAST, ON = date(2026, 5, 14), date(2026, 5, 15)
HALVES = (HalfHour(minute=540, arrivals=30.0), HalfHour(minute=570, arrivals=10.0))


def forecast_row(grain="day", minute=0, mean=60.0, on=ON):
    return {
        "snapshot_id": "S1", "measure": "visits", "grain": grain, "series": "branch=B1",
        "branch_id": "B1", "local_on": on, "starts_minute": minute, "level": 0.8, "mean": mean,
        "lower": 50.0, "upper": 75.0, "model": "slot_means", "last_on": LAST,
        "made_at": datetime(2026, 5, 14, 20, tzinfo=UTC),
    }  # fmt: skip


def cards(**tables):
    """Return the cards of one branch with the rows given."""
    given = {
        "branch": [
            {"branch_id": "B1", "institution_id": "own", "timezone": "Asia/Shanghai",
             "holiday_calendar": "CN", "name": "B1"}
        ],
        **tables,
    }  # fmt: skip
    branch = Branch(
        branch_id="B1", name="B1", region="", branch_type="light", count_visits=400, count_days=10,
        half_hours=HALVES,
    )  # fmt: skip
    with open_duckdb() as engine:
        for name in table_names():
            schema = table_spec(name).arrow_schema
            engine.register_table(name, pa.Table.from_pylist(given.get(name, []), schema=schema))
        return opening_cards(engine, [branch], LAST, country="CN")


def test_no_forecast_no_card():
    """Without a forecast on the newest data there is nothing to say."""
    assert cards() == {}
    assert cards(forecast=[forecast_row() | {"last_on": date(2026, 4, 1)}]) == {}


def test_half_hours_are_the_usual_ones_scaled():
    """Without quarter-hours the average day's shape holds, and that is said."""
    card = cards(forecast=[forecast_row()])["B1"]
    assert card.half_hours == ((540, 45.0), (570, 15.0))
    assert card.is_usual_shape
    assert (card.planned, card.absent, card.sick) == (None, None, ())


def test_half_hours_are_the_days_own_where_forecast():
    """Quarter-hours are added in pairs and brought to the day's forecast."""
    within = [forecast_row("quarter_hour", 540 + 15 * place, 4.0 + place) for place in range(4)]
    card = cards(forecast=[forecast_row(), *within])["B1"]
    assert not card.is_usual_shape
    assert [minute for minute, _ in card.half_hours] == [540, 570]
    assert [value for _, value in card.half_hours] == pytest.approx([60 * 9 / 22, 60 * 13 / 22])


def test_it_says_what_the_tables_hold():
    """Pension day, absences and a sick device each from its table; three suggestions at most."""
    event = {"calendar_event_id": "P", "kind": "pension_day", "starts_on": date(2020, 1, 1),
             "day_of_month": 15, "moves": "none"}  # fmt: skip
    at = datetime(2026, 5, 15, 1, tzinfo=UTC)
    shift = {"branch_id": "B1", "starts_at": at, "ends_at": at, "local_on": ON}
    shifts = [
        shift | {"shift_id": str(place), "staff_id": f"E{place}", "leave_kind": kind}
        for place, kind in enumerate(["none", "sick", "none"])
    ]
    sick = {"device_event_id": "1", "device_id": "STM1", "branch_id": "B1", "state": "offline",
            "is_planned": False, "started_at": datetime(2026, 5, 13, 2, tzinfo=UTC),
            "local_on": date(2026, 5, 13)}  # fmt: skip
    mended = sick | {"device_event_id": "2", "device_id": "ATM1",
                     "ended_at": datetime(2026, 5, 13, 3, tzinfo=UTC)}  # fmt: skip
    old = sick | {"device_event_id": "3", "device_id": "OLD", "local_on": date(2026, 3, 1)}
    card = cards(
        forecast=[forecast_row()], calendar_event=[event], shift=shifts,
        device_event=[sick, mended, old],
    )["B1"]  # fmt: skip
    assert card.kinds == ("pension_day",)
    assert (card.planned, card.absent) == (3, 1)
    assert [one.device_id for one in card.sick] == ["STM1"]
    assert card.sick[0].since == datetime(2026, 5, 13, 10)  # noqa: DTZ001 - local time
    assert len(card.suggestions) == 3
    assert "STM1" in card.suggestions[0].en
    assert card.suggestions[1] == opening_words.PENSION
    assert "09:00" in card.suggestions[2].en
    for language in LANGUAGES:
        said = opening_card.expected_said(card).read_in(language)
        assert all(number in said for number in ("60", "50", "75", "80%"))
    assert opening_card.strip(card).count("<rect") == 2


def test_every_feature_that_can_be_said_is_worded():
    """The features of the calendar and the kinds of events have their words."""
    known = set(day_features([ON], [True], country="CN"))
    silent = {"before_new_year", "after_new_year"}
    kinds = set(table_spec("calendar_event").columns["kind"].values)
    assert known - silent | kinds == set(opening_words.KINDS)


def test_without_an_interval_none_is_claimed():
    """A day known by its quarter-hours alone has a sum and no limits."""
    card = cards(forecast=[forecast_row("quarter_hour", 540, 12.0)])["B1"]
    assert (card.mean, card.lower) == (12.0, None)
    assert opening_card.expected_said(card).en == "12 visits are expected."
    assert opening_card.expected_said(replace(card, lower=9.0, upper=15.0)).en.startswith("12")
