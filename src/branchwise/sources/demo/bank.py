"""One branch of the synthetic bank, from its people to its rows; the bank is their sum."""

from __future__ import annotations

from dataclasses import dataclass

from branchwise.sources.demo.customers import Customers, customers_of
from branchwise.sources.demo.days import Lived, live
from branchwise.sources.demo.demand import Arrivals, arrivals_of
from branchwise.sources.demo.devices import Fleet, fleet_of
from branchwise.sources.demo.floors import Floor, floor_of
from branchwise.sources.demo.network import Branch
from branchwise.sources.demo.postings import Postings, postings_of
from branchwise.sources.demo.settings import DemoSettings
from branchwise.sources.demo.staff import Roster
from branchwise.sources.demo.tickets import Tickets, tickets_of
from branchwise.sources.demo.visitors import Visitors, visitors_of


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchLife:
    """Everything about one branch over all days."""

    branch: Branch
    roster: Roster
    fleet: Fleet
    floor: Floor
    customers: Customers
    arrivals: Arrivals
    visitors: Visitors
    lived: Lived
    tickets: Tickets
    postings: Postings


def life_of(settings: DemoSettings, branch: Branch, roster: Roster) -> BranchLife:
    """Draw and live through one branch.

    Nothing of another branch enters but the roster, which no intervention changes: a branch
    without an intervention comes out the same whatever is done to others.
    """
    fleet = fleet_of(settings, branch)
    customers = customers_of(settings, branch)
    arrivals = arrivals_of(settings, branch)
    visitors = visitors_of(settings, branch, customers, arrivals)
    lived = live(settings, branch, visitors, roster, fleet)
    return BranchLife(
        branch=branch,
        roster=roster,
        fleet=fleet,
        floor=floor_of(branch),
        customers=customers,
        arrivals=arrivals,
        visitors=visitors,
        lived=lived,
        tickets=tickets_of(settings, branch, visitors, lived),
        postings=postings_of(
            settings, branch, customers=customers, visitors=visitors, lived=lived, fleet=fleet
        ),
    )
