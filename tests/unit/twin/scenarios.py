"""Any scenario whatever, for tests of files and changes."""

from hypothesis import strategies as st

from branchwise.twin.laws import (
    Constant,
    Empirical,
    Exponential,
    Gamma,
    Lognormal,
    Survival,
    Uniform,
    Weibull,
)
from branchwise.twin.scenario import (
    Activity,
    Appointment,
    Balking,
    CustomerClass,
    Entrance,
    Failures,
    Flexible,
    Given,
    Pool,
    Request,
    Route,
    Scenario,
    ServiceLaw,
    Serving,
    Start,
    Station,
    Step,
    Waiting,
)

NUMBERS = st.floats(allow_nan=False)
COUNTS = st.integers(min_value=-(2**40), max_value=2**40)
NAMES = st.text(st.characters(codec="utf-8"), max_size=8)
SHORT = {"max_size": 3}
FLAGS = st.booleans()


def several(kind):
    return st.lists(kind, **SHORT).map(tuple)


def maybe(kind):
    return st.none() | kind


LISTS = several(NUMBERS)
LAWS = st.one_of(
    st.builds(Constant, value=NUMBERS),
    st.builds(Exponential, mean=NUMBERS),
    st.builds(Uniform, low=NUMBERS, high=NUMBERS),
    st.builds(Lognormal, mean=NUMBERS, cv=NUMBERS),
    st.builds(Gamma, mean=NUMBERS, cv=NUMBERS),
    st.builds(Weibull, shape=NUMBERS, scale=NUMBERS),
    st.builds(Empirical, quantiles=LISTS),
    st.builds(Survival, times=LISTS, surviving=LISTS),
)
STEPS = several(st.builds(Step, at_second=NUMBERS, count=COUNTS))
CLASSES = st.builds(
    CustomerClass,
    name=NAMES,
    rates_per_hour=LISTS,
    mix=st.dictionaries(NAMES, NUMBERS, **SHORT),
    priority=COUNTS,
    patience=maybe(LAWS),
    patience_at=st.dictionaries(NAMES, LAWS, **SHORT),
    balking=maybe(st.builds(Balking, shares=LISTS)),
    pace=NUMBERS,
    is_elderly=FLAGS,
    tier=NAMES,
)
ACTIVITIES = st.builds(
    Activity,
    name=NAMES,
    queue=NAMES,
    services=several(
        st.builds(ServiceLaw, law=LAWS, station=maybe(NAMES), customer_class=maybe(NAMES))
    ),
    routes=several(
        st.builds(
            Route, to=NAMES, share=NUMBERS, is_failure=FLAGS, keeps_ticket=FLAGS,
            walk_metres=NUMBERS,
        )
    ),
    requests=several(st.builds(Request, pool=NAMES, share=NUMBERS, at=NUMBERS, hold=LAWS)),
    service_id=maybe(NAMES),
    walk_metres=NUMBERS,
)  # fmt: skip
STATIONS = st.builds(
    Station,
    name=NAMES,
    kind=st.sampled_from(["counter", "smart_counter", "atm", "advice", "lobby", "call"]),
    tiers=several(several(NAMES)),
    open=STEPS,
    speed=NUMBERS,
    flexible=maybe(
        st.builds(Flexible, limit=STEPS, waiting=COUNTS, further=COUNTS, delay=LAWS, keeps=COUNTS)
    ),
    failures=maybe(st.builds(Failures, between=LAWS, repair=LAWS)),
    members=several(NAMES),
)
STARTS = st.builds(
    Start,
    at_second=NUMBERS,
    waiting=several(
        st.builds(Waiting, customer_class=NAMES, activity=NAMES, ticket_second=NUMBERS)
    ),
    serving=several(
        st.builds(
            Serving, customer_class=NAMES, activity=NAMES, station=NAMES, ticket_second=NUMBERS,
            started_second=NUMBERS,
        )
    ),
)  # fmt: skip
SCENARIOS = st.builds(
    Scenario,
    name=NAMES,
    branch_id=NAMES,
    opens_second=NUMBERS,
    closes_second=NUMBERS,
    ends_second=NUMBERS,
    classes=several(CLASSES),
    activities=several(ACTIVITIES),
    stations=several(STATIONS),
    pools=several(
        st.builds(Pool, name=NAMES, open=STEPS, delays=several(LAWS), delay_slot_seconds=NUMBERS)
    ),
    day_shape=maybe(NUMBERS),
    entrance=st.builds(Entrance, machines=COUNTS, service=maybe(LAWS)),
    appointments=several(
        st.builds(
            Appointment, at_second=NUMBERS, customer_class=NAMES, activity=NAMES,
            no_show=NUMBERS, lateness=LAWS, early_seconds=NUMBERS,
        )
    ),
    given=several(
        st.builds(Given, at_second=NUMBERS, customer_class=NAMES, activity=maybe(NAMES))
    ),
    start=maybe(STARTS),
    provenance=st.dictionaries(NAMES, NAMES, **SHORT),
)  # fmt: skip
