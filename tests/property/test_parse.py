# ruff: noqa: DTZ001 - local times are meant
"""Texts to values: Python writes a value in many forms, the macros must read it back."""

from __future__ import annotations

import math
from calendar import isleap
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from branchwise.cleaning import install_macros
from branchwise.engines.duckdb import open_duckdb

ZONES = ("Asia/Shanghai", "Asia/Taipei", "Asia/Hong_Kong", "Asia/Jerusalem", "Europe/Prague")
FIXED = ("Asia/Shanghai", "Asia/Taipei", "Asia/Hong_Kong", "Asia/Macau", "Asia/Singapore",
         "Asia/Tokyo", "UTC")  # fmt: skip
NO_SHRINK = (Phase.explicit, Phase.reuse, Phase.generate)
WIDE = str.maketrans("0123456789:/-. ", "０１２３４５６７８９：／－．\u3000")
DAYS = st.dates(date(1912, 1, 1), date(2199, 12, 31))
CLOCKS = st.times().map(lambda clock: clock.replace(microsecond=0))


@pytest.fixture(scope="module")
def engine():
    with open_duckdb(threads=1) as opened:
        install_macros(opened)
        yield opened


def read(engine, call, texts):
    """Return what a macro makes of some texts."""
    numbered = {"n": list(range(len(texts))), "text": pa.array(texts, pa.string())}
    engine.register_table("texts", pa.table(numbered))
    return engine.table(f"SELECT {call} AS value FROM texts ORDER BY n")["value"].to_pylist()


def forms_of_a_day(day: date) -> dict[str, date]:
    """Return texts and the day each names, in three calendars and as Excel's number."""
    y, m, d, roc = day.year, day.month, day.day, day.year - 1911
    century = 2000 if y % 100 <= 68 else 1900
    pivoted = None
    if (m, d) != (2, 29) or isleap(century + y % 100):
        pivoted = date(century + y % 100, m, d)
    forms = {
        f"{y}-{m:02d}-{d:02d}": day,
        f"{y}/{m:02d}/{d:02d}": day,
        f"{y}/{m}/{d}": day,
        f"{y}.{m}.{d}": day,
        f" {y}-{m}-{d} ": day,
        f"{y}{m:02d}{d:02d}": day,
        f"{y}年{m}月{d}日": day,
        f"{y}年{m:02d}月{d:02d}日": day,
        f"{y}/{m}/{d}".translate(WIDE): day,
        f"民國{roc}年{m}月{d}日": day,
        f"民國 {roc} 年{m}月{d}日".replace(" 年", "年"): day,
        f"中華民國{roc}年{m:02d}月{d:02d}日": day,
        f"民国{roc}/{m}/{d}": day,
        f"民{roc}.{m}.{d}": day,
        f"R.O.C. {roc}/{m:02d}/{d:02d}": day,
        f"roc{roc:03d}-{m:02d}-{d:02d}": day,
        f"民國{roc:03d}{m:02d}{d:02d}": day,
        f"{roc:03d}/{m:02d}/{d:02d}": day,
        f"{roc:03d}年{m}月{d}日": day,
        f"{roc:03d}{m:02d}{d:02d}": day,
        f"{roc:03d}{m:02d}{d:02d}".translate(WIDE): day,
        f"{y % 100:02d}{m:02d}{d:02d}": pivoted,
        f"{y % 100:02d}/{m}/{d}": pivoted,
        f"{y % 100:02d}-{m:02d}-{d:02d}": pivoted,
    }
    serial = (day - date(1899, 12, 30)).days
    if 10000 <= serial <= 99999:
        forms[str(serial)] = day
        forms[f"{serial}.0"] = day
    return forms


def forms_of_a_clock(at: datetime) -> list[str]:
    """Return texts that name a time of day to the second."""
    half = at.hour % 12 or 12
    mark, latin = ("上午", "AM") if at.hour < 12 else ("下午", "PM")
    minute = f"{at.minute:02d}:{at.second:02d}"
    return [
        f"{at:%H:%M:%S}",
        f"{at.hour}:{minute}",
        f"{at:%H%M%S}",
        f"{mark}{half}:{minute}",
        f"{mark} {half:02d}:{minute}",
        f"{half}:{minute} {latin}",
        f"{half}:{minute} {latin.lower()}",
        f"{at.hour}時{at.minute}分{at.second}秒",
        f"{at.hour:02d}时{at.minute:02d}分{at.second:02d}秒",
        f"{at:%H:%M:%S}".translate(WIDE),
        f"{at:%H:%M:%S}.000",
    ]


