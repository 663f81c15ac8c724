"""Deliveries made in a test: files by name, one mapping, and what came of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from branchwise.engines.duckdb import DuckDBEngine, open_duckdb
from branchwise.sources.files import FilesAdapter
from branchwise.sources.model import Delivery

TICKETS = """
[[file]]
name = "tickets"
pattern = "**/*"
{extra}
[[table]]
into = "visit"
from = "tickets"
[table.columns]
visit_id = "網點號 || '-' || 號票"
branch_id = "網點號"
arrived_at = "取號"
"""


@dataclass
class Loaded:
    """A delivery and its rows."""

    delivery: Delivery
    engine: DuckDBEngine

    def rows(self, table: str = "visit") -> list[dict[str, object]]:
        """Return the rows of a table, in order of file and row."""
        return [
            row
            for piece in self.delivery.tables
            if piece.table == table
            for row in self.engine.table(
                f"SELECT * FROM {piece.relation} ORDER BY source_file, source_row"
            ).to_pylist()
        ]

    def codes(self) -> tuple[list[str], list[str]]:
        """Return the codes of what was refused and of the notes."""
        delivery = self.delivery
        return [bad.code for bad in delivery.refused], [note.code for note in delivery.notes]


Load = Callable[..., Loaded]


@pytest.fixture
def load(tmp_path: Path) -> Iterator[Load]:
    """Write files, read them with a mapping, and return what came."""
    with open_duckdb() as engine:

        def loading(
            files: dict[str, bytes], mapping: str | None = None, *, extra: str = "", at: str = ""
        ) -> Loaded:
            folder = tmp_path / "delivery"
            for name, content in files.items():
                target = folder / name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
            described = tmp_path / "mapping.toml"
            described.write_text(mapping or TICKETS.format(extra=extra), encoding="utf-8")
            scratch = tmp_path / "scratch"
            delivery = FilesAdapter().read(folder / at, engine, mapping=described, scratch=scratch)
            return Loaded(delivery, engine)

        yield loading
