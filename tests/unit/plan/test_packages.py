"""Packages grown from single options: what goes together, what is grown on, what is tried."""

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.plan.toy_estimates import option

from branchwise.plan.packages import Growth, grown, singles
from branchwise.plan.proposal import Appraisal, package_id

NAMES = "abcdef"


def codes(package):
    return package_id(tuple(each.option_id for each in package))


def trying(worth, seen=None):
    """Return an attempt whose appraisals carry their worth as seed; note what was tried."""

    def attempt(packages):
        found = []
        for package in packages:
            if seen is not None:
                seen.append(codes(package))
            value = worth(frozenset(each.intervention for each in package))
            options = tuple(sorted(each.option_id for each in package))
            found.append(
                Appraisal(package_id=package_id(options), branch_id="B1", option_ids=options,
                          standing="trusted", seed=value)
            )  # fmt: skip
        return found

    return attempt


def score(appraisal):
    return appraisal.seed


def names(appraisal):
    return frozenset(code.split(":")[1] for code in appraisal.option_ids)


def test_single_options_bring_what_they_need():
    """Needs of needs come along; a circle ends; what is needed elsewhere is not looked for."""
    a = option("a", needs=("B1:b:1:teller", "B2:far:1:teller"))
    b = option("b", needs=("B1:c:1:teller",))
    c = option("c", needs=("B1:b:1:teller",))
    found = [codes(each) for each in singles([c, a, b])]
    assert found[0] == "B1:a:1:teller+B1:b:1:teller+B1:c:1:teller"
    assert found[1] == found[2] == "B1:b:1:teller+B1:c:1:teller"


def test_options_without_what_they_need_are_left_out():
    """What is missing, or an alternative of the option itself, makes it impossible."""
    assert singles([option("a", needs=("B1:none:1:teller",))]) == ()
    rival = option("b", lever="same")
    found = singles([option("a", lever="same", needs=(rival.option_id,)), rival])
    assert [codes(each) for each in found] == [rival.option_id]


def test_alternatives_never_stand_in_one_package():
    """One and two windows more are never tried together."""
    sizes = [option("a", amount=size, lever="windows") for size in (1.0, 2.0)]
    seen = []
    grown([*sizes, option("b")], trying(lambda chosen: 10 * len(chosen), seen), score)
    assert any("+" in code for code in seen)
    assert not any(":a:1:" in code and ":a:2:" in code for code in seen)


def test_nothing_is_tried_twice():
    """A package reached on two ways is tried once."""
    seen = []
    grown([option(name) for name in NAMES], trying(len, seen), score)
    assert len(seen) == len(set(seen))


def test_growing_stops_where_it_does_not_gain():
    """Options that take each other's effect are tried in pairs, and not in threes."""
    found = grown([option(name) for name in NAMES], trying(lambda _: 5), score)
    assert {len(each.option_ids) for each in found} == {1, 2}


def test_what_is_worth_nothing_is_not_grown():
    """Without a good option only the single ones are tried."""
    found = grown([option(name) for name in NAMES], trying(lambda _: -1), score)
    assert {len(each.option_ids) for each in found} == {1}


def test_no_options_no_packages():
    """Nothing to try is nothing tried."""
    assert grown([], trying(len), score) == ()


def test_effects_are_tried_and_not_added():
    """Two options, of no use together with the best, good together: the pair is found."""
    worth = {frozenset("a"): 10, frozenset("b"): 6, frozenset("c"): 5, frozenset("ab"): 9,
             frozenset("ac"): 8, frozenset("bc"): 14}  # fmt: skip
    found = grown(
        [option(name) for name in "abc"], trying(lambda kinds: worth.get(kinds, 0)), score
    )
    assert names(max(found, key=score)) == frozenset("bc")


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), st.integers(-5, 20), min_size=1), st.randoms())
def test_the_best_is_found_where_effects_do_add_up(values, random):
    """Without interaction the search finds the best package, in whatever order options come."""
    options = [option(name) for name in values]
    growth = Growth(deepest=3, beam=2, partners=6)
    attempt = trying(lambda chosen: sum(values[name] for name in chosen))
    there = grown(options, attempt, score, growth=growth)
    random.shuffle(options)
    assert grown(options, attempt, score, growth=growth) == there
    best = max(
        sum(values[name] for name in chosen)
        for size in range(1, min(3, len(values)) + 1)
        for chosen in combinations(values, size)
    )
    assert max(score(each) for each in there) == best