def utc(local: datetime, zone: str) -> datetime:
    """Return the instant of a local time by Python's own time zones and the stated rule."""
    aware = local.replace(tzinfo=ZoneInfo(zone))
    late, early = aware.replace(fold=1).utcoffset(), aware.replace(fold=0).utcoffset()
    offset = min(late, early)  # skipped: as before the gap; repeated: second pass
    return (local - offset).replace(tzinfo=UTC)


@settings(max_examples=20, deadline=None)
@given(days=st.lists(DAYS, min_size=40, max_size=40))
def test_every_form_of_a_day_is_read_back(engine, days):
    """Gregorian, ROC, two-digit years and Excel serials give the day they were written from."""
    expected = [pair for day in days for pair in forms_of_a_day(day).items()]
    assert read(engine, "to_date(text)", [text for text, _ in expected]) == [
        day for _, day in expected
    ]


@settings(max_examples=15, deadline=None)
@given(
    moments=st.lists(
        st.datetimes(datetime(1970, 1, 1), datetime(2037, 12, 31)), min_size=5, max_size=5
    ),
    zone=st.sampled_from(ZONES),
)
def test_every_form_of_an_instant_is_read_back(engine, moments, zone):
    """Each form of a day with each form of a time is the instant that Python computes."""
    texts, expected = [], []
    for moment in moments:
        at = moment.replace(microsecond=0)
        for day, named in forms_of_a_day(at.date()).items():
            if named != at.date() or ("." in day and day.split(".")[0].isdigit() and len(day) == 7):
                continue
            for clock in forms_of_a_clock(at):
                texts.append(f"{day.rstrip()} {clock}")
                expected.append(utc(at, zone))
        texts += [f"{at:%Y%m%d%H%M%S}", f"{at:%Y%m%dT%H%M%S}", f"{at:%Y-%m-%dT%H:%M:%S}"]
        expected += [utc(at, zone)] * 3
        texts += [f"{at.year - 1911:03d}{at:%m%d%H%M%S}", f"{at:%Y%m%d%H%M}"]
        expected += [utc(at, zone), utc(at.replace(second=0), zone)]
    found = read(engine, f"to_instant(text, '{zone}')", texts)
    serials = [
        text for text in texts if text.split(" ")[0].isdigit() and len(text.split(" ")[0]) == 5
    ]
    wrong = [
        (text, value, wanted)
        for text, value, wanted in zip(texts, found, expected, strict=True)
        if value != wanted and text not in serials
    ]
    assert wrong == []


@settings(max_examples=25, deadline=None)
@given(
    moment=st.datetimes(datetime(1970, 1, 1), datetime(2099, 12, 31)),
    minutes=st.integers(-14 * 4, 14 * 4).map(lambda quarter: quarter * 15),
)
def test_an_offset_in_the_text_outweighs_the_zone(engine, moment, minutes):
    """ISO texts with Z or an offset name their instant whatever the branch's zone is."""
    at = moment.replace(microsecond=0)
    sign, size = "-" if minutes < 0 else "+", abs(minutes)
    offset = f"{sign}{size // 60:02d}:{size % 60:02d}"
    wanted = (at - timedelta(minutes=minutes)).replace(tzinfo=UTC)
    texts = [f"{at:%Y-%m-%dT%H:%M:%S}{offset}", f"{at:%Y-%m-%d %H:%M:%S} {offset.replace(':', '')}"]
    texts += [f"{at:%Y%m%dT%H%M%S}{offset}"]
    assert read(engine, "to_instant(text, 'Asia/Taipei')", texts) == [wanted] * 3
    zulu = [f"{at:%Y-%m-%dT%H:%M:%S}Z", f"{at:%Y-%m-%d %H:%M:%S} UTC", f"{at:%Y%m%dT%H%M%S}Z"]
    assert read(engine, "to_instant(text, 'Asia/Taipei')", zulu) == [at.replace(tzinfo=UTC)] * 3
    assert read(engine, "to_date(text)", texts + zulu) == [at.date()] * 6


def test_summer_time_of_jerusalem_in_1999(engine):
    """The hour skipped on 2 April moves on by an hour; of the hour repeated on 3 September the
    second pass is meant.
    """
    texts = ["1999-04-02 01:59:59", "1999-04-02 02:30:00", "1999-04-02 03:00:00"]
    texts += ["990903 00:59:59", "990903 01:30:00", "990903 02:00:00"]
    wanted = ["04-01 23:59:59", "04-02 00:30:00", "04-02 00:00:00"]
    wanted += ["09-02 21:59:59", "09-02 23:30:00", "09-03 00:00:00"]
    found = read(engine, "to_instant(text, 'Asia/Jerusalem')", texts)
    assert [f"{instant:%m-%d %H:%M:%S}" for instant in found] == wanted


