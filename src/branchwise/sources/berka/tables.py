"""The canonical tables of the bank, as SQL over its files.

Each faulty row of a file is handed over once, by the table that is made of the file; rows of who
may use an account come with the customers.
"""

from __future__ import annotations

from collections.abc import Mapping

from branchwise.sources.berka.labels import labelled, posting

CURRENCY = "CZK"
COUNTED_ON = "1996-12-31"
AGE_YEAR = 1998
"""Ages are those at the end of the data; at the load all customers would be a generation older."""
SYSTEM = "source_file, source_row, source_fault"
UNREADABLE = "unreadable"
"""Stands for a birth number that is none: the number itself must not be put on record."""


def one_each(relation: str, key: str) -> str:
    """Return the sound rows of a file, the last one of each key: a join must not double rows."""
    return (
        f"(SELECT * FROM {relation} WHERE source_fault IS NULL "  # noqa: S608
        f"QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY source_row DESC) = 1)"
    )


def regions(files: Mapping[str, str]) -> str:
    """Return the regions: the eight that the districts name."""
    return (
        "SELECT trim(A3) AS region_id, trim(A3) AS name, 'CZ' AS country, "  # noqa: S608
        "min(source_file) AS source_file, min(source_row) AS source_row, "
        f"NULL::VARCHAR AS source_fault FROM {files['berka_district']} "
        "WHERE source_fault IS NULL AND trim(A3) <> '' GROUP BY trim(A3)"
    )


def branches(files: Mapping[str, str]) -> str:
    """Return the branches: one a district, since accounts name the district of their branch."""
    return (
        "SELECT trim(A1) AS branch_id, trim(A2) AS name, trim(A3) AS region_id, "  # noqa: S608
        f"'Europe/Prague' AS timezone, 'NONE' AS holiday_calendar, {SYSTEM} "
        f"FROM {files['berka_district']}"
    )


def demand_points(files: Mapping[str, str]) -> str:
    """Return the districts with their people, wages, unemployment and crimes.

    Percentages become shares; what is no number stays as it is, for cleaning to put on record.
    """

    def share(column: str) -> str:
        return f"coalesce(CAST(round(to_number({column}) / 100, 6) AS VARCHAR), {column})"

    return (
        "SELECT trim(A1) AS demand_point_id, trim(A2) AS name, trim(A3) AS region_id, "  # noqa: S608
        f"trim(A1) AS branch_id, A4 AS population, {share('A10')} AS share_urban, "
        "coalesce(CAST(CAST(round(to_number(A11) * 100) AS BIGINT) AS VARCHAR), A11) "
        f"AS wage_minor, '{CURRENCY}' AS currency, {share('A13')} AS unemployment_share, "
        f"{share('A12')} AS unemployment_before_share, A14 AS entrepreneurs_per_1000, "
        f"A16 AS count_crimes, A15 AS count_crimes_before, '{COUNTED_ON}' AS counted_on, {SYSTEM} "
        f"FROM {files['berka_district']} WHERE source_fault IS NULL"
    )


