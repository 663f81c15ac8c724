"""Panels of branches and days drawn with known truth."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from branchwise.evaluate.panel import Panel

FIRST = date(2026, 1, 5)


def open_days(count, first=FIRST):
    """Return so many days, Mondays to Saturdays."""
    days = (first + timedelta(days=place) for place in range(2 * count))
    return tuple([day for day in days if day.isoweekday() < 7][:count])


def panel(values, measure="queues.within_standard_share", counts=None):
    values = np.asarray(values, dtype=np.float64)
    return Panel(
        measure=measure,
        branches=tuple(f"B{place:02}" for place in range(len(values))),
        days=open_days(values.shape[1]),
        values=values,
        counts=np.ones_like(values) if counts is None else np.asarray(counts, dtype=np.float64),
    )


def drawn(generator, branches, days, *, correlation=0.0, spread=1.0):
    """Levels, weekdays of each branch, shocks of each day, and noise that hangs together."""
    noise = generator.normal(size=(branches, days))
    noise[:, 0] /= np.sqrt(1 - correlation**2)
    for day in range(1, days):
        noise[:, day] += correlation * noise[:, day - 1]
    weekdays = np.array([day.isoweekday() - 1 for day in open_days(days)])
    return (
        spread * noise
        + 5 * generator.normal(size=(branches, 1))
        + 2 * generator.normal(size=(branches, 6))[:, weekdays]
        + 3 * generator.normal(size=days)
    )
