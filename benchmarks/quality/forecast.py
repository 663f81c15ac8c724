"""How good forecasts are, beside seasonal naive, slot means and the best statsforecast model.

    python benchmarks/quality/forecast.py [calls|same_day|daily|speed ...]

Needs the shared data sets `bank_calls_2003` and `berka`. No part is tuned on what it scores: sizes
of the processes come from priors and the past of each origin.
"""

import argparse
import csv
import gzip
import time
from datetime import date
from pathlib import Path

import numpy as np

from branchwise.engines.executors import ProcessExecutor
from branchwise.models.forecast.backtest import smape
from branchwise.models.forecast.plain import recent_slot_means, seasonal_naive, slot_means
from branchwise.models.forecast.portfolio import forecast
from branchwise.models.forecast.same_day import fit_day_errors, updated
from branchwise.models.forecast.series import Panel
from branchwise.models.forecast.statistical import smoothed
from branchwise.models.forecast.structural import structural

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
FIRST_WEEK, DAYS, SLOTS = 12, 5, 169
ANONYMOUS_FROM = date(1993, 1, 1)


def calls():
    """Return (days, slots) of the five-minute counts, weekdays only, holidays NaN, and the days."""
    with gzip.open(DATA / "bank_calls_2003" / "bank_calls.csv.gz", "rt") as file:
        rows = [line.strip().split(",") for line in file][1:]
    times = np.array([row[0] for row in rows], "datetime64[s]")
    days = times.astype("datetime64[D]")
    since = (days - days[0]).astype(int)
    table = np.full(((since.max() // 7 + 1) * DAYS, SLOTS), np.nan)
    slot = ((times - days).astype(int) - 7 * 3600) // 300
    table[since // 7 * DAYS + since % 7, slot] = [float(row[1]) for row in rows]
    number = np.arange(len(table))
    return table, days[0] + (number // DAYS * 7 + number % DAYS).astype("timedelta64[D]")


def quarters(table):
    """Return counts by quarter-hour; the last one holds a single five-minute slot."""
    return np.add.reduceat(table, np.arange(0, SLOTS, 3), axis=1)


def panel_of(table, days, minutes):
    slots = table.shape[1]
    clock = 7 * 3600 + np.arange(slots) * minutes * 60
    times = (days.astype("datetime64[s]")[:, None] + clock.astype("timedelta64[s]")).ravel()
    return Panel(
        ids=("calls",), times=times, values=table.reshape(1, -1),
        season_lengths=(slots, DAYS * slots),
        is_open=~np.repeat(np.isnan(table).all(axis=1), slots),
    )  # fmt: skip


def wmape(truth, mean):
    there = ~np.isnan(truth)
    return 100 * np.abs(truth - mean)[there].sum() / truth[there].sum()


def decomposed(panel):
    return smoothed(panel, ["mstl"])["mstl"]


def week_ahead():
    table, days = calls()
    for minutes, counts, wanted in (
        (5, table, "8.7, aim 8.2"),
        (15, quarters(table), "7.2, aim 6.5"),
    ):
        panel, week = panel_of(counts, days, minutes), DAYS * counts.shape[1]
        weeks = range(FIRST_WEEK, len(counts) // DAYS)
        truth = np.concatenate([panel.seen[:, w * week : (w + 1) * week] for w in weeks])
        print(
            f"bank_calls, a week ahead, {minutes} minutes, {len(weeks)} origins: wanted {wanted} %"
        )
        for call in (seasonal_naive, slot_means, recent_slot_means, decomposed, structural):
            begun = time.perf_counter()
            mean = np.concatenate([call(panel.cut(w * week, week)) for w in weeks])
            spent = time.perf_counter() - begun
            error = wmape(truth, np.maximum(mean, 0))
            print(f"  {call.__name__:20} wMAPE {error:6.2f} %  {spent:5.1f} s")


def same_day():
    table, days = calls()
    begin = 30
    for minutes, counts, lead, wanted in (
        (5, table, 12, "7.1, aim 6.6"), (15, quarters(table), 4, "5.2, aim 4.6"),
    ):  # fmt: skip
        panel, slots = panel_of(counts, days, minutes), counts.shape[1]
        base = np.full_like(counts, np.nan)
        for day in range(begin, len(counts)):
            base[day] = structural(panel.cut(day * slots, slots))[0]
        first = 120 // minutes
        mean, plain = base.copy(), slot_day_means(counts)
        for day in range(FIRST_WEEK * DAYS, len(counts)):
            if day % DAYS == 0:
                process = fit_day_errors(base[begin:day], counts[begin:day])
            if np.isnan(counts[day]).any():
                continue
            for slot in range(first, slots):
                known = counts[day].copy()
                known[slot - lead :] = (
                    np.nan
                )  # only slots that ended an hour before this one begins
                mean[day, slot] = max(updated(process, base[day], known)[0][slot], 0) ** 2
        scored = slice(FIRST_WEEK * DAYS, None), slice(first, None)
        print(f"bank_calls, an hour's lead from 09:00, {minutes} minutes: wanted {wanted} %")
        for name, shown in (("slot means", plain), ("a day ahead", base), ("same day", mean)):
            print(f"  {name:20} wMAPE {wmape(counts[scored], shown[scored]):6.2f} %")


def slot_day_means(counts):
    means = np.full_like(counts, np.nan)
    for day in range(DAYS, len(counts)):
        means[day] = np.nanmean(counts[day % DAYS : day : DAYS], axis=0)
    return means


def berka():
    """Return daily transactions of the branches of berka with one a day or more, last year."""
    with (DATA / "berka" / "account.asc").open() as file:
        district = {row[0]: row[1] for row in csv.reader(file, delimiter=";")}
    table = {}
    with gzip.open(DATA / "berka" / "trans_first5pct_reformatted.csv.gz", "rt") as file:
        for row in csv.DictReader(file):
            day = date(int(row["year"]), int(row["month"]), int(row["day"])) - ANONYMOUS_FROM
            counts = table.setdefault(district[str(int(row["account_id"][1:]))], np.zeros(475))
            counts[day.days] += 1
    kept = sorted(name for name, counts in table.items() if counts[-200:].mean() >= 1)
    return Panel(
        ids=tuple(kept), times=np.datetime64(ANONYMOUS_FROM) + np.arange(475),
        values=np.array([table[name] for name in kept]), season_lengths=(7,),
    )  # fmt: skip


def synthetic(count, days, seed=3):
    """Return daily series with weekly season, shifts, pay days, a year, outliers and gaps."""
    chance = np.random.default_rng(seed)
    dates = np.datetime64("2024-01-05") + np.arange(days)
    month_day = (dates - dates.astype("datetime64[M]")).astype(int)
    year_day = (dates - dates.astype("datetime64[Y]")).astype(int)
    rows = []
    for _ in range(count):
        week = np.exp(chance.normal(0, 0.35, 7))
        later = week * np.exp(chance.normal(0, 0.1, 7))
        share = np.linspace(0, 1, days)
        weekday = np.arange(days) % 7
        level = chance.normal(3, 0.6) + np.log((1 - share) * week[weekday] + share * later[weekday])
        for _ in range(chance.poisson(2)):
            level[chance.integers(days) :] += chance.normal(0, 0.15)
        level += 0.15 * chance.random() * np.sin(2 * np.pi * (year_day / 365.25 + chance.random()))
        level += 0.3 * chance.random() * np.exp(-((year_day - 355) % 365) / 6)
        level += chance.choice([0, 0.25]) * np.exp(-month_day / 3)
        noise = chance.normal(0, 0.25, days)
        for day in range(1, days):
            noise[day] += 0.3 * noise[day - 1]
        values = np.exp(level + noise)
        values[chance.random(days) < 0.01] *= chance.choice([0.1, 2.5])
        values[chance.random(days) < 0.03] = np.nan
        rows.append(values.round(1))
    return Panel(
        ids=tuple(f"s{row}" for row in range(count)), times=dates, values=np.array(rows),
        season_lengths=(7,),
    )  # fmt: skip


def named_models(panel):
    """Return the forecasts of the six models that the portfolio is held against."""
    from statsforecast.models import MSTL, AutoCES, AutoETS, AutoTheta, DynamicOptimizedTheta

    from branchwise.models.forecast.filled import filled

    series = [filled(values, 7) for values in panel.seen]
    found = {"SeasonalNaive": seasonal_naive(panel)}
    for maker in (AutoETS, AutoCES, AutoTheta, DynamicOptimizedTheta, MSTL):
        model = maker(season_length=7)
        mean = [model.forecast(y=values, h=panel.horizon)["mean"] for values in series]
        found[maker.__name__] = np.maximum(mean, 0)
    return found


def daily():
    horizon = 28
    for name, whole in (("synthetic", synthetic(30, 791)), ("berka branches", berka())):
        scores: dict[str, list[float]] = {}
        inside = {0.8: [], 0.95: []}
        with ProcessExecutor() as executor:
            for back in (3, 2, 1):
                panel = whole.cut(whole.steps - back * horizon, horizon)
                truth = whole.seen[:, panel.steps : panel.steps + horizon]
                ours = forecast(panel, executor=executor)
                means = named_models(panel) | {
                    "slot_means": slot_means(panel),
                    "branchwise": ours.mean,
                }
                for model, mean in means.items():
                    score = smape(truth[:, None], mean[:, None])
                    scores.setdefault(model, []).append(float(score.mean()))
                for level, rows in inside.items():
                    within = (truth >= ours.lower[level]) & (truth <= ours.upper[level])
                    rows.append(within[~np.isnan(truth)].mean())
        print(f"{name}: {len(whole.ids)} daily series, {horizon} days ahead, 3 origins, sMAPE")
        mean_score = {model: float(np.mean(found)) for model, found in scores.items()}
        for model, score in mean_score.items():
            print(f"  {model:24} {100 * score:6.2f} %")
        six = np.mean([s for m, s in mean_score.items() if m not in {"slot_means", "branchwise"}])
        gain = 100 * (1 - mean_score["branchwise"] / six)
        print(f"  better than the mean of the six by {gain:.1f} % (wanted 1.5 %)")
        print(
            "  coverage", {level: round(float(np.mean(rows)), 3) for level, rows in inside.items()}
        )


def speed():
    panel = synthetic(100, 786).cut(730, 56)
    begun = time.perf_counter()
    with ProcessExecutor(workers=2) as executor:
        found = forecast(panel, executor=executor)
    spent = time.perf_counter() - begun
    print(f"100 daily series, 2 years, 8 weeks ahead, {len(found.backtest.models)} models, "
          f"{len(found.backtest.origins)} origins: {spent:.0f} s (wanted < 120 s)")  # fmt: skip


PARTS = {"calls": week_ahead, "same_day": same_day, "daily": daily, "speed": speed}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=[])
    for part in parser.parse_args().parts or PARTS:
        PARTS[part]()