def customers(files: Mapping[str, str], balances: str) -> str:
    """Return the clients: year of birth and gender from the birth number, branch of the account.

    The birth number is YYMMDD, of a woman with 50 added to the month; it is not kept.
    """
    month = "to_number(substr(trim(client.birth_number), 3, 2))"
    is_number = (
        "regexp_full_match(coalesce(trim(client.birth_number), ''), '[0-9]{6}') "
        f"AND (({month} BETWEEN 1 AND 12) OR ({month} BETWEEN 51 AND 62))"
    )
    year = "1900 + CAST(substr(trim(client.birth_number), 1, 2) AS INTEGER)"
    age = f"{AGE_YEAR} - ({year})"
    band = (
        f"CASE WHEN {age} < 30 THEN 'under_30' WHEN {age} < 45 THEN '30_44' "
        f"WHEN {age} < 60 THEN '45_59' ELSE '60_plus' END"
    )
    return (
        "SELECT trim(client.client_id) AS customer_id, account.district_id AS home_branch_id, "  # noqa: S608
        f"CASE WHEN {is_number} THEN CAST({year} AS VARCHAR) "
        f"WHEN client.birth_number IS NOT NULL THEN '{UNREADABLE}' END AS birth_year, "
        f"CASE WHEN {is_number} THEN CASE WHEN {month} > 50 THEN 'female' ELSE 'male' END END "
        f"AS gender, CASE WHEN {is_number} THEN {band} END AS age_band, "
        "to_date(account.date) AS opened_on, CASE WHEN may.type = 'OWNER' "
        f"THEN balance.balance_minor END AS deposit_minor, '{CURRENCY}' AS currency, "
        "client.source_file, client.source_row, client.source_fault "
        f"FROM {files['berka_client']} AS client "
        f"LEFT JOIN {one_each(files['berka_disposition'], 'client_id')} AS may "
        "ON may.client_id = client.client_id "
        f"LEFT JOIN {one_each(files['berka_account'], 'account_id')} AS account "
        "ON account.account_id = may.account_id "
        f"LEFT JOIN {balances} AS balance ON balance.account_id = account.account_id "
        "UNION ALL BY NAME "
        f"SELECT {SYSTEM} FROM {files['berka_disposition']} WHERE source_fault IS NOT NULL"
    )


def accounts(files: Mapping[str, str], balances: str) -> str:
    """Return the accounts as holdings of their owners."""
    return (
        "SELECT 'account-' || trim(account.account_id) AS holding_id, "  # noqa: S608
        "owner.client_id AS customer_id, account.district_id AS branch_id, "
        f"{labelled('frequency', 'account.frequency')} AS product_id, 'active' AS status, "
        f"account.date AS opened_on, balance.balance_minor, '{CURRENCY}' AS currency, "
        "account.source_file, account.source_row, account.source_fault "
        f"FROM {files['berka_account']} AS account {_owner(files, 'account.account_id')} "
        f"LEFT JOIN {balances} AS balance ON balance.account_id = trim(account.account_id)"
    )


def loans(files: Mapping[str, str]) -> str:
    """Return the loans as holdings."""
    return (
        "SELECT 'loan-' || trim(loan.loan_id) AS holding_id, "  # noqa: S608
        "'account-' || trim(loan.account_id) AS parent_holding_id, "
        "owner.client_id AS customer_id, account.district_id AS branch_id, 'LOAN' AS product_id, "
        f"coalesce({labelled('loan_status', 'loan.status')}, loan.status) AS status, "
        f"loan.date AS opened_on, {_minor('loan.amount')} AS amount_minor, "
        f"{_minor('loan.payments')} AS payment_minor, loan.duration AS term_months, "
        f"'{CURRENCY}' AS currency, loan.source_file, loan.source_row, loan.source_fault "
        f"FROM {files['berka_loan']} AS loan {_account(files, 'loan.account_id')} "
        f"{_owner(files, 'loan.account_id')}"
    )


def cards(files: Mapping[str, str]) -> str:
    """Return the cards as holdings of who may use the account."""
    return (
        "SELECT 'card-' || trim(card.card_id) AS holding_id, "  # noqa: S608
        "'account-' || trim(may.account_id) AS parent_holding_id, may.client_id AS customer_id, "
        f"account.district_id AS branch_id, {labelled('card', 'card.type')} AS product_id, "
        f"'active' AS status, left(trim(card.issued), 6) AS opened_on, '{CURRENCY}' AS currency, "
        "card.source_file, card.source_row, card.source_fault "
        f"FROM {files['berka_card']} AS card "
        f"LEFT JOIN {one_each(files['berka_disposition'], 'disp_id')} AS may "
        f"ON may.disp_id = card.disp_id {_account(files, 'may.account_id')}"
    )


