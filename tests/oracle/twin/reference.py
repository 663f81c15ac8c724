"""One day of a scenario as a list of events: the law of the day in plain Python, slowly.

Written from the text of `branchwise.twin.scenario` alone; it shares with the kernel only the table
of quantiles. What happens at one instant happens in the order of `RANKS`; events of one rank by the
number given with it, then as they were planned.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import count

from tests.oracle.twin import chance
from tests.oracle.twin.chance import quantile, uniform, word
from tests.oracle.twin.floor import Desk, Job, Person, Resource, Server, Visit

from branchwise.twin.scenario import Activity, Route, Scenario, Serving, Step

RANKS = ("deadline", "end", "schedule", "server", "walker", "arrival")


@dataclass(frozen=True, slots=True)
class Path:
    """What happened on a day."""

    persons: list[Person]
    visits: list[Visit]


def count_at(steps: Iterable[Step], second: float) -> int:
    """Return the count in force at a second."""
    return next((s.count for s in reversed(list(steps)) if s.at_second <= second), 0)


def on_cycles(activities: Iterable[Activity]) -> set[str]:
    """Return the activities that routes may lead back to."""
    to = {a.name: {route.to for route in a.routes} for a in activities}
    found = set()
    for name, first in to.items():
        reached, front = set(), set(first)
        while front:
            reached |= front
            front = {after for place in front for after in to[place]} - reached
        if name in reached:
            found.add(name)
    return found


def service_law(activity: Activity, station: str, customer_class: str):
    """Return the law of an activity at a station for a class: the most special that fits."""
    fitting = [
        law
        for law in activity.services
        if law.station in (None, station) and law.customer_class in (None, customer_class)
    ]
    return max(
        fitting, key=lambda law: 2 * (law.customer_class is not None) + (law.station is not None)
    ).law


class Day:
    """One day of a scenario, from the first event to the last."""

    def __init__(self, scenario: Scenario, seed: int = 1, replication: int = 0) -> None:
        self.scenario = scenario
        self.key = chance.day_key(seed, replication)
        self.classes = {c.name: c for c in scenario.classes}
        self.activities = {a.name: a for a in scenario.activities}
        self.cycles = on_cycles(scenario.activities)
        self.now = scenario.start.at_second if scenario.start else 0.0
        self.begins = self.now
        self.events: list[tuple[float, int, float, int, Callable[[], None]]] = []
        self.planned = count()
        self.joins, self.walks = count(), count()
        self.queues: dict[str, list[Job]] = {name: [] for name in scenario.queues}
        self.persons: list[Person] = []
        self.visits: list[Visit] = []
        self.here = 0
        self.desks: list[Desk] = []
        self.resources = {pool.name: Resource(pool) for pool in scenario.pools}

    # --- time -------------------------------------------------------------------------------

    def plan(self, second: float, rank: str, number: float, act: Callable[[], None]) -> None:
        """Put an event into the list."""
        entry = (second, RANKS.index(rank), number, next(self.planned), act)
        heapq.heappush(self.events, entry)

    def plan_for(self, server: Server, delay: float, act: Callable[[Server], None]) -> None:
        """Put a server's next event into the list; an interruption makes it void."""
        server.token += 1
        token = server.token

        def happen() -> None:
            if server.token == token:
                act(server)

        self.plan(self.now + delay, "server", server.number, happen)

    def run(self) -> Path:
        """Live through the day."""
        self.furnish()
        self.expect_customers()
        if self.scenario.start:
            self.warm_up()
        while self.here and self.events:
            self.now, _, _, _, act = heapq.heappop(self.events)
            act()
        if self.here:
            raise AssertionError(f"{self.here} customers never leave")
        return Path(self.persons, self.visits)

    # --- the branch ---------------------------------------------------------------------------

    def furnish(self) -> None:
        """Set up servers and pools as they are at the beginning; plan what changes them."""
        numbers = count()
        for place, station in enumerate(self.scenario.stations):
            desk = Desk(place, station, count_at(station.open, self.begins))
            steps = station.open + (station.flexible.limit if station.flexible else ())
            size = max([desk.planned, *(step.count for step in steps)])
            size = max(size, self.serving_at_beginning(station.name))
            desk.servers = [Server(next(numbers), n, desk) for n in range(size)]
            for server in desk.servers[: desk.planned]:
                server.is_open = True
            if station.flexible:
                desk.limit = count_at(station.flexible.limit, self.begins)
            self.desks.append(desk)
            self.plan_steps(station.open, place, self.change_plan, desk)
        places = count(len(self.desks))
        for resource in self.resources.values():
            resource.on_duty = count_at(resource.pool.open, self.begins)
            self.plan_steps(resource.pool.open, next(places), self.change_pool, resource)
        for desk in self.desks:
            if desk.station.flexible:
                steps = desk.station.flexible.limit
                self.plan_steps(steps, next(places), self.change_limit, desk)
            self.start_failures(desk)
        self.plan(self.scenario.ends_second, "end", 0, self.end)

    def serving_at_beginning(self, station: str) -> int:
        """Return how many a warm start finds in service at a station."""
        start = self.scenario.start
        return sum(serving.station == station for serving in start.serving) if start else 0

    def plan_steps(self, steps: Iterable[Step], place: int, change, what) -> None:
        """Plan the changes of a number that come after the beginning."""
        for step in steps:
            if step.at_second > self.begins:
                self.plan(step.at_second, "schedule", place, lambda n=step.count: change(what, n))

    def change_plan(self, desk: Desk, planned: int) -> None:
        """Follow a step of a station."""
        before, desk.planned = desk.planned, planned
        if desk.station.flexible is None:
            for _ in range(planned - before):
                self.open_one_more(desk)
            for _ in range(before - planned):
                desk.close_one()
            return
        while desk.open_count < planned:
            self.open_one_more(desk)
        while desk.open_count > planned and desk.idle():
            desk.close_one()
        desk.obey_limit()

    def open_one_more(self, desk: Desk) -> None:
        """Keep the lowest server that was about to close, else open the lowest closed one."""
        server = desk.one_more()
        if server.job is None:
            self.take_next(server)

    def change_limit(self, desk: Desk, limit: int) -> None:
        """Follow a step of the limit of a flexible station."""
        desk.limit = limit
        desk.obey_limit()

    def change_pool(self, resource: Resource, on_duty: int) -> None:
        """Follow a step of a pool."""
        resource.on_duty = on_duty
        self.grant(resource)

    def start_failures(self, desk: Desk) -> None:
        """Draw who is down at second 0 and live through the failures before a warm start."""
        failures = desk.station.failures
        if failures is None:
            return
        station_key = chance.mixed(self.key + word("station", desk.station.name))
        down_share = failures.repair.mean / (failures.between.mean + failures.repair.mean)
        for server in desk.servers:
            server.key = chance.numbered(station_key, server.place)
            server.is_down = uniform(server.key, word("up or down")) < down_share
            change = self.time_to_change(server)
            while change <= self.begins and self.begins > 0:
                server.is_down = not server.is_down
                change += self.time_to_change(server)
            self.plan(change, "server", server.number, lambda s=server: self.fail_or_work(s))

    @staticmethod
    def time_to_change(server: Server) -> float:
        """Draw how long a server is up before its next failure, or down by its present one."""
        failures = server.desk.station.failures
        if server.is_down:
            share = uniform(server.key, word("repair"), server.failures)
            server.failures += 1
            return quantile(failures.repair, share)
        return quantile(failures.between, uniform(server.key, word("failure"), server.failures))

    def fail_or_work(self, server: Server) -> None:
        """Let a machine fail, or work again."""
        server.is_down = not server.is_down
        change = self.now + self.time_to_change(server)
        self.plan(change, "server", server.number, lambda: self.fail_or_work(server))
        if not server.is_down:
            self.take_next(server)
            if server.is_free and server.desk.has_extra:
                server.is_open = False
        elif server.job:
            self.interrupt(server)

    # --- who comes --------------------------------------------------------------------------

    def expect_customers(self) -> None:
        """Plan the arrival of everybody's at their queue, by way of the ticket machines."""
        self.persons = [person for person in self.all_who_come() if self.is_ahead(person)]
        coming = [person for person in self.persons if not person.outcome]
        machines = [-math.inf] * self.scenario.entrance.machines
        for person in sorted(coming, key=lambda p: p.entered):
            person.ticket = person.entered
            if machines:
                share = uniform(person.key, word("ticket"))
                begins = max(person.entered, heapq.heappop(machines))
                person.ticket = begins + quantile(self.scenario.entrance.service, share)
                heapq.heappush(machines, person.ticket)
        self.here = len(coming)
        in_order = sorted(coming, key=lambda p: (p.ticket, p.entered))
        for place, person in enumerate(in_order):
            person.number = place
            self.plan(person.ticket, "arrival", place, lambda p=person: self.arrive(p))

    def is_ahead(self, person: Person) -> bool:
        """Return whether a customer comes after the beginning of a warm start."""
        return self.scenario.start is None or person.entered >= self.begins

    def all_who_come(self) -> list[Person]:
        """Return everybody who comes in from outside on the day, also who was expected only."""
        factor = chance.day_factor(self.scenario, self.key)
        found = [
            Person(c, own_key, second)
            for c in self.scenario.classes
            for second, own_key in chance.poisson_times(self.scenario, c, self.key, factor)
        ]
        given_key = chance.mixed(self.key + word("given"))
        for place, given in enumerate(self.scenario.given):
            person = self.person(given.customer_class, given_key, place, given.at_second)
            person.first = given.activity
            found.append(person)
        appointment_key = chance.mixed(self.key + word("appointment"))
        for place, one in enumerate(self.scenario.appointments):
            person = self.person(one.customer_class, appointment_key, place, one.at_second)
            person.first = one.activity
            if uniform(person.key, word("no_show")) < one.no_show:
                person.outcome = "no_show"
            else:
                late = quantile(one.lateness, uniform(person.key, word("lateness")))
                person.entered += late - one.early_seconds
            found.append(person)
        return found

    def person(self, customer_class: str, key: int, place: int, entered: float) -> Person:
        """Return a customer of a list."""
        return Person(self.classes[customer_class], chance.numbered(key, place), entered)

    def arrive(self, person: Person) -> None:
        """Let a customer with a ticket join the first queue, or turn round."""
        name = person.first or self.first_activity(person)
        self.join(self.begin_activity(person, name, person.ticket), is_first=True)

    @staticmethod
    def first_activity(person: Person) -> str:
        """Draw the first activity from the class's mix."""
        mix = person.customer_class.mix
        share = uniform(person.key, word("mix")) * sum(mix.values())
        reached = 0.0
        for name, part in mix.items():
            reached += part
            if reached > share:
                return name
        return next(name for name in reversed(mix) if mix[name] > 0)

    def begin_activity(self, person: Person, name: str, ticket: float) -> Job:
        """Return a customer's next activity, with the turn of its draws."""
        turn = person.begun if name in self.cycles else 0
        person.begun += 1
        return Job(person, self.activities[name], turn, ticket)

    # --- waiting ------------------------------------------------------------------------------

    def join(self, job: Job, *, is_first: bool = False, is_patient: bool = False) -> None:
        """Join the queue, or turn round, or be served at once, or come too late."""
        job.visit = Visit(job.person, job.activity.name, queued=self.now)
        self.visits.append(job.visit)
        job.joined = (self.now, next(self.joins))
        job.deadline = math.inf if is_patient else self.now + self.patience(job)
        if self.now >= self.scenario.ends_second:
            self.leave_queue(job, "sent_away")
        elif is_first and self.balks(job):
            self.leave_queue(job, "balked")
        else:
            self.be_served_or_wait(job)

    def be_served_or_wait(self, job: Job) -> None:
        """Take an idle server, or stand in the line until called or out of patience."""
        if server := self.idle_server(job.activity.queue):
            self.call(server, job)
            return
        self.queues[job.activity.queue].append(job)
        if math.isfinite(job.deadline):
            self.plan(job.deadline, "deadline", 0, lambda: self.give_up(job))
        for desk in self.desks:
            if job.activity.queue in desk.queues:
                self.consider_opening(desk)

    @staticmethod
    def patience_law(job: Job):
        """Return the law of a customer's patience in a queue."""
        customer_class = job.person.customer_class
        return customer_class.patience_at.get(job.activity.queue, customer_class.patience)

    def patience(self, job: Job) -> float:
        """Draw a customer's patience."""
        law = self.patience_law(job)
        if law is None:
            return math.inf
        share = uniform(job.person.key, word("patience", job.activity.name), job.turn)
        return chance.value_or_never(law, share)

    def balks(self, job: Job) -> bool:
        """Return whether a customer turns round at the sight of the line."""
        balking = job.person.customer_class.balking
        if balking is None:
            return False
        length = len(self.line([job.activity.queue]))
        share = balking.shares[min(length, len(balking.shares) - 1)]
        return uniform(job.person.key, word("balk")) < share

    def line(self, queues: Iterable[str]) -> list[Job]:
        """Return who waits in queues, the first to be called first."""
        waiting = [j for name in queues for j in self.queues[name] if j.deadline > self.now]
        return sorted(waiting, key=Job.rank)

    def give_up(self, job: Job) -> None:
        """Leave at the end of the patience, if still waiting."""
        if job in self.queues[job.activity.queue] and job.deadline <= self.now:
            self.queues[job.activity.queue].remove(job)
            self.leave_queue(job, "abandoned")

    def leave_queue(self, job: Job, outcome: str) -> None:
        """Leave the branch out of a queue."""
        job.visit.outcome = outcome
        job.visit.ended = self.now
        job.person.wait += self.now - job.visit.queued
        self.leave(job.person, outcome)

    def leave(self, person: Person, outcome: str) -> None:
        """Leave the branch."""
        person.left = self.now
        person.outcome = outcome
        self.here -= 1

    def end(self) -> None:
        """Send away who waits; end the services that wait for a request nobody can meet."""
        for job in self.line(self.scenario.queues):
            self.queues[job.activity.queue].remove(job)
            self.leave_queue(job, "sent_away")
        for resource in self.resources.values():
            self.grant(resource)

    # --- serving ------------------------------------------------------------------------------

    def idle_server(self, queue: str) -> Server | None:
        """Return the server that takes who joins a queue, if one is idle."""
        serving = [desk for desk in self.desks if queue in desk.queues and desk.free()]
        if not serving:
            return None
        desk = min(serving, key=lambda d: (d.tier_of(queue), len(d.queues), d.place))
        return desk.free()[0]

    def take_next(self, server: Server) -> None:
        """Call the first of the first tier that has somebody."""
        if not server.is_free:
            return
        for tier in server.desk.station.tiers:
            lines = [line for name in dict.fromkeys(tier) if (line := self.line([name]))]
            if lines:
                first = min((line[0] for line in lines), key=Job.rank_among_queues)
                self.queues[first.activity.queue].remove(first)
                self.call(server, first)
                return

    def call(self, server: Server, job: Job) -> None:
        """Call a customer to a server; they walk."""
        server.job = job
        server.phase = "walking"
        visit = job.visit
        visit.station, visit.member = server.desk.station.name, server.place
        visit.called = self.now
        job.person.wait += self.now - visit.queued
        if job.seconds is None:
            self.draw_service(server, job)
        walk = job.activity.walk_metres / job.person.customer_class.walking_speed_metres_per_second
        self.plan_for(server, walk, self.begin_service)

    def begin_service(self, server: Server) -> None:
        """Begin, or go on with, a service."""
        server.job.visit.started = self.now
        self.go_on(server)

    def draw_service(self, server: Server, job: Job, passed: float = -1.0) -> None:
        """Draw how long a service takes and whom it needs besides."""
        activity, person = job.activity, job.person
        law = service_law(activity, server.desk.station.name, person.customer_class.name)
        scale = person.customer_class.pace / server.desk.station.speed
        share = uniform(person.key, word("service", activity.name), job.turn)
        if passed >= 0:
            job.seconds = max(passed, chance.beyond(law, passed / scale, share) * scale)
        else:
            job.seconds = quantile(law, share) * scale
        needed = [
            (request.at * job.seconds, place)
            for place, request in enumerate(activity.requests)
            if uniform(person.key, word("request", activity.name, place), job.turn) < request.share
        ]
        job.requests = [(at, place) for at, place in sorted(needed) if at > passed]

    def go_on(self, server: Server) -> None:
        """Serve until the next request or to the end."""
        job = server.job
        server.phase, server.since = "serving", self.now
        if job.requests:
            self.plan_for(server, max(0.0, job.requests[0][0] - job.done), self.ask)
        else:
            self.plan_for(server, max(0.0, job.seconds - job.done), self.finish)

    def ask(self, server: Server) -> None:
        """Ask for a person of a pool, or for an answer from elsewhere."""
        job = server.job
        job.done, place = job.requests[0]
        request = job.activity.requests[place]
        resource = self.resources[request.pool]
        server.phase = "asking"
        job.visit.asked.append(self.now)
        if resource.pool.delays:
            laws = resource.pool.delays
            slot = int(self.now // resource.pool.delay_slot_seconds)
            share = uniform(job.person.key, word("delay", job.activity.name, place), job.turn)
            self.plan_for(server, quantile(laws[min(slot, len(laws) - 1)], share), self.hold)
        else:
            resource.asking.append(server)
            self.grant(resource)

    def grant(self, resource: Resource) -> None:
        """Give free people of a pool to those who asked first; after the end some ask in vain."""
        while resource.asking and resource.held < resource.on_duty:
            server = resource.asking.pop(0)
            resource.held += 1
            self.hold(server)
        is_over = self.now >= self.scenario.ends_second
        if is_over and resource.on_duty == 0 and resource.held == 0:
            for server in list(resource.asking):
                resource.asking.remove(server)
                self.end_in_vain(server)

    def hold(self, server: Server) -> None:
        """Hold server and person for the request's time."""
        job = server.job
        place = job.requests[0][1]
        server.phase = "holding"
        share = uniform(job.person.key, word("hold", job.activity.name, place), job.turn)
        self.plan_for(server, quantile(job.activity.requests[place].hold, share), self.give_back)

    def give_back(self, server: Server) -> None:
        """Let the person go and go on with the service."""
        server.job.visit.granted.append(self.now)
        _, place = server.job.requests.pop(0)
        self.go_on(server)
        self.release(server.job.activity.requests[place].pool)

    def release(self, pool: str) -> None:
        """Let a person of a pool go."""
        resource = self.resources[pool]
        if not resource.pool.delays:
            resource.held -= 1
            self.grant(resource)

    def end_in_vain(self, server: Server) -> None:
        """End a service for want of a person who will not come any more."""
        job = server.job
        job.visit.ended, job.visit.outcome = self.now, "sent_away"
        self.leave(job.person, "sent_away")
        self.fall_free(server)

    def finish(self, server: Server) -> None:
        """End a service: the customer goes on, the server takes the next."""
        job = server.job
        job.visit.ended = self.now
        route = self.route(job)
        job.visit.outcome = "failed" if route and route.is_failure else "served"
        if route is None:
            self.leave(job.person, "served")
        else:
            self.set_out(job, route, keeps=route.keeps_ticket)
        self.fall_free(server)

    @staticmethod
    def route(job: Job) -> Route | None:
        """Draw where a customer goes next."""
        share = uniform(job.person.key, word("route", job.activity.name), job.turn)
        reached = 0.0
        for route in job.activity.routes:
            reached += route.share
            if reached > share:
                return route
        return None

    def set_out(self, job: Job, route: Route, *, keeps: bool) -> None:
        """Walk to the queue of the next activity."""
        person = job.person
        speed = person.customer_class.walking_speed_metres_per_second
        reached = self.now + route.walk_metres / speed
        ticket = person.ticket if keeps else reached
        after = self.begin_activity(person, route.to, ticket)
        if route.walk_metres:
            self.plan(reached, "walker", next(self.walks), lambda: self.join(after))
        else:
            self.join(after)

    def fall_free(self, server: Server) -> None:
        """Close if the server is to close; else take the next."""
        self.part(server)
        desk = server.desk
        if desk.has_extra and len(self.line(desk.queues)) <= desk.station.flexible.keeps:
            server.is_open = False
        self.take_next(server)

    @staticmethod
    def part(server: Server) -> None:
        """Take the customer from a server, which closes now if it is to close."""
        server.job, server.phase = None, ""
        server.token += 1
        if server.is_closing:
            server.is_open = server.is_closing = False

    def interrupt(self, server: Server) -> None:
        """Part a machine that fails from its customer."""
        job = server.job
        if server.phase == "serving":
            job.done += self.now - server.since
        is_holding, is_asking = server.phase == "holding", server.phase == "asking"
        pool = job.activity.requests[job.requests[0][1]].pool if job.requests else ""
        job.requests = []
        job.visit.ended = self.now
        failing = next((route for route in job.activity.routes if route.is_failure), None)
        job.visit.outcome = "interrupted"
        self.part(server)
        if is_asking and server in self.resources[pool].asking:
            self.resources[pool].asking.remove(server)
        if is_holding:
            self.release(pool)
        if failing:
            self.set_out(job, failing, keeps=True)
        else:
            self.join(job, is_patient=True)

    # --- flexible windows -----------------------------------------------------------------------

    def consider_opening(self, desk: Desk) -> None:
        """Call one more window if enough customers wait."""
        rule = desk.station.flexible
        if rule is None or desk.open_count + desk.coming >= desk.limit:
            return
        extra = max(0, desk.open_count + desk.coming - desk.planned)
        closed = [server for server in desk.servers if not (server.is_open or server.is_coming)]
        if len(self.line(desk.queues)) < rule.waiting + rule.further * extra or not closed:
            return
        key = chance.mixed(self.key + word("station", desk.station.name))
        delay = quantile(rule.delay, uniform(key, word("coming"), desk.called))
        desk.called += 1
        closed[0].is_coming = True
        self.plan_for(closed[0], delay, self.open_window)

    def open_window(self, server: Server) -> None:
        """Open the window that was called, if somebody still waits."""
        desk = server.desk
        server.is_coming = False
        is_of_use = server.is_down or self.line(desk.queues)
        if desk.open_count < max(desk.limit, desk.planned) and is_of_use:
            server.is_open = True
            self.take_next(server)

    # --- a warm start ---------------------------------------------------------------------------

    def warm_up(self) -> None:
        """Put the lobby into the state that a warm start tells."""
        start = self.scenario.start
        serving_key = chance.mixed(self.key + word("serving"))
        for place, serving in enumerate(start.serving):
            self.go_on_serving(serving, chance.numbered(serving_key, place))
        waiting_key = chance.mixed(self.key + word("waiting"))
        in_order = sorted(enumerate(start.waiting), key=lambda pair: pair[1].ticket_second)
        for rank, (place, waiting) in enumerate(in_order, start=-len(in_order)):
            key = chance.numbered(waiting_key, place)
            job = self.found(waiting.customer_class, waiting.activity, key, waiting.ticket_second)
            job.person.number = rank
            job.deadline = self.rest_of_patience(job)
            self.plan(self.begins, "arrival", rank, lambda job=job: self.be_served_or_wait(job))

    def rest_of_patience(self, job: Job) -> float:
        """Draw when a customer gives up who has waited until the beginning."""
        law = self.patience_law(job)
        if law is None:
            return math.inf
        share = uniform(job.person.key, word("patience", job.activity.name), job.turn)
        lasting = chance.beyond(law, self.begins - job.visit.queued, share)
        return max(self.begins, job.visit.queued + lasting)

    def found(self, customer_class: str, activity: str, key: int, ticket: float) -> Job:
        """Return a customer whom a warm start finds in the branch."""
        person = Person(self.classes[customer_class], key, ticket, ticket=ticket)
        self.persons.append(person)
        self.here += 1
        job = self.begin_activity(person, activity, ticket)
        job.joined = (ticket, next(self.joins))
        job.visit = Visit(person, activity, queued=ticket)
        self.visits.append(job.visit)
        return job

    def go_on_serving(self, serving: Serving, key: int) -> None:
        """Put a customer of a warm start in front of their server."""
        desk = next(d for d in self.desks if d.station.name == serving.station)
        job = self.found(serving.customer_class, serving.activity, key, serving.ticket_second)
        if desk.free():
            server = desk.free()[0]
        else:
            server = next(s for s in desk.servers if not s.is_open)
            server.is_open = server.is_closing = True
        server.job = job
        visit = job.visit
        visit.station, visit.member = serving.station, server.place
        visit.called = visit.started = serving.started_second
        job.person.wait = serving.started_second - serving.ticket_second
        job.done = self.begins - serving.started_second
        self.draw_service(server, job, job.done)
        self.go_on(server)


def live_through(scenario: Scenario, seed: int = 1, replication: int = 0) -> Path:
    """Return what happens on a day of a scenario."""
    return Day(scenario, seed, replication).run()
