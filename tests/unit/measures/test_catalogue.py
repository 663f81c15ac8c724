"""What every declared measure must say."""

import pytest
import sqlglot
from sqlglot import exp

from branchwise.core.errors import BranchwiseError
from branchwise.measures.catalogue import catalogue, measures_named
from branchwise.measures.references import Binding, base_query, relation_columns
from branchwise.tables.assumptions import default_assumptions
from branchwise.tables.spec import table_names

EVERY = tuple(catalogue().values())
BASES = sorted({name for each in EVERY for name in each.relations} - set(table_names()))
SIDES = [
    (each.name, side)
    for each in EVERY
    for side in (each.numerator, each.denominator)
    if side is not None
]


@pytest.mark.parametrize("each", EVERY, ids=lambda each: each.name)
def test_complete(each):
    """Every measure has its texts in three languages, a unit, a direction and a goal."""
    for text in (each.label, each.meaning, each.bias, each.interval):
        assert text.en
        assert text.zh_hant
        assert text.zh_hans
    assert each.unit
    assert each.direction in ("lower", "higher", "none")
    assert each.goal in ("efficiency", "experience", "cost", "growth")
    assert each.minimum_rows >= 1


def test_standards_have_sources():
    """Every standard is an assumption with a source, never a number of the code."""
    held = [each for each in EVERY if each.standard is not None]
    assert held
    for each in held:
        assert each.standard.source(default_assumptions()).zh_hant
    assert "no binding limit" in (
        catalogue()["queues.wait_p90_seconds"].standard.source(default_assumptions()).en
    )


@pytest.mark.parametrize(("name", "side"), SIDES, ids=lambda value: str(value)[:60])
def test_aggregates_are_additive(name, side):
    """Of ratios, each side is one plain sum or count, so that days add up to the whole."""
    if catalogue()[name].kind not in ("total", "ratio", "proportion"):
        return
    tree = sqlglot.parse_one(side.value.replace("$", ""), dialect="duckdb")
    assert isinstance(tree, exp.Sum | exp.Count)
    assert tree.find(exp.Distinct) is None


@pytest.mark.parametrize(("name", "side"), SIDES, ids=lambda value: str(value)[:60])
def test_aggregates_render_for_spark(name, side):
    """Every aggregate and condition is rendered for Spark without an unsupported part."""
    binding = Binding(side.relation, default_assumptions())
    for text in filter(None, (side.value, side.where, catalogue()[name].event)):
        rendered = sqlglot.transpile(
            binding.sql(text),
            read="duckdb",
            write="spark",
            unsupported_level=sqlglot.ErrorLevel.RAISE,
        )
        assert len(rendered) == 1
        assert sqlglot.parse_one(rendered[0], dialect="spark")


@pytest.mark.parametrize("name", BASES)
def test_bases_render_for_spark(name):
    """Every basis is rendered for Spark, and all its columns are named."""
    query = Binding(name, default_assumptions()).filled(base_query(name))
    rendered = sqlglot.transpile(
        query, read="duckdb", write="spark", unsupported_level=sqlglot.ErrorLevel.RAISE
    )
    assert len(rendered) == 1
    assert all(relation_columns(name))


def test_names_and_subjects():
    """A subject stands for all its measures; a wrong name is told the nearest ones."""
    assert len(measures_named(["staff"])) == 3
    with pytest.raises(BranchwiseError, match="BW-MEA-001") as caught:
        measures_named(["queues.wait_p9_seconds", "nonsense"])
    assert len(caught.value.problems) == 2
    assert "queues.wait_p90_seconds" in str(caught.value)
