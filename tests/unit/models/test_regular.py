"""Rows become a regular panel: steps, seasons, hours that are never open, and what is refused."""

import numpy as np
import pytest

from branchwise.core.errors import BranchwiseError
from branchwise.models.forecast.regular import regular


def moments(first, count, step, unit):
    return (np.datetime64(first) + np.arange(count) * np.timedelta64(step, unit)).astype(
        "datetime64[s]"
    )


def one(times, values, horizon):
    return regular(["a"], np.zeros(len(times), int), times, np.asarray(values, float), horizon)


def refused(code, call):
    with pytest.raises(BranchwiseError) as caught:
        call()
    assert [problem.code for problem in caught.value.problems] == [code]


def test_a_weekday_call_centre():
    """Nights and weekends leave the axis; a holiday stays on it, closed; the week goes on."""
    chance = np.random.default_rng(1)
    clock = 7 * 3600 + np.arange(20) * 1800
    days = [day for day in range(70) if day % 7 < 5 and day != 28]
    first = np.datetime64("2026-03-02T00:00:00")
    times = np.concatenate([first + np.timedelta64(day, "D") + clock for day in days])
    shape = 50 + 30 * np.sin(np.arange(20) / 3)
    values = chance.poisson(np.tile(shape, len(days)))
    found = one(times, values, 100)
    assert found.panel.season_lengths == (20, 100)
    assert found.weekdays == (0, 1, 2, 3, 4)
    assert found.panel.steps == 50 * 20
    assert not found.panel.opened[0, 20 * 20 : 21 * 20].any()
    ahead = found.panel.times[-100:]
    assert str(ahead[0]) == "2026-05-11T07:00:00"
    assert str(ahead[-1]) == "2026-05-15T16:30:00"


@pytest.mark.parametrize(
    ("times", "lengths", "ahead"),
    [
        (np.array(["2024-01-31", "2024-02-29", "2024-03-31"], "datetime64[s]"), (), "2024-04-30"),
        (moments("2026-01-05", 20, 7, "D"), (), "2026-05-25"),
        (moments("2026-01-05", 56, 1, "D"), (7,), "2026-03-02"),
    ],
)
def test_month_ends_weeks_and_days(times, lengths, ahead):
    """The step is read off the dates, and the next date is the next month end, week or day."""
    found = one(times, np.tile([5.0, 1, 1, 1, 2, 3, 4], 8)[: len(times)], 2)
    assert found.panel.season_lengths == lengths
    assert str(found.panel.times[-2])[:10] == ahead


def test_whole_numbers_are_times_too():
    """Numbered slots get the season that they show."""
    found = one(np.arange(1, 61), np.tile([9.0, 1, 2, 3, 4, 5, 6], 9)[:60], 3)
    assert found.panel.season_lengths == (7,)
    assert found.panel.times[-3:].tolist() == [61, 62, 63]


def test_the_hour_that_comes_twice_is_averaged():
    """Clocks set back on a Sunday night repeat an hour once a year: the two are averaged."""
    times = moments("2026-10-20", 240, 1, "h")
    twice = np.datetime64("2026-10-25T02:00:00")
    values = np.arange(240.0)
    found = one(np.append(times, twice), np.append(values, values[122] + 2), 5)
    assert found.repeats == 1
    assert found.panel.values[0, 122] == values[122] + 1


def test_repeats_are_refused():
    """A day that stands twice is a fault of the delivery, not to be added up."""
    times = moments("2026-01-05", 30, 1, "D")
    refused("BW-FOR-003", lambda: one(np.append(times, times[3]), np.ones(31), 3))


def test_mixed_steps_are_refused():
    """Days and weeks do not share a step."""
    times = np.concatenate([moments("2026-01-05", 60, 1, "D"), moments("2026-01-05", 20, 7, "D")])
    series = np.repeat([0, 1], [60, 20])
    refused("BW-FOR-004", lambda: regular(["d", "w"], series, times, np.ones(80), 3))


def test_a_date_far_away_is_refused():
    """One mistyped year makes an axis that is mostly a hole."""
    times = np.append(moments("2026-01-05", 60, 1, "D"), np.datetime64("2062-01-05T00:00:00"))
    refused("BW-FOR-005", lambda: one(times, np.ones(61), 3))