def orders(files: Mapping[str, str]) -> str:
    """Return the standing orders as holdings; the accounts that they pay to are not kept."""
    return (
        "SELECT 'order-' || trim(given.order_id) AS holding_id, "  # noqa: S608
        "'account-' || trim(given.account_id) AS parent_holding_id, "
        "owner.client_id AS customer_id, account.district_id AS branch_id, "
        f"{labelled('order', 'given.k_symbol')} AS product_id, 'active' AS status, "
        f"{_minor('given.amount')} AS amount_minor, '{CURRENCY}' AS currency, "
        "given.source_file, given.source_row, given.source_fault "
        f"FROM {files['berka_order']} AS given {_account(files, 'given.account_id')} "
        f"{_owner(files, 'given.account_id')}"
    )


def transactions(files: Mapping[str, str], ledger: str) -> str:
    """Return the postings of a ledger: branch, owner and product are those of the account."""
    return (
        "SELECT posted.transaction_id, account.district_id AS branch_id, "  # noqa: S608
        "owner.client_id AS customer_id, 'account-' || posted.account_id AS holding_id, "
        f"{labelled('frequency', 'account.frequency')} AS product_id, "
        f"{posting('service')} AS service_id, concat_ws('/', posted.direction, "
        "nullif(posted.operation, 'none'), nullif(posted.symbol, 'none')) AS code, "
        f"{posting('channel')} AS channel, posted.day AS accounting_on, "
        "CAST(round(posted.amount * 100) AS BIGINT) AS amount_minor, "
        "CASE WHEN posted.symbol = 'statement_fee' "
        "THEN CAST(round(posted.amount * 100) AS BIGINT) END AS fee_minor, "
        f"'{CURRENCY}' AS currency, posted.source_file, posted.source_row, posted.source_fault "
        f"FROM {ledger} AS posted {_account(files, 'posted.account_id')} "
        f"{_owner(files, 'posted.account_id')}"
    )


def balances(files: Mapping[str, str], ledgers: tuple[str, ...]) -> str:
    """Return the monthly average of each account in the last whole month of the ledger.

    An account begins at zero, so its balance at the end of a day is the sum of what was posted till
    then; a posting on day ``d`` of a month of ``n`` days weighs ``(n - d + 1) / n`` in the average
    of that month and 1 in those that follow. Accounts opened before the ledger begins have none.
    """
    rows = " UNION ALL ".join(
        f"SELECT account_id, day, amount * CASE direction WHEN 'credit' THEN 1 ELSE -1 END "  # noqa: S608
        f"AS signed FROM {ledger} WHERE source_fault IS NULL"
        for ledger in ledgers
    )
    return (
        f"WITH posted AS ({rows}), span AS ("  # noqa: S608
        "SELECT min(day) AS first_on, max(day) AS last_on FROM posted), month AS ("
        "SELECT first_on, CASE WHEN last_day(last_on) = last_on THEN last_on "
        "ELSE CAST(date_trunc('month', last_on) AS DATE) - 1 END AS ends_on FROM span) "
        "SELECT posted.account_id, CAST(round(100 * sum(signed * "
        "least(1, (date_diff('day', day, ends_on) + 1) / extract('day' FROM ends_on)))) AS BIGINT) "
        "AS balance_minor FROM posted CROSS JOIN month "
        f"JOIN {one_each(files['berka_account'], 'account_id')} AS account "
        "ON trim(account.account_id) = posted.account_id "
        "WHERE day <= ends_on AND to_date(account.date) >= first_on GROUP BY posted.account_id"
    )


def _account(files: Mapping[str, str], account_id: str) -> str:
    accounts = one_each(files["berka_account"], "account_id")
    return f"LEFT JOIN {accounts} AS account ON account.account_id = trim({account_id})"


def _owner(files: Mapping[str, str], account_id: str) -> str:
    may_use = files["berka_disposition"]
    owners = one_each(f"(SELECT * FROM {may_use} WHERE type = 'OWNER')", "account_id")  # noqa: S608
    return f"LEFT JOIN {owners} AS owner ON owner.account_id = trim({account_id})"


def _minor(column: str) -> str:
    """Return an amount in hellers; what is no number stays, for cleaning to put on record."""
    return f"coalesce(CAST(CAST(round(to_number({column}) * 100) AS BIGINT) AS VARCHAR), {column})"
