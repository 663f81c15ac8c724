"""Scenario files: exact, readable, and refused where they are not what they say."""

from __future__ import annotations

import dataclasses
import tomllib

import pytest
from hypothesis import HealthCheck, given, settings
from tests.unit.twin.scenarios import SCENARIOS

from branchwise.core.errors import BranchwiseError
from branchwise.twin.example import corner_branch
from branchwise.twin.files import (
    load_scenario,
    read_scenario,
    scenario_digest,
    scenario_text,
)
from branchwise.twin.scenario import FORMAT

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


def codes(text, place="x.toml"):
    """Return the codes and places with which a text is refused."""
    with pytest.raises(BranchwiseError) as refused:
        read_scenario(text, place)
    return [(problem.code, str(problem.where)) for problem in refused.value.problems]


@settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
@given(SCENARIOS)
def test_a_scenario_comes_back_exactly(scenario):
    """Every scenario, whatever its numbers, names and laws, is read back as it was written."""
    text = scenario_text(scenario)
    found = read_scenario(text)
    assert found == scenario
    assert repr(found) == repr(scenario)
    assert scenario_text(found) == text


def test_keys_stay_in_order():
    """The order of a mix, on which the draws rest, is kept."""
    kind = dataclasses.replace(corner_branch().classes[0], mix={"z": 0.2, "a": 0.3, "m": 0.5})
    scenario = dataclasses.replace(corner_branch(), classes=(kind,))
    assert list(read_scenario(scenario_text(scenario)).classes[0].mix) == ["z", "a", "m"]


def test_a_file_can_be_read_by_people():
    """Comments say the units, rates stand eight a line, a law begins with its name."""
    text = scenario_text(corner_branch())
    assert text.startswith("# A simulated branch.")
    assert "seconds after local midnight" in text
    assert "\n  14.0, 14.0, 14.0, 14.0, 22.0, 22.0, 22.0, 22.0,\n" in text
    assert '{ law = { law = "lognormal", mean = 260.0, cv = 0.8 } }' in text
    assert max(len(line) for line in text.splitlines()) <= 100
    assert tomllib.loads(text)["format"] == FORMAT


def test_whole_numbers_may_stand_for_numbers():
    """Who writes 9 for 9.0 is understood; a count with a fraction or in quotes is not."""
    text = scenario_text(corner_branch())
    assert read_scenario(text.replace("speed = 1.0", "speed = 1")) == corner_branch()
    place = "x.toml.stations[1].open[1].count"
    fraction = text.replace(
        "{ at_second = 32400.0, count = 2 }", "{ at_second = 9.0, count = 2.5 }"
    )
    assert codes(fraction)[0] == ("BW-TWN-034", place)
    quoted = text.replace("speed = 1.0", 'speed = "1.0"', 1)
    assert codes(quoted) == [("BW-TWN-034", "x.toml.stations[1].speed")]


def test_everything_wrong_is_told_at_once():
    """Missing and unknown keys, wrong kinds and unknown laws come in one error, each in place."""
    text = scenario_text(corner_branch())
    text = text.replace('name = "corner branch"', 'title = "corner branch"')
    text = text.replace("closes_second = 61200.0\n", "")
    text = text.replace('kind = "smart_counter"', 'kind = "robot"')
    text = text.replace('[classes.patience]\nlaw = "weibull"', '[classes.patience]\nlaw = "pareto"')
    assert set(codes(text)) == {
        ("BW-TWN-033", "x.toml.title"),
        ("BW-TWN-032", "x.toml.closes_second"),
        ("BW-TWN-034", "x.toml.stations[2].kind"),
        ("BW-TWN-035", "x.toml.classes[1].patience"),
        ("BW-TWN-035", "x.toml.classes[2].patience"),
    }


def test_a_law_must_be_named():
    """A table that fits several laws is not guessed at."""
    text = scenario_text(corner_branch()).replace('law = "lognormal", mean = 260.0', "mean = 260.0")
    assert codes(text) == [("BW-TWN-035", "x.toml.activities[1].services[1].law")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("format = [", "BW-TWN-030"),
        ('format = 1\nname = "a"\nname = "b"', "BW-TWN-030"),
        (f"format = {FORMAT + 1}\nwhatever = 1", "BW-TWN-031"),
        ('name = "no form"', "BW-TWN-032"),
        ('format = "one"', "BW-TWN-034"),
    ],
)
def test_what_is_no_scenario_is_refused(text, code):
    """Broken TOML, a newer form and none are refused before anything is read."""
    assert code in [found for found, _ in codes(text)]


def test_a_file_that_is_not_there_or_no_text(tmp_path):
    """A missing file, a folder and bytes are refused with the path."""
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "none.toml", tmp_path, binary):
        with pytest.raises(BranchwiseError) as refused:
            load_scenario(path)
        assert refused.value.problems[0].code == "BW-TWN-030"
        assert str(path) in str(refused.value.problems[0].where)
        assert refused.value.exit_code == 3


def test_whole_numbers_have_one_digest():
    """A number written 9 in code and 9.0 in a file is the same number."""
    whole = dataclasses.replace(corner_branch(), standard_seconds=600)
    assert scenario_digest(whole) == scenario_digest(read_scenario(scenario_text(whole)))


def test_the_digest_is_of_everything_said():
    """The same scenario has the same digest after a file, another number another one."""
    scenario = corner_branch()
    again = read_scenario(scenario_text(scenario))
    assert scenario_digest(read_scenario(scenario_text(again))) == scenario_digest(again)
    other = dataclasses.replace(again, standard_seconds=600.0000000001)
    assert scenario_digest(other) != scenario_digest(again)
