"""The Czech bank: labels, joins, the two forms of its ledger, and what can be wrong with files."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.unit.sources.czech import FILES, pack, write_bank

from branchwise.core.errors import BranchwiseError
from branchwise.engines.duckdb import open_duckdb
from branchwise.pipeline.diagnose import diagnose
from branchwise.pipeline.load import load
from branchwise.pipeline.measure import measure
from branchwise.pipeline.report import report
from branchwise.warehouse.store import Warehouse
from branchwise.warehouse.workspace import Workspace

MEANING = ("channel", "service_id", "code")
TABLES = ("region", "branch", "demand_point", "customer", "holding", "transaction", "quarantine",
          "repair")  # fmt: skip


def stored(workspace):
    """Return the rows of the tables, in order of their first column."""
    with open_duckdb() as engine:
        warehouse = Warehouse(Workspace.open(workspace).warehouse)
        warehouse.register(engine, warehouse.snapshot())
        return {
            name: engine.table(f'SELECT * FROM "{name}" ORDER BY ALL').to_pylist()
            for name in TABLES
        }


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    folder = write_bank(tmp_path_factory.mktemp("czech") / "raw")
    pack(folder / "trans.asc")
    workspace = folder.parent / "bank"
    return workspace, load(workspace, folder, adapter="berka"), stored(workspace)


def test_districts_are_branches_and_demand(bank):
    """A district is a branch and a place of demand; shares are shares, two '?' are on record."""
    _, _, rows = bank
    assert [(row["branch_id"], row["name"], row["region_id"]) for row in rows["branch"]] == [
        ("1", "Hl.m. Praha", "Prague"),
        ("69", "Jesenik", "north Moravia"),
    ]
    prague, jesenik = rows["demand_point"]
    assert (prague["population"], prague["share_urban"], prague["wage_minor"]) == (1000, 1, 1254100)
    assert (prague["unemployment_share"], prague["unemployment_before_share"]) == (0.0043, 0.0029)
    assert (jesenik["unemployment_before_share"], jesenik["count_crimes_before"]) == (None, None)
    assert jesenik["count_crimes"] == 1358
    marks = {(row["column_name"], row["original"]) for row in rows["repair"]}
    assert {("unemployment_before_share", "?"), ("count_crimes_before", "?")} <= marks


def test_birth_numbers(bank):
    """Women have 50 in the month; a number that is none is emptied without being put on record."""
    _, _, rows = bank
    people = {(row["birth_year"], row["gender"], row["home_branch_id"], row["age_band"])
              for row in rows["customer"]}  # fmt: skip
    assert people == {
        (1970, "female", "1", "under_30"),
        (1945, "male", "69", "45_59"),
        (None, None, "1", "unknown"),
        (1981, "male", None, "under_30"),
    }
    [mended] = [row for row in rows["repair"] if row["table_name"] == "customer"]
    assert (mended["column_name"], mended["original"]) == ("birth_year", "unreadable")
    assert "451304" not in str(rows)


def test_holdings(bank):
    """Accounts, loans, a card and standing orders stand with owner, branch, account and status."""
    _, _, rows = bank
    held = {
        (row["product_id"], row["branch_id"], row["status"], row["amount_minor"])
        for row in rows["holding"]
    }
    assert held == {
        ("ACCOUNT_MONTHLY", "1", "active", None),
        ("ACCOUNT_WEEKLY", "69", "active", None),
        ("LOAN", "1", "defaulted", 9639600),
        ("LOAN", "69", "in_arrears", 100000),
        ("CARD_GOLD", "1", "active", None),
        ("ORDER_HOUSEHOLD", "1", "active", 245250),
        ("ORDER_OTHER", "1", "active", 1000),
    }
    accounts = {row["holding_id"] for row in rows["holding"] if row["parent_holding_id"] is None}
    assert {row["parent_holding_id"] for row in rows["holding"]} - {None} == accounts
    assert all(row["customer_id"] and not row["customer_id"].isdigit() for row in rows["holding"])


def test_monthly_averages(bank):
    """The last whole month of the ledger is January 1993, 31 days.

    Account 7: 3100.50 all month, less 45.60 on the last day: 3100.50 - 45.60 / 31. Account 8: 62
    for the last 16 days.
    """
    _, _, rows = bank
    balances = {row["product_id"]: row["balance_minor"] for row in rows["holding"]}
    assert balances["ACCOUNT_MONTHLY"] == round(310050 - 4560 / 31)
    assert balances["ACCOUNT_WEEKLY"] == round(6200 * 16 / 31)
    deposits = sorted(row["deposit_minor"] or 0 for row in rows["customer"])
    assert deposits == [0, 0, 3200, 309903]


def test_labels_become_channels_and_services(bank):
    """Cash is counter, a card machine; interest, fees and transfers are batch."""
    _, _, rows = bank
    posted = {row["transaction_id"]: row for row in rows["transaction"]}
    meant = {key: tuple(row[name] for name in MEANING) for key, row in posted.items()}
    assert meant == {
        "11": ("counter", "CASH_IN", "credit/cash_in"),
        "12": ("batch", "TRANSFER_IN", "credit/transfer_in/pension"),
        "13": ("batch", "STATEMENT_FEE", "debit/cash_out/statement_fee"),
        "14": ("counter", "CASH_OUT", "cash_debit/cash_out"),
        "15": ("atm", "CARD_OUT", "debit/card_out"),
        "16": ("batch", "INTEREST", "credit/interest"),
        "17": ("batch", "INTEREST", "credit/interest"),
        "t9": ("batch", "INTEREST", "credit/interest"),
        "t10": ("batch", "TRANSFER_OUT", "debit/transfer_out/household"),
    }  # fmt: skip
    first = posted["11"]
    assert (first["posted_at"], first["quarter_hour"]) == (None, None)
    assert (first["local_on"], first["local_month"]) == (dt.date(1993, 1, 1), "1993-01")
    assert (first["branch_id"], first["amount_minor"], first["currency"]) == ("1", 310050, "CZK")
    assert posted["13"]["fee_minor"] == 1460


def test_the_own_ledger_wins(bank):
    """Of the copy only the third interest of the cut day and the later row are added."""
    _, said, rows = bank
    [note] = [note for note in said.notes if note.code == "BW-SRC-070"]
    assert note.values["same"] == 7
    assert (note.values["later"], note.values["unlike"]) == (2, 0)
    assert (note.values["cut_on"], note.values["last_on"]) == ("1993-02-01", "1993-02-03")
    [cut] = rows["quarantine"]
    assert "a quote is opened and not closed" in cut["reason"]


def test_second_load_changes_nothing(bank):
    """The same files again leave the snapshot as it is."""
    workspace, said, _ = bank
    again = load(workspace, workspace.parent / "raw", adapter="berka")
    assert (again.is_changed, again.snapshot_id) == (False, said.snapshot_id)


def test_measures_diagnosis_and_report_without_visits(bank):
    """Every stage works without a visit; the report says that nothing is known of waiting."""
    workspace, _, _ = bank
    found = measure(
        workspace, ["channels.transactions", "economics.customers_per_1000_inhabitants"]
    )
    assert [row["value"] for row in found.rows] == [3, 4 / 1.5]
    assert diagnose(workspace).diagnosis.findings == ()
    written = report(workspace)
    words = written.as_tables("en")[0].title
    assert "3 transactions at 2 branches" in words
    assert "nothing is known of waiting" in words
    assert (written.report.starts_on, written.report.ends_on) == (
        dt.date(1993, 1, 1),
        dt.date(1993, 2, 3),
    )


def test_a_whole_ledger_needs_only_later_days(tmp_path):
    """Where the own ledger is not cut, its last day is whole: one row more of it is left out."""
    whole = FILES["trans.asc"].rpartition("\r\n")[0] + "\r\n"
    folder = write_bank(tmp_path / "raw", trans=whole)
    said = load(tmp_path / "bank", folder, adapter="berka")
    [note] = [note for note in said.notes if note.code == "BW-SRC-070"]
    counts = (note.values["same"], note.values["unlike"], note.values["later"])
    assert counts == (7, 1, 1)


def test_missing_file_is_told_and_the_rest_is_loaded(tmp_path):
    """Without the accounts the postings have no branch; the missing file is named."""
    folder = write_bank(tmp_path / "raw", account=None)
    said = load(tmp_path / "bank", folder, adapter="berka")
    assert "**/account.asc" in str(
        [note.values for note in said.notes if note.code == "BW-SRC-035"]
    )
    rows = stored(tmp_path / "bank")
    assert len(rows["transaction"]) == 9
    assert {row["branch_id"] for row in rows["transaction"]} == {None}


def test_changed_column_refuses_the_file(tmp_path):
    """A column that was renamed refuses its file by name; the others are loaded."""
    changed = FILES["loan.asc"].replace("status", "state")
    folder = write_bank(tmp_path / "raw", loan=changed)
    said = load(tmp_path / "bank", folder, adapter="berka")
    [bad] = said.refused
    assert (bad.code, bad.where.place, bad.values["name"]) == ("BW-SRC-013", "loan.asc", "status")


def test_unknown_label_and_another_cut_line(tmp_path):
    """A label in no list and a cut line in another file go to quarantine, each with its reason."""
    ledger = FILES["trans.asc"].replace('"VKLAD"', '"SEK"')
    folder = write_bank(tmp_path / "raw", trans=ledger, loan=FILES["loan.asc"] + '7;8;93"')
    load(tmp_path / "bank", folder, adapter="berka")
    rows = stored(tmp_path / "bank")["quarantine"]
    reasons = sorted((row["table_name"], row["reason"]) for row in rows)
    assert len(reasons) == 3
    assert reasons[0][0] == "holding"
    assert ("transaction", "operation: SEK is not: known") in reasons


def test_wrong_encoding(tmp_path):
    """Bytes that are no text set their row aside; the name of the other branch stays."""
    raw = FILES["district.asc"].encode("ascii").replace(b"Jesenik", b"Jesen\xff\xfek")
    folder = write_bank(tmp_path / "raw", district=raw)
    said = load(tmp_path / "bank", folder, adapter="berka")
    rows = stored(tmp_path / "bank")
    names = [row["name"] for row in rows["branch"]]
    refused = {bad.where.place for bad in said.refused}
    assert "Jesenik" not in names
    assert refused == {"district.asc"} or names == ["Hl.m. Praha"]


def test_nothing_of_the_bank(tmp_path):
    """A folder without any of its files is refused."""
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "x.txt").write_text("x", encoding="ascii")
    with pytest.raises(BranchwiseError, match="BW-SRC-023"):
        load(tmp_path / "bank", tmp_path / "raw", adapter="berka")
