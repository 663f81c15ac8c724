"""Drawings against positions worked out by hand."""

import re
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from branchwise.report import figures, geography
from branchwise.report.deliveries import Coverage
from branchwise.report.drawing import Scale, ticks
from branchwise.report.model import Branch, Funnel, FunnelPoint, HalfHour, ServiceUse


def rectangles(drawing, css):
    found = re.findall(r"<rect ([^>]*)>", drawing)
    held = [dict(re.findall(r'(\S+?)="([^"]*)"', attributes)) for attributes in found]
    return [(r["x"], r["width"]) for r in held if r["class"] == css]


def test_days_stand_at_their_share_of_the_period():
    """Ten days with a gap on days 5 and 6 give two bars of 40 % each."""
    coverage = Coverage(
        branch_id="1",
        data_source_id="q",
        spells=((date(2026, 3, 1), date(2026, 3, 4)), (date(2026, 3, 7), date(2026, 3, 10))),
        count_days=8,
        count_missing=2,
        count_rows=80,
    )
    drawing = figures.days_bar(coverage, date(2026, 3, 1), date(2026, 3, 10))
    assert rectangles(drawing, "there") == [("0%", "40%"), ("60%", "40%")]


def test_parts_of_a_service_add_up():
    """Machine, counter and migratable stand side by side, together their share of the largest."""
    use = ServiceUse(service_id="a", name="a", counter_only=10, could_migrate=20, machine=20)
    drawing = figures.mix_bar(use, 100)
    assert rectangles(drawing, "machine") == [("0%", "20%")]
    assert rectangles(drawing, "counter") == [("20%", "10%")]
    assert rectangles(drawing, "migrate") == [("30%", "20%")]


def test_a_branch_beyond_its_limit_is_marked():
    """Only the branch above its own upper limit is orange."""
    points = (
        FunnelPoint(branch_id="a", size=100, value=500, reference=400, lower=300, upper=600),
        FunnelPoint(branch_id="b", size=900, value=500, reference=400, lower=350, upper=450),
    )
    funnel = Funnel(measure="m", points=points)
    drawing = figures.funnel_plot(funnel, lambda branch_id: branch_id, 60)
    marked = re.findall(r'href="#branch-(\w)"[^>]*><circle [^>]*class="([^"]*)"', drawing)
    assert dict(marked) == {"a": "here", "b": "here worse"}


def test_a_gap_in_the_waits_is_a_gap_in_the_line():
    """Half-hours without a known wait break the line instead of being bridged."""
    day = [
        HalfHour(minute=minute, arrivals=1.0, wait_median_seconds=w, wait_p90_seconds=w)
        for minute, w in ((540, 60.0), (570, 70.0), (600, None), (630, 80.0), (660, 90.0))
    ]
    assert figures.waits_strip(day, None).count('class="p90"') == 2


def test_a_point_on_the_map_is_where_it_lies():
    """North is up and east is right."""
    west_south = Branch(branch_id="1", name="1", latitude=30.0, longitude=120.0, count_visits=1)
    east_north = Branch(branch_id="2", name="2", latitude=31.0, longitude=121.0, count_visits=1)
    drawing = geography.network_map([west_south, east_north], lambda code: code, worse=set())
    spots = {
        code: (float(x), float(y))
        for code, x, y in re.findall(
            r'branch-(\w)"[^>]*><circle cx="([\d.]+)%" cy="([\d.]+)%', drawing
        )
    }
    assert spots["1"][0] < spots["2"][0]
    assert spots["1"][1] > spots["2"][1]


def test_names_on_the_map_cover_no_point():
    """A name stands only where no other point lies under it, to the right or else to the left."""
    places = {"甲支行": (30.0, 120.0), "乙支行": (30.0, 120.02), "丙支行": (31.0, 121.0)}
    branches = [
        Branch(branch_id=name, name=name, latitude=lat, longitude=lon, count_visits=9)
        for name, (lat, lon) in places.items()
    ]
    drawing = geography.network_map(branches, lambda code: code, worse=set(places))
    named = dict(re.findall(r'class="(name(?: end)?)" dx[^>]*>([^<]+)<', drawing))
    assert sorted(re.findall(r'class="name[^>]*>([^<]+)<', drawing)) == sorted(places)
    assert named["name end"] in {"甲支行", "丙支行"}


@given(low=st.floats(-1e6, 1e6), width=st.floats(1e-3, 1e6), about=st.integers(2, 8))
def test_ticks_are_round_and_inside(low, width, about):
    """Ticks lie inside the range, evenly apart, and are not too many."""
    found = ticks(low, low + width, about)
    assert all(low <= tick <= low + width for tick in found)
    assert len(found) <= about + 2
    steps = {round(b - a, 6) for a, b in pairwise(found)}
    assert len(steps) <= 1 or max(steps) - min(steps) < 1e-4


@given(values=st.lists(st.floats(-1e9, 1e9), min_size=1), is_root=st.booleans())
def test_a_scale_never_leaves_the_drawing(values, is_root):
    """Every value, inside the domain or not, has a place between the ends of the drawing."""
    scale = Scale(lowest=0, highest=100, start=7, end=99, is_root=is_root)
    assert all(7 <= scale.at(value) <= 99 for value in values)


@pytest.mark.parametrize(
    ("points", "corners"),
    [([], 0), ([(1, 1)], 1), ([(0, 0), (1, 1)], 2), ([(0, 0), (1, 1), (2, 2)], 2)],
)
def test_small_hulls(points, corners):
    """Fewer than three corners are no shape; points on a line keep their ends."""
    assert len(geography.hull(points)) == corners
