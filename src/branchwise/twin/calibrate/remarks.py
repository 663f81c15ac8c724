"""What is weak in a calibration, in plain words."""

from __future__ import annotations

from collections.abc import Iterator

from branchwise.core.languages import Language, Text
from branchwise.twin.calibrate.model import Estimates
from branchwise.twin.calibrate.notes import note, said
from branchwise.twin.calibrate.parameters import Fits
from branchwise.twin.calibrate.parts import Sight
from branchwise.twin.calibrate.reading import Base
from branchwise.twin.calibrate.schedules import Schedules

FEW_DAYS = 10
LARGE_SHARE, SMALL_SHARE = 0.3, 0.01
FAR_SPEED = 0.1


def notes_of(base: Base, fits: Fits, estimates: Estimates) -> tuple[Text, ...]:
    """Return what the reader of a calibration must know.

    Parameters
    ----------
    base : Base
        What was read.
    fits : Fits
        What was made of it.
    estimates : Estimates
        The parts, with the speeds chosen.
    """
    return (
        *_of_days(base),
        *_of_people(base, fits.schedules),
        *_of_records(base, fits.sight, fits.times.unrecorded),
        *_of_speeds(estimates),
    )


def _of_days(base: Base) -> Iterator[Text]:
    days = len(base.log.dates)
    if base.strength == "transactions":
        yield note("transactions_only")
    if days == 1:
        yield note("one_day")
    elif days < FEW_DAYS:
        yield note("few_days", days=days)
    if base.chosen.keeps_gamed:
        yield note("gamed_kept")
    if base.outside > SMALL_SHARE:
        yield note("outside_hours", share=f"{100 * base.outside:.0f}")


def _of_people(base: Base, schedules: Schedules) -> Iterator[Text]:
    if schedules.from_shifts == 0 and base.strength == "tickets":
        yield note("no_shift")
    if base.unnamed_servers:
        yield note("servers_unnamed")
    if not all(crew.breaks_hold for crew in schedules.crews):
        yield note("breaks_not_kept")
    if any(crew.rule is not None for crew in schedules.crews):
        yield note("on_call")


def _of_records(base: Base, sight: Sight, unrecorded: float) -> Iterator[Text]:
    if not sight.classes.scheme.is_ranked:
        yield note("priority_late")
    if not sight.requests.is_known and base.strength == "tickets":
        yield note("no_authorisation")
    if base.inferred_ends:
        yield note("ends_inferred")
    elif unrecorded > LARGE_SHARE:
        yield note("service_unrecorded", share=f"{100 * unrecorded:.0f}")
    if any(kind.is_machine for kind in sight.classes.kinds):
        yield note("machine_queue_unseen")
    lost = sight.at_counter & (sight.log.is_walked_out | sight.log.is_no_show)
    if not lost.any() and base.strength == "tickets":
        yield note("nobody_left")


def _of_speeds(estimates: Estimates) -> Iterator[Text]:
    for crew, speed in {post.crew: post.speed for post in estimates.posts}.items():
        if abs(speed.value - 1) > FAR_SPEED:
            yield _of_speed(crew, speed.value)


def _of_speed(crew: str, speed: float) -> Text:
    way = said("parts", "faster" if speed > 1 else "slower")
    percent = f"{100 * abs(speed - 1):.0f}"

    def write(language: Language) -> str:
        filled = note("speed", crew=crew, percent=percent, way=way.read_in(language))
        return filled.read_in(language)

    return Text.written(write)
