"""How texts become dates, instants, numbers and truth values: one set of DuckDB macros.

The macros are written in ``parse.sql``. Each tries the common form first and the rare ones only
on what that leaves; what no rule covers is null. Ambiguous forms are decided by these rules, not
by guessing from the data:

======================  =============================================================
text                    read as
======================  =============================================================
``20260310``            eight digits: year, month, day
``1150310``             seven digits: ROC year 115, that is 2026-03-10
``260310``              six digits: two-digit year, ``00``-``68`` 2000s, ``69``-``99`` 1900s
``46091``, ``46091.4``  five digits: Excel serial day (1900 system), with the time of day
``115/03/10``           a three-digit year is a ROC year
``26/03/10``            a two-digit year is Gregorian, comes first, pivot as above
``民國99年3月10日``     a ROC mark makes any year a ROC year
``10/03/2026``          null: whether day or month comes first cannot be known
``202603100902``        year to minute; if that is no date, ``YYMMDDHHMMSS``
``24:00``               the midnight that ends the day
``2026-03-10 01:30``    in the hour repeated when summer time ends: the second pass (standard
                        time); in the hour skipped when it begins: as far after the gap
``1,234.5``, ``(5)``    commas in threes; parentheses and a trailing minus are negative
``5%``, ``1.5萬``       0.05, 15 000; ``1.234,56`` is null
======================  =============================================================

Years from 1900 to 2200 are accepted, and the end-of-time mark 9999-12-31.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING
from weakref import WeakSet

if TYPE_CHECKING:
    from branchwise.core.ports import Engine

_INSTALLED: WeakSet[Engine] = WeakSet()
MACROS = (
    "to_instant",
    "to_date",
    "to_number",
    "to_boolean",
    "to_minute_of_day",
    "seconds_between",
    "local_date",
    "local_quarter_hour",
    "month_of",
    "weekday_of",
    "age_band_of",
    "excel_date",
    "excel_local",
)


def install_macros(engine: Engine) -> None:
    """Define the parsing macros in an engine; doing it again changes nothing.

    Parameters
    ----------
    engine : Engine
        Mappings and specs of tables may use the names in `MACROS` from now on.

    Examples
    --------
    >>> from branchwise.engines.duckdb import open_duckdb
    >>> with open_duckdb() as engine:
    ...     install_macros(engine)
    ...     engine.table("SELECT to_date('民國115年3月10日') AS day").to_pylist()
    [{'day': datetime.date(2026, 3, 10)}]
    """
    if engine in _INSTALLED:
        return
    text = files("branchwise.cleaning").joinpath("parse.sql").read_text(encoding="utf-8")
    for statement in text.split(";\n"):
        if statement.strip():
            engine.execute(statement)
    _INSTALLED.add(engine)
