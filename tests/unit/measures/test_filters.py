"""What a condition may say, and that it means what it says."""

from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from branchwise.core.errors import BranchwiseError
from branchwise.engines.duckdb import open_duckdb
from branchwise.measures.compare import periods
from branchwise.measures.compute import compute
from branchwise.measures.filters import Filter
from branchwise.measures.references import Binding
from branchwise.tables.assumptions import default_assumptions

REFUSED = [
    "1 = (SELECT 1)",
    "branch_id IN (SELECT branch_id FROM branch)",
    "EXISTS (SELECT 1)",
    "true; DROP TABLE visit",
    "read_csv('/etc/passwd') IS NULL",
    "getenv('HOME') = 'x'",
    "wait_seconds > random()",
    "count(*) > 1",
    "sum(wait_seconds) OVER () > 1",
    "CAST(branch_id AS INTEGER) = 1",
    "branch_id = $1",
    "branch_id COLLATE nocase = 'a'",
    "main.visit.branch_id = 'a'",
    "CASE WHEN true THEN true END",
    "branch_id = 'a' UNION SELECT 1",
    "SELECT 1",
    "wait_seconds >",
    "",
    "(",
    "[x for x in [1]] = [1]",
    "{'a': 1} = {'a': 1}",
    "branch_id -- 'x",
]


@pytest.mark.parametrize("text", REFUSED[:-1])
def test_refused(text):
    """Subqueries, functions out of the list, statements and broken text are refused."""
    with pytest.raises(BranchwiseError, match="BW-MEA-004"):
        Filter(text)


@pytest.mark.parametrize(
    "text", ["5", "'x'", "wait_seconds + 1", "NOT lower(tier)", "tier = 'mass' AND (NULL)"]
)
def test_a_value_is_no_condition(text):
    """A number or text where something must hold or not is refused before the engine sees it."""
    with pytest.raises(BranchwiseError, match="no condition"):
        Filter(text)


@pytest.mark.parametrize("text", ["(" * 500 + "1=1" + ")" * 500, "1=1" + " AND 1=1" * 300])
def test_deep_nesting_is_refused(text):
    """A condition nested beyond all use is refused, not an overflow of the stack."""
    with pytest.raises(BranchwiseError, match="nested"):
        Filter(text)


MISTYPED = ["local_on = 'x'", "quarter_hour = '09:00'", "branch_id", "iso_weekday IN ('三')"]


@pytest.fixture
def visits():
    """Return an engine with one visit."""
    row = {
        "visit_id": "v1",
        "branch_id": "secret-1",
        "local_on": date(2026, 3, 2),
        "quarter_hour": 36,
        "iso_weekday": 1,
        "is_suspect": False,
    }
    with open_duckdb() as engine:
        engine.register_table("visit", pa.Table.from_pylist([row]))
        yield engine


@pytest.mark.parametrize("text", MISTYPED)
def test_texts_that_are_no_value_of_the_column(visits, text):
    """A day, hour or weekday that is none is the question's fault, and no stored value is shown."""
    with pytest.raises(BranchwiseError, match="BW-MEA-004") as caught:
        compute(visits, ["queues.visits"], where=text)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("text", MISTYPED)
def test_periods_of_a_mistyped_condition(visits, text):
    """Comparing periods refuses the same conditions in the same words."""
    with pytest.raises(BranchwiseError, match="BW-MEA-004"):
        periods(visits, "previous", text, default_assumptions())


def test_comments_vanish():
    """A comment is not carried into the query."""
    binding = Binding("visit", default_assumptions())
    assert "--" not in Filter("wait_seconds > 5 -- ' OR 1=1").sql(binding)
    assert "/*" not in Filter("wait_seconds > 5 /* hidden */").sql(binding)


@settings(deadline=None)
@given(st.text(max_size=40))
def test_any_text_gives_a_condition_or_a_refusal(text):
    """Whatever is typed becomes a six-part error or a condition, never a crash."""
    try:
        Filter(text)
    except BranchwiseError as error:
        assert error.problems[0].code == "BW-MEA-004"  # noqa: PT017


@settings(deadline=None)
@given(st.text(max_size=20))
def test_quotes_stay_inside_texts(text):
    """A text value, whatever it holds, comes back as that value and nothing more."""
    if "\0" in text:
        return
    quoted = text.replace("'", "''")
    condition = Filter(f"branch_id = '{quoted}'").sql(Binding("visit", default_assumptions()))
    with open_duckdb(threads=1) as engine:
        rows = engine.table(
            f"SELECT {condition} AS holds FROM (SELECT $text AS branch_id) AS base", {"text": text}
        ).to_pylist()
    assert rows == [{"holds": True}]


def test_identifiers_are_refused():
    """Neither a visit's own nor a referred identifier can be used."""
    binding = Binding("visit", default_assumptions())
    for name in ("customer_id", "customer.customer_id"):
        with pytest.raises(BranchwiseError, match="BW-MEA-005"):
            Filter(f"{name} = 'C1'").sql(binding)


def test_period_is_told_from_the_rest():
    """Parts that speak of days alone can be taken out, however they are bracketed."""
    given_text = "(local_on >= DATE '2026-03-01' AND tier = 'mass') AND local_month = '2026-03'"
    assert Filter(given_text).names_a_period
    assert Filter(given_text).without_period() == "(tier = 'mass')"
    assert not Filter("local_on > DATE '2026-03-01' OR tier = 'mass'").names_a_period
