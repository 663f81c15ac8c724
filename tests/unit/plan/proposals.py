"""A small library of interventions and options, whose costs can be reckoned by hand."""

from __future__ import annotations

from dataclasses import replace

from branchwise.core.languages import Text
from branchwise.plan.proposal import (
    Appraisal,
    CostLine,
    Effect,
    Intervention,
    Option,
    Quantities,
    package_id,
)
from branchwise.tables.assumptions import default_assumptions

WITHIN = "queues.within_standard_share"
LOST = "queues.abandoned_share"
LATE = "plan.late_or_lost_per_month"


def text(words):
    return Text(en=words, zh_hant=words, zh_hans=words)


def intervention(name, *, costs=(), lead_weeks=0, measure=WITHIN, guard_rail=LOST, **others):
    return Intervention(
        name=name,
        label=text(name.title()),
        works=text("works"),
        mechanism=name,
        themes=("waiting",),
        costs=costs,
        lead_weeks=lead_weeks,
        owner=text("Branch manager"),
        worse_off=text("Nobody"),
        measure=measure,
        guard_rail=guard_rail,
        **others,
    )


LIBRARY = {
    entry.name: entry
    for entry in (
        intervention(
            "machine",
            costs=(
                CostLine(assumption="smart_counter_price", per="unit", timing="once"),
                CostLine(
                    assumption="smart_counter_price",
                    per="unit",
                    timing="yearly",
                    share="device_maintenance_share",
                ),
            ),
            lead_weeks=20,
            effort={"it": 1.0, "procurement": 2.0},
            prerequisites=(text("Power and network"),),
            risks=(text("Delivery is late"),),
        ),
        intervention(
            "convert",
            costs=(
                CostLine(
                    assumption="training_cost_per_person", per="person_trained", timing="once"
                ),
                CostLine(assumption="teller_cost_per_hour", per="hour_added", timing="yearly"),
                CostLine(assumption="assistant_cost_per_hour", per="hour_added", timing="yearly"),
                CostLine(
                    assumption="teller_cost_per_hour",
                    per="hour_freed",
                    timing="yearly",
                    share="released_share",
                    is_saving=True,
                ),
            ),
            lead_weeks=13,
            effort={"training": 3.0},
        ),
        intervention("retime"),
    )
}


def option(name, branch_id="B1", *, amount=1.0, **others):
    return Option(
        option_id=f"{branch_id}:{name}:{amount:g}:",
        branch_id=branch_id,
        intervention=name,
        amount=amount,
        lever=name,
        **others,
    )


def machine(branch_id="B1", count=2):
    return option(
        "machine",
        branch_id,
        amount=count,
        quantities=Quantities(devices_added={"smart_counter": count}),
    )


def convert(branch_id="B1"):
    return option(
        "convert",
        branch_id,
        quantities=Quantities(
            hours_added={"assistant": 10.0}, hours_freed={"teller": 100.0}, people_trained=1.0
        ),
    )


def assuming(**values):
    """Return the default assumptions with other values, the ranges opened to hold them."""
    defaults = default_assumptions()
    entries = dict(defaults.entries)
    for name, value in values.items():
        entries[name] = replace(
            entries[name],
            value=value,
            lower=min(entries[name].lower, value),
            upper=max(entries[name].upper, value),
        )
    return replace(defaults, entries=entries)


def appraisal(options, *effects):
    codes = tuple(sorted(each.option_id for each in options))
    return Appraisal(
        package_id=package_id(codes),
        branch_id=options[0].branch_id,
        option_ids=codes,
        standing="trusted",
        effects=effects,
    )


def effect(measure, baseline, difference, half):
    return Effect(
        measure=measure,
        unit="count",
        baseline=baseline,
        value=baseline + difference,
        difference=difference,
        lower=difference - half,
        upper=difference + half,
    )