@settings(max_examples=25, deadline=None)
@given(at=st.datetimes(datetime(1927, 6, 1), datetime(2173, 1, 1)))
def test_excel_serials_with_time_are_whole_seconds(engine, at):
    """A serial written with six decimals, as spreadsheets export it, is the second it came from."""
    at = at.replace(microsecond=0)
    serial = (at - datetime(1899, 12, 30)) / timedelta(days=1)
    (found,) = read(engine, "to_instant(text, 'UTC')", [f"{serial:.6f}"])
    assert found == at.replace(tzinfo=UTC)


def test_excel_knows_a_day_that_never_was(engine):
    """Serial 60 is null; the days before it count from 31 December 1899, those after from 30."""
    serials = "unnest([1, 59, 60, 61, 36526]::DOUBLE[])"
    found = engine.table(f"SELECT excel_date(n) AS day FROM (SELECT {serials} AS n) ORDER BY n")
    days = [date(1900, 1, 1), date(1900, 2, 28), None, date(1900, 3, 1), date(2000, 1, 1)]
    assert found["day"].to_pylist() == days


@pytest.mark.parametrize(
    "text",
    ["", " ", "10/03/2026", "2026-02-29", "2026-13-01", "20261301", "1150230", "民國0年1月1日",
     "2026-03-10 25:00", "2026-03-10 09:60", "2026-03-10 9", "2026-03-10 09:02:", "1773105731",
     "infinity", "epoch", "now", "today", "2026-03-10 (BC)", "2026 03 10", "2026\\3\\10", "1/2",
     "上午13:00", "2026-03-10 上午13:00", "2026-03-10 晚上12:00", "0000-00-00", "1899-12-31",
     "2026-03-10 09:02:11 Asia/Taipei", "2026-03-10T09:02:11+15:00", "##:##:##", "∅", "NULL",
     "2026-03-10\x0009:00", "三月十日", "2026-3-19:02"],
)  # fmt: skip
def test_what_no_rule_covers_is_no_time(engine, text):
    """Impossible, ambiguous and foreign texts are null: nothing is guessed, nothing fails."""
    assert read(engine, "to_instant(text, 'Asia/Taipei')", [text]) == [None]


@settings(max_examples=5, deadline=None, phases=NO_SHRINK)
@given(texts=st.lists(st.text(st.characters(codec="utf-8"), max_size=24), min_size=60, max_size=60))
def test_no_text_makes_a_macro_fail(engine, texts):
    """Whatever stands in a cell, every macro gives a value or null."""
    for call in (
        "to_instant(text, 'Asia/Jerusalem')", "to_date(text)", "to_number(text)",
        "to_boolean(text)", "to_minute_of_day(text)",
    ):  # fmt: skip
        assert len(read(engine, call, texts)) == len(texts)


@settings(max_examples=200, deadline=None)
@given(
    texts=st.lists(
        st.text("-+0123456789民國年月日/:. T上下午AP元萬%,()Z", max_size=20), max_size=40
    )
)
def test_no_likely_text_makes_a_macro_fail(engine, texts):
    """Texts made of the very letters that the forms use never stop a load either."""
    for call in (
        "to_instant(text, 'Asia/Taipei')",
        "to_date(text)",
        "to_number(text)",
        "to_minute_of_day(text)",
    ):
        assert len(read(engine, call, texts)) == len(texts)


@settings(max_examples=50, deadline=None)
@given(value=st.decimals(-(10**9), 10**9, places=2))
def test_every_form_of_a_number_is_read_back(engine, value):
    """Thousands, full width, brackets, currency signs and units of ten thousand."""
    plain, size = f"{value:.2f}", abs(value)
    texts = [plain, f" {plain} ", f"{value:,.2f}", f"{value:,.2f}".translate(WIDE), f"{plain}元"]
    texts += [f"¥{size:,.2f}", f"NT$ {size:,.2f}", f"{size:.2f}-", f"({size:,.2f})", f"{plain}%"]
    texts += [f"{plain}萬", f"{plain}億元"]
    number, positive = float(value), float(size)
    wanted = (
        [number] * 5 + [positive] * 2 + [-positive] * 2 + [number / 100, number * 1e4, number * 1e8]
    )
    found = read(engine, "to_number(text)", texts)
    assert all(
        math.isclose(a, b, rel_tol=1e-12, abs_tol=0) for a, b in zip(found, wanted, strict=True)
    )


