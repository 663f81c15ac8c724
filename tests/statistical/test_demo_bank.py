"""The synthetic bank against its own truth: what it draws follows the laws it declares."""

import math

import numpy as np
import pytest
from scipy import stats

from branchwise.sources.demo.bank import life_of
from branchwise.sources.demo.catalogues import MACHINE, SKILLS, services
from branchwise.sources.demo.customers import ELDERLY
from branchwise.sources.demo.demand import DAY_SHAPE, profile
from branchwise.sources.demo.network import branches
from branchwise.sources.demo.queue import NO_SHOW, SERVED, WALKED_OUT
from branchwise.sources.demo.settings import DemoSettings
from branchwise.sources.demo.staff import rosters
from branchwise.sources.demo.visitors import (
    ELDERLY_SERVICE,
    LEAST_SECONDS,
    PATIENCE_SCALE,
    PATIENCE_SHAPE,
    service_weights,
)

WINDOW_SKILLS = ("teller", "foreign_exchange", "corporate")
SETTINGS = DemoSettings(branches=12, days=60, seed=11)


@pytest.fixture(scope="module")
def lives():
    """The branches of a bank, lived through."""
    network = branches(SETTINGS)
    people = rosters(SETTINGS, network)
    return [life_of(SETTINGS, branch, people[branch.branch_id]) for branch in network]


def test_numbers_of_visitors_follow_the_rates_and_their_overdispersion(lives):
    """Pearson's statistic with variance mean + mean²/shape is within five standard errors of 1."""
    terms = []
    for life in lives:
        came = np.bincount(life.arrivals.day, minlength=SETTINGS.days)
        mean = life.arrivals.expected
        is_open = mean > 0
        assert (came[~is_open] == 0).all()
        terms += list(
            (came[is_open] - mean[is_open]) ** 2 / (mean[is_open] + mean[is_open] ** 2 / DAY_SHAPE)
        )
    error = np.std(terms, ddof=1) / math.sqrt(len(terms))
    # Where corporate visitors have a factor of their own the day varies a little less.
    assert 0.75 < np.mean(terms) < 1 + 5 * error


def test_elderly_come_when_their_profile_says(lives):
    """Arrival times of the elderly pass a Kolmogorov-Smirnov test at a branch."""
    life = next(life for life in lives if life.branch.form.lunch is None)
    minutes, share = profile(life.branch, "elderly")
    is_elderly = (life.arrivals.band == ELDERLY) & ~life.arrivals.is_corporate
    drawn = life.arrivals.arrived[is_elderly] / 60
    tested = stats.kstest(drawn, lambda at: np.interp(at, minutes, share))
    assert tested.pvalue > 1e-4


def test_times_at_the_counter_are_lognormal_with_the_declared_median(lives):
    """Log times, freed of age, pass a Kolmogorov-Smirnov test for the commonest services."""
    for number, service in enumerate(services()):
        drawn = np.concatenate(
            [
                life.visitors.counter_seconds[life.visitors.service == number]
                / np.where(
                    life.visitors.band[life.visitors.service == number] == ELDERLY,
                    ELDERLY_SERVICE,
                    1.0,
                )
                for life in lives
            ]
        )[:3000]
        if len(drawn) < 1000 or service.counter_median_seconds < 10 * LEAST_SECONDS:
            continue
        scores = np.log(drawn / service.counter_median_seconds) / service.counter_log_sd
        assert stats.kstest(scores, "norm").pvalue > 1e-4, service.service_id


def test_patience_is_weibull(lives):
    """Patience of younger visitors at the counter passes a Kolmogorov-Smirnov test."""
    life = lives[0]
    plain = (life.visitors.band != ELDERLY) & (life.visitors.skill != MACHINE)
    drawn = life.visitors.patience[plain][:5000]
    law = stats.weibull_min(PATIENCE_SHAPE, scale=PATIENCE_SCALE)
    assert stats.kstest(drawn, law.cdf).pvalue > 1e-4


def test_services_are_asked_for_in_the_declared_shares(lives):
    """A chi-square test of the services that younger personal visitors ask for."""
    chosen = np.concatenate(
        [
            life.visitors.service[: len(life.arrivals.day)][
                (life.arrivals.band != ELDERLY) & ~life.arrivals.is_corporate
            ]
            for life in lives
        ]
    )
    shares = service_weights("younger")
    counts = np.bincount(chosen, minlength=len(shares))
    possible = shares > 0
    assert counts[~possible].sum() == 0
    tested = stats.chisquare(counts[possible], shares[possible] * counts.sum())
    assert tested.pvalue > 1e-4


def test_nobody_is_served_twice_at_once(lives):
    """At every window the next service starts after the last has ended."""
    for life in lives[:4]:
        lived = life.lived
        rows = np.flatnonzero(lived.outcome == SERVED)
        order = rows[np.lexsort((lived.called[rows], lived.place[rows], lived.day[rows]))]
        same = (np.diff(lived.place[order]) == 0) & (np.diff(lived.day[order]) == 0)
        gap = lived.called[order][1:] - lived.ended[order][:-1]
        assert (gap[same] >= -1).all()


