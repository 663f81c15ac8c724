"""The ledger: every change of the staged rows goes through it and is put on record by it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from branchwise.cleaning.fills import candidate, derive_layers, words_of
from branchwise.cleaning.model import Context, Rule, RuleEffect
from branchwise.engines.duckdb import literal
from branchwise.tables.spec import TableSpec, table_spec

if TYPE_CHECKING:
    from branchwise.cleaning.types import Staged
    from branchwise.core.ports import Engine

ORDER = (
    "source",
    "type",
    "duplicate_exact",
    "duplicate_key",
    "required",
    "value",
    "range",
    "row_rule",
    "reference",
    "clock_shift",
    "empty_call",
    "outlier",
)


class Ledger:
    """Changes staged rows and writes down what it changes.

    Conditions are SQL over the staged table; ``bw_id`` names a row. Identifiers in it are
    pseudonyms already, so they are in what is written down.

    Parameters
    ----------
    engine : Engine
        Where the staged table is.
    spec : TableSpec
        The canonical table.
    context : Context
        The load.
    staged : Staged
        The staged table.
    """

    def __init__(self, engine: Engine, spec: TableSpec, context: Context, staged: Staged) -> None:
        self.engine = engine
        self.spec = spec
        self.context = context
        self.staged = staged.name
        self.words = words_of(context)
        self.is_changed = False
        self.repairs = f"bw_{spec.name}_repairs"
        self.quarantine = f"bw_{spec.name}_quarantine"
        self._skipped: list[RuleEffect] = []
        self._line = f"coalesce(bw_file, '') || '#' || coalesce(({staged.row_number})::VARCHAR, '')"
        parts = " || '|' || ".join(f'CAST("{name}" AS VARCHAR)' for name in spec.key)
        self._key = f"coalesce({parts}, {self._line})"
        for table, name in (("repair", self.repairs), ("quarantine", self.quarantine)):
            columns = table_spec(table).columns.values()
            given = ", ".join(
                f'CAST(NULL AS {column.sql_type}) AS "{column.name}"' for column in columns
            )
            engine.materialise(name, f"SELECT {given} WHERE false")

    def count(self, condition: str) -> int:
        """Return the number of staged rows for which a condition holds."""
        return self.ask(f"SELECT count(*) AS n FROM {self.staged} WHERE {condition}")

    def ask(self, query: str) -> int:
        """Return the number that a query gives as ``n``."""
        return int(self.engine.table(query).to_pylist()[0]["n"] or 0)

    def hit(self, rows: str) -> int:
        """Keep the rows that a query names (``id`` and what else it gives) as ``bw_hit``."""
        return self.engine.materialise("bw_hit", rows)

    def empty(self, rule: Rule, columns: Sequence[str], condition: str, reason: str) -> int:
        """Empty columns where a condition holds; what the table fills in stands there instead.

        Where one of the columns is required and nothing fills it, the row goes to quarantine.
        Returns the number of rows.
        """
        wanted = [self.spec.columns[name] for name in columns]
        if any(column.required and column.fill is None for column in wanted):
            return self.set_aside(rule, condition, literal(reason))
        olds = ", ".join(f'"{name}" AS "o_{name}"' for name in columns)
        count = self.hit(f"SELECT bw_id AS id, {olds} FROM {self.staged} WHERE {condition}")
        if not count:
            return 0
        nulls = ", ".join(f'"{name}" = NULL' for name in columns)
        self._update(f"{nulls}")
        for column in wanted:
            if column.fill is not None:
                self._update(f'"{column.name}" = {candidate(column, self.words)}')
        for name in columns:
            self._write_down(rule, name)
        return count

    def replace(self, rule: Rule, column: str, action: str | None = "replaced") -> int:
        """Put ``new`` of ``bw_hit`` into a column. Returns the number of values changed."""
        self.hit(
            f'SELECT id, new, "{column}" AS "o_{column}" FROM bw_hit'
            f" JOIN {self.staged} AS staged ON staged.bw_id = id"
            f' WHERE "{column}" IS DISTINCT FROM new'
        )
        self.engine.execute(
            f'UPDATE {self.staged} SET "{column}" = new FROM bw_hit WHERE {self.staged}.bw_id = id'
        )
        self.is_changed = True
        return self._write_down(rule, column, action)

    def note(self, rule: Rule, column: str, condition: str, *, action: str, original: str) -> None:
        """Write down a change that staging has made: the given text and what stands there now."""
        self._insert_repairs(
            f"FROM {self.staged} WHERE {condition}",
            rule=rule,
            column=column,
            action=action,
            original=original,
            repaired=f'CAST("{column}" AS VARCHAR)',
        )

    def remove(self, rule: Rule) -> None:
        """Take the rows of ``bw_hit`` out as duplicates, keeping each whole as JSON."""
        self._insert_repairs(
            f"FROM {self.staged} WHERE bw_id IN (SELECT id FROM bw_hit)",
            rule=rule,
            column=None,
            action="'removed'",
            original=self._row(),
            repaired="NULL",
        )
        self._delete("bw_id IN (SELECT id FROM bw_hit)")

    def set_aside(self, rule: Rule, condition: str, reason: str) -> int:
        """Move rows to quarantine; `reason` is an SQL expression. Returns their number."""
        count = self.count(condition)
        if not count:
            return 0
        values = {
            "quarantine_id": self._identity(rule, "''", self._row()),
            "load_id": literal(self.context.load_id),
            "data_source": "data_source_id",
            "table_name": literal(self.spec.name),
            "row_key": self._key,
            "rule": literal(rule),
            "reason": reason,
            "content": self._row(),
        }
        listed = ", ".join(values.values())
        self.engine.execute(
            f"INSERT INTO {self.quarantine} SELECT {listed} FROM {self.staged} WHERE {condition}"
        )
        self._delete(condition)
        return count

    def skip(self, rule: Rule, column: str | None, count: int) -> None:
        """Say that a rule could not be judged."""
        effect = RuleEffect(
            rule=rule, table=self.spec.name, column=column, action="skipped", count=count
        )
        self._skipped.append(effect)

    def effects(self) -> tuple[RuleEffect, ...]:
        """Count what is on record, by rule, column and action, in a fixed order."""
        counted = self.engine.table(
            f"SELECT rule, column_name AS col, action, count(*) AS n"
            f" FROM {self.repairs} GROUP BY ALL"
            " UNION ALL SELECT rule, NULL, 'quarantined', count(*)"
            f" FROM {self.quarantine} GROUP BY ALL"
        ).to_pylist()
        found = [
            RuleEffect(
                rule=row["rule"],
                table=self.spec.name,
                column=row["col"],
                action=row["action"],
                count=row["n"],
            )
            for row in counted
        ]
        return tuple(
            sorted(
                [*found, *self._skipped],
                key=lambda one: (ORDER.index(one.rule), one.column or "", one.action),
            )
        )

    def derive_again(self) -> None:
        """Compute the derived columns anew where what they depend on has been changed."""
        for layer in derive_layers(self.spec, self.words):
            parts = [text.rsplit(" AS ", 1) for text in layer]
            new = ", ".join(f"{name} = {value}" for value, name in parts)
            stale = " OR ".join(f"{name} IS DISTINCT FROM {value}" for value, name in parts)
            self.engine.execute(f"UPDATE {self.staged} SET {new} WHERE {stale}")

    def _update(self, assignments: str) -> None:
        self.engine.execute(
            f"UPDATE {self.staged} SET {assignments} WHERE bw_id IN (SELECT id FROM bw_hit)"
        )
        self.is_changed = True

    def _delete(self, condition: str) -> None:
        self.engine.execute(f"DELETE FROM {self.staged} WHERE {condition}")

    def _write_down(self, rule: Rule, column: str, action: str | None = None) -> int:
        old, new = f'CAST("o_{column}" AS VARCHAR)', f'CAST("{column}" AS VARCHAR)'
        condition = f'"o_{column}" IS NOT NULL AND "o_{column}" IS DISTINCT FROM "{column}"'
        if action:
            condition = f'"o_{column}" IS DISTINCT FROM "{column}"'
        before = self.ask(f"SELECT count(*) AS n FROM {self.repairs}")
        self._insert_repairs(
            f"FROM {self.staged} JOIN bw_hit ON {self.staged}.bw_id = id WHERE {condition}",
            rule=rule,
            column=column,
            original=old,
            repaired=new,
            action=literal(action)
            if action
            else f"""CASE WHEN "{column}" IS NULL THEN 'set_null' ELSE 'filled' END""",
        )
        return self.ask(f"SELECT count(*) AS n FROM {self.repairs}") - before

    def _insert_repairs(
        self,
        origin: str,
        *,
        rule: Rule,
        column: str | None,
        action: str,
        original: str,
        repaired: str,
    ) -> None:
        name = "NULL" if column is None else literal(column)
        values = {
            "repair_id": self._identity(rule, f"coalesce({name}, '')", original),
            "load_id": literal(self.context.load_id),
            "data_source": "data_source_id",
            "table_name": literal(self.spec.name),
            "row_key": self._key,
            "column_name": name,
            "rule": literal(rule),
            "action": action,
            "original": original,
            "repaired": repaired,
        }
        self.engine.execute(
            f"INSERT INTO {self.repairs} SELECT {', '.join(values.values())} {origin}"
        )

    def _identity(self, rule: Rule, column: str, original: str) -> str:
        parts = (
            literal(self.spec.name),
            "data_source_id",
            self._line,
            self._key,
            literal(rule),
            column,
            f"coalesce({original}, '')",
        )
        return f"md5(concat_ws('|', {', '.join(parts)}))"

    def _row(self) -> str:
        parts = [f'"{column.name}" := "{column.name}"' for column in self.spec.given_columns]
        parts += ["source_file := bw_file", f"source_row := {self._line.split(' || ')[-1]}"]
        row = f"to_json(struct_pack({', '.join(parts)}))"
        return f"json_merge_patch('{{}}', {row}, coalesce(bw_failed, '{{}}')::JSON)::VARCHAR"
