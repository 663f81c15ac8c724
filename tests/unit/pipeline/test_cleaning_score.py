"""The comparison of planted dirt with repairs, on a case small enough to check by hand."""

from branchwise.pipeline.cleaning_score import Dirt, Touch, score


def dirt(key, kind, *rules, **given):
    return Dirt(table="visit", row_key=key, column="", kind=kind, rules=rules, **given)


def touch(key, rule, table="visit"):
    return Touch(table=table, row_key=key, rule=rule)


def test_recall_and_precision_of_a_case_made_by_hand():
    """Two of three copies are found; one of four touched rows was clean."""
    planted = [dirt("V1", "copy", "duplicate_exact"), dirt("V2", "copy", "duplicate_exact")]
    planted += [dirt("V3", "copy", "duplicate_exact"), dirt("V4", "late", "outlier", "range")]
    touched = [touch("V1", "duplicate_exact"), touch("V2", "duplicate_exact")]
    touched += [touch("V4", "range"), touch("V9", "range")]
    found = score(planted, touched, {})
    assert [(kind.kind, kind.planted, kind.found) for kind in found.kinds] == [
        ("copy", 3, 2),
        ("late", 1, 1),
    ]
    assert [(rule.rule, rule.touched, rule.right) for rule in found.rules] == [
        ("duplicate_exact", 2, 2),
        ("range", 2, 1),
    ]
    assert found.recall == 3 / 4
    assert found.precision == 3 / 4


def test_a_rule_that_should_not_find_it_does_not_count_as_found():
    """A row emptied for another reason is no find, but no error either."""
    found = score([dirt("V1", "copy", "duplicate_exact")], [touch("V1", "range")], {})
    assert (found.recall, found.precision) == (0, 1)


def test_several_columns_of_a_row_count_once_a_rule():
    """A shifted clock repairs many columns of a row; it is one row."""
    touched = [touch("V1", "clock_shift"), touch("V1", "clock_shift"), touch("V2", "clock_shift")]
    found = score([dirt("V1", "shift", "clock_shift")], touched, {})
    assert [(rule.touched, rule.right) for rule in found.rules] == [(2, 1)]


def test_repairs_of_the_same_raw_row_in_another_table_are_right():
    """One raw row fills a visit and its step; a repair of the step is no false alarm."""
    planted = [dirt("V1", "copy", "duplicate_exact", echo=(("visit_step", "V1-1"),))]
    touched = [touch("V1-1", "duplicate_exact", "visit_step")]
    touched += [touch("V2-1", "duplicate_exact", "visit_step")]
    found = score(planted, touched, {})
    assert (found.recall, found.precision) == (0, 0.5)


def test_what_reading_puts_right_is_judged_by_the_stored_value():
    """Full-width digits leave no repair: the stored value must be the expected one."""
    planted = [
        Dirt(
            table="visit", row_key=key, column="branch_id", kind="zeros", rules=("parse",),
            expected="00101",
        )
        for key in ("V1", "V2", "V3")
    ]  # fmt: skip
    stored = {("visit", "V1", "branch_id"): "00101", ("visit", "V2", "branch_id"): "101"}
    found = score(planted, [], stored)
    assert [(kind.planted, kind.found) for kind in found.kinds] == [(3, 1)]


def test_nothing_planted_and_nothing_touched_gives_no_share():
    """No share is made up where there is nothing to count."""
    found = score([], [], {})
    assert (found.recall, found.precision, found.kinds, found.rules) == (None, None, (), ())
