"""What nobody wrote down: ends of services, and which window served.

A busy window calls the next customer when it is done. Services that overlap were given at
different windows.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from branchwise.twin.calibrate.log import NONE, Coded, Flags, Floats, Ints, Log

RECORDED = 0.3
"""Ends are inferred where fewer services than this share have one."""
LONGEST = 3600.0
DEFAULT_SECONDS = 300.0


def with_ends(log: Log) -> tuple[Log, bool]:
    """Return a log in which services end when their window calls the next waiting customer.

    Many queue machines have no end event. Where nearly no service has an end, one that was
    followed by the call of somebody who waited already when it began is taken to have ended then;
    the others keep no service time, but are taken to have lasted as long as is usual, for who was
    there when.

    Parameters
    ----------
    log : Log
        Steps of a branch.

    Returns
    -------
    tuple of Log and bool
        The log, and whether ends were inferred.
    """
    served = log.is_served & ~log.is_session & ~np.isnan(log.called)
    recorded = served & ~np.isnan(log.service_seconds)
    if not served.any() or recorded.sum() > RECORDED * served.sum():
        return log, False
    lasted = _until_next_call(log)
    known = served & ~np.isnan(lasted)
    usual = float(np.median(lasted[known])) if known.any() else DEFAULT_SECONDS
    seconds = np.where(recorded, log.service_seconds, np.where(known, lasted, np.nan))
    begun = np.where(np.isnan(log.started), log.called, log.started)
    ended = np.where(known, log.called + lasted, log.called + usual)
    return (
        replace(
            log,
            service_seconds=np.where(served, seconds, log.service_seconds),
            started=np.where(served, begun, log.started),
            ended=np.where(served & np.isnan(log.ended), ended, log.ended),
        ),
        True,
    )


def _until_next_call(log: Log) -> Floats:
    """Return the time to the server's next call, NaN where the next did not wait from the first.

    Somebody who came during the service would tell too, but more often of long services.
    """
    found = np.full(len(log), np.nan)
    rows = np.flatnonzero((log.server.codes >= 0) & ~np.isnan(log.called))
    rows = rows[np.lexsort((log.called[rows], log.server.codes[rows], log.day[rows]))]
    here, following = rows[:-1], rows[1:]
    same = (log.day[here] == log.day[following]) & (
        log.server.codes[here] == log.server.codes[following]
    )
    gap = log.called[following] - log.called[here]
    waited = log.queued[following] <= log.called[here]
    good = same & waited & (gap > 0) & (gap <= LONGEST)
    found[here[good]] = gap[good]
    return found


def with_servers(log: Log) -> tuple[Log, bool]:
    """Return a log in which every service has a server, and whether these were made up.

    Where hardly any service names its window or member of staff, services are given to as many
    windows as are needed, each to the first that is free.

    Parameters
    ----------
    log : Log
        Steps of a branch, with ends.
    """
    served = log.is_served & ~log.is_session & ~np.isnan(log.called)
    named = served & (log.server.codes >= 0)
    if not served.any() or named.sum() > RECORDED * served.sum():
        return log, False
    places = first_free(log, served)
    width = len(str(int(places.max()) + 1))
    names = tuple(f"window_{place + 1:0{width}d}" for place in range(int(places.max()) + 1))
    return replace(log, server=Coded(codes=places, names=names)), True


def first_free(log: Log, rows: Flags) -> Ints:
    """Return a number for each of some services: the first that is not in use at its beginning.

    Parameters
    ----------
    log : Log
        Steps.
    rows : array of bool, shape (steps,)
        Services; the others have the number -1.
    """
    places = np.full(len(log), NONE, dtype=np.int64)
    begun = np.where(np.isnan(log.called), log.started, log.called)
    lasted = np.where(np.isnan(log.service_seconds), 0.0, log.service_seconds)
    ended = np.where(np.isnan(log.ended), begun + lasted, log.ended)
    chosen = np.flatnonzero(rows & ~np.isnan(begun))
    free: list[float] = []
    day = NONE
    for row in chosen[np.lexsort((begun[chosen], log.day[chosen]))].tolist():
        if log.day[row] != day:
            day, free = int(log.day[row]), []
        place = next((at for at, until in enumerate(free) if until <= begun[row]), len(free))
        if place == len(free):
            free.append(0.0)
        free[place] = float(ended[row])
        places[row] = place
    return places
