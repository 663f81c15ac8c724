"""The Czech bank of PKDD'99, against counts made in plain Python."""

from __future__ import annotations

import csv
import gzip
from collections import Counter

import pytest
from tests.unit.sources.test_berka import stored

from branchwise.pipeline.load import load
from branchwise.pipeline.measure import measure


def lines(path):
    raw = path.read_bytes()
    return (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("ascii").splitlines()


@pytest.fixture(scope="module")
def folder(shared_data):
    return shared_data / "berka"


@pytest.fixture(scope="module")
def bank(folder, tmp_path_factory):
    root = tmp_path_factory.mktemp("berka") / "bank"
    return root, load(root, folder, adapter="berka"), stored(root)


@pytest.fixture(scope="module")
def own(folder):
    """Complete rows of the bank's own ledger: all but the last line, which was cut."""
    found = lines(folder / "trans_1993-01_to_1994-03.truncated.asc.gz")
    return list(csv.DictReader(found[:-1], delimiter=";"))


@pytest.fixture(scope="module")
def copy(folder):
    return list(csv.DictReader(lines(folder / "trans_first5pct_reformatted.csv.gz")))


@pytest.mark.real
def test_tables(bank, folder):
    """Branches, regions, customers and holdings are as many as the lines of their files."""
    _, said, rows = bank
    counts = {name: len(lines(folder / f"{name}.asc")) - 1
              for name in ("district", "account", "client", "loan", "card", "order")}  # fmt: skip
    assert len(rows["branch"]) == len(rows["demand_point"]) == counts["district"] == 77
    assert len(rows["region"]) == 8
    assert len(rows["customer"]) == counts["client"] == 5369
    assert len(rows["holding"]) == sum(
        counts[name] for name in ("account", "loan", "card", "order")
    )
    clients = list(csv.DictReader(lines(folder / "client.asc"), delimiter=";"))
    women = sum(int(client["birth_number"][2:4]) > 12 for client in clients)
    assert Counter(row["gender"] for row in rows["customer"])["female"] == women == 2645
    states = Counter(row["status"] for row in rows["holding"] if row["product_id"] == "LOAN")
    assert states == {"active": 403, "repaid": 203, "in_arrears": 45, "defaulted": 31}
    assert [bad.code for bad in said.refused] == []


@pytest.mark.real
def test_ledger(bank, own, copy):
    """49,102 own rows and the 3,714 that follow them in the copy, one row set aside."""
    _, said, rows = bank
    assert len(own) == 49_102
    assert len(copy) == 52_816
    posted = rows["transaction"]
    assert len(posted) == 52_816
    assert sum(row["transaction_id"].startswith("t") for row in posted) == len(copy) - len(own)
    assert len(rows["quarantine"]) == 1
    [note] = [note for note in said.notes if note.code == "BW-SRC-070"]
    assert (note.values["same"], note.values["unlike"], note.values["later"]) == (49_102, 0, 3714)
    days = Counter(str(row["local_on"]) for row in posted)
    expected = Counter(f"{row['year']}-{row['month']:>02}-{row['day']:>02}" for row in copy)
    assert days == expected
    amounts = sum(round(float(row["amount"]) * 100) for row in own)
    later = sum(int(row["amount"]) * 100 for row in copy[len(own) :])
    assert sum(row["amount_minor"] for row in posted) == amounts + later
    assert {row["posted_at"] for row in posted} == {None}


@pytest.mark.real
def test_branches_have_the_postings_of_their_accounts(bank, folder, copy):
    """Postings by branch, and what customers did at the counter and by card, counted apart."""
    root, _, rows = bank
    accounts = csv.DictReader(lines(folder / "account.asc"), delimiter=";")
    of = {row["account_id"]: row["district_id"] for row in accounts}
    expected = Counter(of[str(int(row["account_id"][1:]))] for row in copy)
    assert Counter(row["branch_id"] for row in rows["transaction"]) == expected
    booked = ("service", "interest_for_negetive_balance")
    cash = sum(row["operation"] in {"deposit", "withdraw_cash"} and row["k_symbol"] not in booked
               for row in copy)  # fmt: skip
    card = sum(row["operation"] == "credit_card_withdrawal" for row in copy)
    assert Counter(row["channel"] for row in rows["transaction"]) == {
        "counter": cash, "atm": card, "batch": len(copy) - cash - card,
    }  # fmt: skip
    found = {row["measure"]: row["value"] for row in measure(root, ["channels"]).rows}
    assert found["channels.transactions"] == cash + card
    assert found["channels.diversion_ratio"] == card / cash


@pytest.mark.real
def test_balances_are_those_of_the_ledger(bank, own):
    """An account whose last own posting before March 1994 stands alone keeps its balance all month.

    Its monthly average is then the balance that the ledger itself states.
    """
    _, _, rows = bank
    by_account: dict[str, list[dict[str, str]]] = {}
    for row in own:
        by_account.setdefault(row["account_id"], []).append(row)
    still = [
        float(posted[-1]["balance"])
        for posted in by_account.values()
        if posted[-1]["date"] < "940301"
        and sum(row["date"] == posted[-1]["date"] for row in posted) == 1
    ]
    averages = {row["balance_minor"] for row in rows["holding"]}
    assert all(round(balance * 100) in averages for balance in still)


@pytest.mark.real
def test_second_load_changes_nothing(bank, folder):
    """The same files again leave the snapshot as it is."""
    root, said, _ = bank
    again = load(root, folder, adapter="berka")
    assert (again.is_changed, again.snapshot_id) == (False, said.snapshot_id)
