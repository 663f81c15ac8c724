"""A connection that can only read, to whatever SQLAlchemy has a driver for.

SQLite is opened read-only; PostgreSQL runs one read-only transaction with one view of the data
for all queries of a mapping. Of other databases only the text of the query is checked: give them
an account that may do nothing but read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from branchwise.core.errors import BranchwiseError, Where, failure
from branchwise.sources.feeds.address import Address

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

POSTGRES = "postgresql"
SQLITE = "sqlite"
BARE = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
TIME_TYPES = ("date", "timestamp", "timestamptz", "time", "timetz", "interval", "json", "jsonb")
ISO_TIMES = ("DateStyle = 'ISO'", "TimeZone = 'UTC'", "IntervalStyle = 'iso_8601'")
KEEPALIVE_SECONDS = 30


@contextmanager
def connected(address: Address, *, timeout_seconds: float) -> Iterator[Connection]:
    """Open a connection that can only read.

    Parameters
    ----------
    address : Address
        A URL of SQLAlchemy.
    timeout_seconds : float
        How long to wait for the connection, and for each answer [s].

    Raises
    ------
    BranchwiseError
        [BW-SRC-061] if the URL is none, [BW-SRC-065] if its driver is not installed,
        [BW-SRC-066] if the database cannot be reached. No text of a driver is chained to them,
        for drivers repeat the address.
    """
    engine = _engine(address, timeout_seconds)
    try:
        connection = _connection(engine, address, timeout_seconds)
        try:
            yield connection
        finally:
            connection.close()
    finally:
        engine.dispose()


@contextmanager
def apart(connection: Connection) -> Iterator[None]:
    """Let a query that fails leave the transaction of the others whole.

    In PostgreSQL an error ends the transaction, unless it happens after a savepoint.
    """
    if connection.dialect.name != POSTGRES:
        yield
        return
    with connection.begin_nested():
        yield


def said(error: Exception, address: Address) -> str:
    """Return what a driver says, in one line without secrets and without values of rows."""
    from sqlalchemy.exc import DataError, IntegrityError

    if isinstance(error, DataError | IntegrityError):  # these repeat what they could not read
        return type(error).__name__
    cause = getattr(error, "orig", None) or error
    return address.scrubbed(cause) or type(error).__name__


def _engine(address: Address, timeout_seconds: float) -> Engine:
    from sqlalchemy import create_engine, make_url
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError
    from sqlalchemy.pool import NullPool

    where = Where(place=address.shown)
    found: BranchwiseError
    try:
        url = make_url(address.url)
        url = url.set(drivername=BARE.get(url.drivername, url.drivername))
        given = _arguments(url, address, timeout_seconds)
        return create_engine(url, poolclass=NullPool, hide_parameters=True, **given)
    except (NoSuchModuleError, ModuleNotFoundError):
        found = failure("BW-SRC-065", where, driver=address.scheme)
    except (ArgumentError, ValueError):
        found = failure("BW-SRC-061", where, shown=address.shown)
    raise found


def _arguments(url: Any, address: Address, timeout_seconds: float) -> dict[str, Any]:  # noqa: ANN401
    if url.get_backend_name() == SQLITE:
        return {"creator": lambda: _open_sqlite(url.database, address, timeout_seconds)}
    if url.drivername == BARE[POSTGRES]:
        return {
            "isolation_level": "REPEATABLE READ",
            "connect_args": {
                "connect_timeout": max(2, round(timeout_seconds)),
                "keepalives_idle": KEEPALIVE_SECONDS,
                "tcp_user_timeout": round(timeout_seconds * 1000),
            },
        }
    return {}


def _open_sqlite(database: str | None, address: Address, timeout_seconds: float) -> Any:  # noqa: ANN401
    import sqlite3

    path = Path(database or "")
    if not path.is_file():
        reason = "there is no such file"
        raise failure("BW-SRC-066", Where(place=address.shown), shown=address.shown, reason=reason)
    opened = sqlite3.connect(
        f"file:{quote(str(path.resolve()))}?mode=ro",
        uri=True,
        timeout=timeout_seconds,
        check_same_thread=False,
    )
    opened.text_factory = _text_or_bytes
    opened.execute("PRAGMA query_only = ON")
    return opened


def _text_or_bytes(content: bytes) -> str | bytes:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content


def _connection(engine: Engine, address: Address, timeout_seconds: float) -> Connection:
    from sqlalchemy.exc import SQLAlchemyError

    try:
        connection = engine.connect()
        if engine.dialect.name == POSTGRES:
            connection = connection.execution_options(postgresql_readonly=True)
            _leave_times_as_text(connection)
            for setting in (f"statement_timeout = {round(timeout_seconds * 1000)}", *ISO_TIMES):
                connection.exec_driver_sql(f"SET LOCAL {setting}")
        connection.exec_driver_sql("SELECT 1" + _FROM_NOWHERE.get(engine.dialect.name, ""))
    except (SQLAlchemyError, OSError) as error:
        reason = said(error, address)
    except Exception as error:
        if isinstance(error, BranchwiseError):
            raise
        reason = type(error).__name__
    else:
        return connection
    raise failure("BW-SRC-066", Where(place=address.shown), shown=address.shown, reason=reason)


_FROM_NOWHERE = {"oracle": " FROM dual", "db2": " FROM sysibm.sysdummy1"}


def _leave_times_as_text(connection: Connection) -> None:
    """Take dates and times as PostgreSQL writes them: ``infinity`` and BC are no Python dates."""
    adapters = getattr(connection.connection.driver_connection, "adapters", None)
    if adapters is not None:
        from psycopg.types.string import TextLoader

        for name in TIME_TYPES:
            adapters.register_loader(name, TextLoader)
