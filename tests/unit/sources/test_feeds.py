"""What feeds share: addresses that tell nothing, marks that never jump, mappings checked whole."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from branchwise.core.errors import BranchwiseError
from branchwise.sources.database.queries import read_database_mapping
from branchwise.sources.feeds.address import is_address, read_address, without_secrets
from branchwise.sources.feeds.http import origin
from branchwise.sources.feeds.marks import Highest, Mark, later
from branchwise.sources.feeds.registry import FEEDS, feed, feed_for

NOW = datetime(2026, 3, 12, 18, tzinfo=UTC)
SECRET = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=20)


@settings(deadline=None)
@given(SECRET, SECRET, st.booleans())
def test_no_address_shows_its_login(user, password, is_quoted):
    """However the password is written, neither it nor the user is in what may be shown."""
    login = f"{quote(user, safe='')}:{quote(password, safe='')}" if is_quoted else f"u:{password}"
    url = f"postgresql://{login}@branch.bank.example:5432/queue?password={quote(password)}"
    shown = read_address(url).shown
    assert password not in shown
    assert quote(password, safe="") not in shown
    if is_quoted:
        assert shown == "postgresql://branch.bank.example:5432/queue"


@settings(deadline=None)
@given(SECRET, st.sampled_from(["login failed for {}", "{} in {}", "at {}/x"]))
def test_no_message_repeats_a_secret(password, message):
    """What a driver says is told without the password, quoted or not."""
    address = read_address(f"mysql://reader:{quote(password, safe='')}@db/bank")
    for written in (password, quote(password, safe="")):
        told = address.scrubbed(message.format(written, written))
        assert written not in told


def test_a_very_short_password_hides_the_message():
    """Stars around a password of one letter would tell it: nothing of the message is left."""
    assert read_address("mysql://reader:a@db/bank").scrubbed("bad word") == "***"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("env:QUEUE", True),
        ("sqlite:///a.db", True),
        ("postgresql+psycopg://h/d", True),
        ("C:/exports", False),
        ("exports/march", False),
        ("a:b", False),
        (Path("x"), False),
    ],
)
def test_addresses_and_paths(text, expected):
    """A path is never taken for an address, nor the other way round."""
    assert is_address(text) is expected


def test_the_environment_holds_an_address_or_none():
    """A variable that is not set, empty, or no URL is an error that does not repeat it."""
    for environment, code in (
        ({}, "BW-SRC-060"), ({"Q": " "}, "BW-SRC-060"), ({"Q": "hunter2"}, "BW-SRC-061"),
    ):  # fmt: skip
        with pytest.raises(BranchwiseError) as refused:
            read_address("env:Q", environment)
        assert refused.value.problems[0].code == code
        assert "hunter2" not in str(refused.value)


def test_a_changed_password_is_the_same_place():
    """Marks survive a new password, and are apart for another database."""
    one, other = read_address("mysql://a:b@db/bank"), read_address("mysql://c:d@db/bank")
    assert one.fingerprint == other.fingerprint
    assert one.fingerprint != read_address("mysql://a:b@db/test").fingerprint
    assert without_secrets("mysql://a:b?c@db/bank") == "mysql://***"


@settings(deadline=None)
@given(
    st.lists(
        st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2040, 1, 1)),  # noqa: DTZ001
        min_size=1,
    ),
    st.sampled_from([" ", "T"]),
)
def test_the_mark_is_the_latest_that_is_not_in_the_future(values, separator):
    """Written as texts or given as times, the mark is the maximum up to a day from now."""
    limit = (NOW + timedelta(days=1)).replace(tzinfo=None)
    sound = [value for value in values if value <= limit]
    for typed in (True, False):
        highest = Highest(NOW)
        highest.add(values if typed else [one.isoformat(sep=separator) for one in values])
        assert highest.count_ignored == len(values) - len(sound)
        mark = highest.mark()
        if not sound:
            assert mark is None
            continue
        assert datetime.fromisoformat(mark.value) == max(sound)
        since = mark.since(timedelta(hours=3))
        at = since if typed else datetime.fromisoformat(since)
        assert timedelta(0) <= max(sound) - timedelta(hours=3) - at < timedelta(seconds=1)
        assert typed or since[10] == separator


@settings(deadline=None)
@given(st.lists(st.integers(-(10**30), 10**30), min_size=1), st.integers(0, 10**6))
def test_numbers_are_compared_as_numbers(values, overlap):
    """Of any whole numbers the mark is the largest, exactly, less the overlap."""
    highest = Highest(NOW)
    highest.add([None, *values, float("nan")])
    assert highest.mark().since(Decimal(overlap)) == pytest.approx(max(values) - overlap, rel=1e-25)
    assert highest.count_ignored == 1


@pytest.mark.parametrize(
    ("value", "since"),
    [
        ("2026-03-10", "2026-03-09"),
        ("20260310", "20260309"),
        ("2026-03-10T09:00:00Z", "2026-03-09T09:00:00Z"),
        ("2026-03-10 09:00:00.25+08:00", "2026-03-09 09:00:00+08:00"),
        ("2026-03-10 09:00:00+08", "2026-03-09 09:00:00+08:00"),
    ],
)
def test_texts_stay_in_their_form(value, since):
    """What is asked for is written as the source writes its own, so that texts compare."""
    assert Mark(kind="time", value=value).since(timedelta(days=1)) == since


def test_marks_never_go_back():
    """Of two marks the later one is kept; one of another kind gives way to the new one."""
    early, late = Mark(kind="time", value="2026-03-09"), Mark(kind="time", value="2026-03-10 09:00")
    number = Mark(kind="number", value="7")
    assert later(early, late) == later(late, early) == late
    assert later(late, number) == number
    assert later(None, None) is None


def test_every_feed_is_there_under_its_name(tmp_path):
    """Each name leads to a feed that calls itself so; a mapping tells which one it is for."""
    assert [feed(name).name for name in FEEDS] == list(FEEDS)
    for entry, name in (("query", "database"), ("request", "api"), ("page", "web")):
        mapping = tmp_path / f"{entry}.toml"
        mapping.write_text(f"[[{entry}]]\nname = 'x'\n", encoding="utf-8")
        assert feed_for(mapping, None) == name
    files = tmp_path / "files.toml"
    files.write_text("[[file]]\nname = 'x'\n", encoding="utf-8")
    assert feed_for(files, None) is None
    with pytest.raises(BranchwiseError, match="BW-SRC-059"):
        feed_for(files, read_address("mysql://db/bank"))


def test_origins():
    """Scheme, host and port make a server; a port that is none makes another one."""
    assert origin("http://a") == origin("http://A:80/b")
    assert origin("http://a") != origin("https://a")
    assert origin("http://a:x") != origin("http://a:81")


def test_a_mapping_is_refused_with_all_its_mistakes(tmp_path):
    """Keys of files in a mapping for a database, unknown names, both sources: all at once."""
    mapping = tmp_path / "m.toml"
    mapping.write_text(
        "[database]\ntimeout_seconds = 0\n[[query]]\nname = 'a'\ntable = 'x'\nsql = 'SELECT 1'\n"
        "pattern = '*.csv'\noverlap = 'soon'\n[[table]]\ninto = 'branch'\nfrom = 'b'\n"
        "columns = { branch_id = 'x' }\n[[file]]\nname = 'f'\n",
        encoding="utf-8",
    )
    with pytest.raises(BranchwiseError) as refused:
        read_database_mapping(mapping, "database")
    assert sorted(bad.code[-3:] for bad in refused.value.problems) == [
        "007", "007", "007", "063", "063", "064",
    ]  # fmt: skip
    assert "[query" in str(refused.value)


@pytest.mark.parametrize("text", ["", "[[query]]", "query = 1", "[query]\nname = 'x'"])
def test_a_mapping_without_queries_is_refused(tmp_path, text):
    """No, empty and misspelt entries are told."""
    mapping = tmp_path / "m.toml"
    mapping.write_text(text, encoding="utf-8")
    with pytest.raises(BranchwiseError) as refused:
        read_database_mapping(mapping, "database")
    assert refused.value.problems[0].code in ("BW-SRC-062", "BW-SRC-063")