@pytest.mark.parametrize(
    "text",
    ["", "-", ".", "1,23", "12,34,567", "1.234,56", "1 234", "1_000", "0x1F", "nan", "inf", "--5",
     "(-5)", "(5", "5)", "5%%", "5 apples", "¥", "1e", "萬", "一百"],
)  # fmt: skip
def test_what_no_rule_covers_is_no_number(engine, text):
    """Ambiguous and foreign number texts are null."""
    assert read(engine, "to_number(text)", [text]) == [None]


@settings(max_examples=20, deadline=None)
@given(at=CLOCKS)
def test_every_form_of_a_time_of_day_is_its_minute(engine, at):
    """Minutes after midnight, seconds cut off, from all forms of a time and of Excel's fraction."""
    moment = datetime.combine(date(2026, 3, 10), at)
    texts = [*forms_of_a_clock(moment), f"{at:%H:%M}", f"{at:%H%M}", f"2026-03-10 {at:%H:%M:%S}"]
    minute = at.hour * 60 + at.minute
    assert read(engine, "to_minute_of_day(text)", texts) == [minute] * len(texts)
    fraction = f"{(minute * 60 + at.second) / 86400:.9f}"
    if fraction.startswith("0."):
        assert read(engine, "to_minute_of_day(text)", [fraction]) == [minute]


def test_truth_values(engine):
    """Yes and no in the spellings that banks use; anything else is null."""
    yes = ["true", "T", "Yes", "Y", "1", "是", "有", "Ｙ", " 1.0 "]
    no = ["false", "f", "NO", "n", "0", "否", "無", "无", "０"]
    found = read(engine, "to_boolean(text)", [*yes, *no, "maybe", "", "2"])
    assert found == [True] * len(yes) + [False] * len(no) + [None] * 3


@settings(max_examples=25, deadline=None)
@given(moment=st.datetimes(datetime(1975, 1, 1), datetime(2037, 1, 1)), zone=st.sampled_from(ZONES))
def test_local_parts_agree_with_python(engine, moment, zone):
    """Local date, quarter-hour, month and weekday are Python's."""
    at = moment.replace(microsecond=0, tzinfo=UTC)
    local = at.astimezone(ZoneInfo(zone))
    (row,) = engine.table(
        f"SELECT local_date(t, '{zone}') AS day, local_quarter_hour(t, '{zone}') AS quarter,"
        f" month_of(local_date(t, '{zone}')) AS month, weekday_of(local_date(t, '{zone}')) AS dow"
        " FROM (SELECT to_timestamp($at) AS t)",
        {"at": at.timestamp()},
    ).to_pylist()
    quarter = local.hour * 4 + local.minute // 15
    assert list(row.values()) == [local.date(), quarter, f"{local:%Y-%m}", local.isoweekday()]


def test_age_bands_turn_at_their_limits(engine):
    """29 is under 30, 30 is not; ages that nobody has are unknown."""
    years = [1997, 1996, 1982, 1981, 1967, 1966, 1906, 1905, 2027]
    call = f"[age_band_of(y, 2026) for y in {[*years]}]"
    wanted = ["under_30", "30_44", "30_44", "45_59", "45_59", "60_plus", "60_plus", "unknown"]
    assert engine.table(f"SELECT {call} AS bands")["bands"].to_pylist() == [[*wanted, "unknown"]]


@pytest.mark.parametrize("zone", [*FIXED, "Asia/Jerusalem"])
def test_zones_held_to_be_fixed_are_fixed(engine, zone):
    """From 2000 to 2037 each has the one offset that the macros use, in Python's zones and in the
    engine's own; a zone with summer time is not among them.
    """
    days = [datetime(2000, 1, 1) + timedelta(hours=84 * n) for n in range(3900)]
    offsets = {ZoneInfo(zone).utcoffset(day) / timedelta(microseconds=1) for day in days}
    (row,) = engine.table(
        f"SELECT bw_fixed_offset('{zone}') AS fixed, list(DISTINCT epoch_us(t) - epoch_us("
        f" timezone('{zone}', t))) AS offsets FROM range(TIMESTAMP '2000-01-01',"
        " TIMESTAMP '2037-06-01', INTERVAL 84 HOUR) AS times(t)"
    ).to_pylist()
    if zone in FIXED:
        assert offsets == {row["fixed"]} == set(row["offsets"])
    else:
        assert (row["fixed"], len(offsets), len(row["offsets"])) == (None, 2, 2)
