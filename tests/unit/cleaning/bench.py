"""A small bank for the cleaning tests: one function cleans rows given as texts."""

from __future__ import annotations

import pyarrow as pa

from branchwise.cleaning import Context, Piece, clean
from branchwise.tables.spec import table_spec


class Bench:
    """An engine, the tables that are known, and `clean` over rows of texts."""

    def __init__(self, engine):
        self.engine = engine
        self.references = {}
        self.know("branch", [{"branch_id": "00317", "timezone": "Asia/Taipei"}])

    def know(self, table, rows):
        """Make rows the known rows of a table."""
        self.engine.register_table(f"known_{table}", pa.Table.from_pylist(rows))
        self.references[table] = f"known_{table}"

    def clean(self, table, *pieces, **piece):
        """Clean pieces given as lists of rows; return the result with its relations read."""
        made = []
        for number, rows in enumerate(pieces):
            names = dict.fromkeys(name for row in rows for name in row)
            columns = {
                name: pa.array([row.get(name) for row in rows], pa.string()) for name in names
            }
            if "first_row" not in piece:
                columns["source_row"] = pa.array(range(2, len(rows) + 2))
            columns["source_file"] = pa.array([f"{number}.csv"] * len(rows))
            self.engine.register_table(f"piece_{number}", pa.table(columns))
            given = {
                "relation": f"piece_{number}",
                "data_source_id": "q",
                "timezone": "Asia/Taipei",
            }
            made.append(Piece(**{**given, **piece}))
        return self.cleaned(table, made)

    def cleaned(self, table, pieces):
        """Clean pieces; return the result with its relations read."""
        context = Context(
            load_id="L1", references=self.references, load_year=2026, pseudonym_key=bytes(32)
        )
        done = clean(self.engine, pieces, table_spec(table), context)
        return done, *(
            self.engine.table(f"FROM {name}").to_pylist()
            for name in (done.rows, done.repairs, done.quarantine)
        )