def test_planted_ills_show_in_what_happened(lives):
    """Slow authorisation is at least four times as slow, and bad machines fail more often."""

    def authorisation(life):
        return float(np.nanmean(life.lived.granted - life.lived.requested))

    slow = [authorisation(life) for life in lives if life.branch.ill == "slow_authorisation"]
    others = [authorisation(life) for life in lives if life.branch.ill != "slow_authorisation"]
    assert min(slow) > 4 * max(others)

    def faults(life):
        machines = [
            n for n, device in enumerate(life.fleet.devices) if device.kind == "smart_counter"
        ]
        events = [e for e in life.fleet.events if e.device in machines and not e.is_planned]
        return len(events) / len(machines)

    bad = [faults(life) for life in lives if life.branch.ill == "failing_machines"]
    good = [faults(life) for life in lives if life.branch.ill != "failing_machines"]
    assert min(bad) > 1.5 * float(np.mean(good))


@pytest.fixture(scope="module")
def lobbies():
    """By branch of a large bank: its ill, waits in minutes, outcomes, use of open windows."""
    settings = DemoSettings(branches=40, days=40, seed=2)
    network = branches(settings)
    people = rosters(settings, network)
    found = []
    for branch in network:
        life = life_of(settings, branch, people[branch.branch_id])
        lived = life.lived
        queued = lived.skill != MACHINE
        served = queued & (lived.outcome == SERVED)
        at_window = served & np.isin(lived.skill, [SKILLS.index(skill) for skill in WINDOW_SKILLS])
        busy = float((lived.ended - lived.called)[at_window].sum())
        found.append(
            {
                "life": life,
                "ill": branch.ill,
                "wait": ((lived.called - lived.arrived) / 60)[served],
                "elderly": life.visitors.band[lived.visitor[served]] == ELDERLY,
                "left": float((lived.outcome[queued] == WALKED_OUT).mean()),
                "absent": float((lived.outcome[queued] == NO_SHOW).mean()),
                "busy": busy / lived.window_seconds.sum(),
            }
        )
    return found


def test_healthy_lobbies_wait_as_real_ones_do(lobbies):
    """Median 2 to 5 minutes, P90 8 to 12, windows 65 to 85 % busy, 3 to 5 % leave."""
    healthy = [lobby for lobby in lobbies if lobby["ill"] is None]
    wait = np.concatenate([lobby["wait"] for lobby in healthy])
    assert 2 < np.median(wait) < 5
    assert 8 < np.quantile(wait, 0.9) < 12
    assert 0.65 < np.median([lobby["busy"] for lobby in healthy]) < 0.85
    assert 0.025 < np.median([lobby["left"] for lobby in healthy]) < 0.05
    assert sum(lobby["left"] < 0.05 for lobby in healthy) > 0.7 * len(healthy)


def test_few_leave_the_bank_unserved(lobbies):
    """Over the bank 4 to 6 % give up and 1 to 3 % do not answer their number."""
    weights = [len(lobby["wait"]) for lobby in lobbies]
    assert 0.04 < np.average([lobby["left"] for lobby in lobbies], weights=weights) < 0.06
    assert 0.01 < np.average([lobby["absent"] for lobby in lobbies], weights=weights) < 0.03


def test_ill_lobbies_stand_out(lobbies):
    """Too few windows: P90 above 17 minutes, 7 % leave; too many: below 55 % busy."""
    by_ill = {}
    for lobby in lobbies:
        by_ill.setdefault(lobby["ill"], []).append(lobby)
    for lobby in by_ill["under_equipped"]:
        assert np.quantile(lobby["wait"], 0.9) > 17
        assert lobby["left"] > 0.07
    assert all(lobby["busy"] < 0.55 for lobby in by_ill["over_equipped"])
    for lobby in by_ill["elderly_wait"]:
        elderly, others = (
            np.quantile(lobby["wait"][lobby["elderly"] == is_elderly], 0.9)
            for is_elderly in (True, False)
        )
        assert elderly > 1.5 * others


def test_who_asks_for_a_missing_skill_is_not_served_at_the_counter(lobbies):
    """Without foreign exchange most who need it leave, but some are served by a visitor."""
    wanted = SKILLS.index("foreign_exchange")
    for lobby in lobbies:
        if lobby["ill"] != "skill_gap_foreign_exchange":
            continue
        lived = lobby["life"].lived
        served = lived.outcome[lived.skill == wanted] == SERVED
        assert 0 < served.mean() < 0.4


def test_ills_are_spread_over_regions_and_types(lobbies):
    """No kind is in one region only, and every type of branch keeps a healthy one."""
    places = {}
    for lobby in lobbies:
        if lobby["ill"]:
            places.setdefault(lobby["ill"], set()).add(lobby["life"].branch.region_id)
    assert all(len(regions) > 1 for regions in places.values())
    healthy = {lobby["life"].branch.branch_type for lobby in lobbies if lobby["ill"] is None}
    assert healthy == {"flagship", "comprehensive", "light", "community", "county"}
