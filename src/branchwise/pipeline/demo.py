"""Demo: generate a synthetic bank, load it, and say how well cleaning found the planted dirt."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from branchwise.core.languages import Language, Text
from branchwise.core.ports import Engine
from branchwise.core.progress import Progress, silent
from branchwise.core.tabulation import Tabulation
from branchwise.engines.duckdb import open_duckdb
from branchwise.pipeline.cleaning_score import PARSE, CleaningScore, Dirt, Touch, score
from branchwise.pipeline.demo_actions import carried_out, carry_over
from branchwise.pipeline.load import load
from branchwise.pipeline.load_report import LoadReport
from branchwise.privacy.pseudonyms import pseudonym, read_key
from branchwise.sources.demo.generate import Generated, generate
from branchwise.sources.demo.settings import FIRST_DAY, DemoSettings, Intervention
from branchwise.sources.demo.truth import read_dirt
from branchwise.tables.spec import table_spec
from branchwise.warehouse.store import Warehouse
from branchwise.warehouse.workspace import Bank, Workspace

NAME = "示範銀行"
COMPARED = ("repair", "quarantine", "visit")
LOCAL = "strftime(arrived_at AT TIME ZONE 'Asia/Shanghai', '%Y-%m-%d %H:%M:%S')"
BANK = Text(
    en="Demo bank: {branches} branches × {days} days, seed {seed}",
    zh_hant="示範銀行：{branches} 個網點 × {days} 天，種子 {seed}",
    zh_hans="示范银行：{branches} 个网点 × {days} 天，种子 {seed}",
)
BANK_HEADINGS = (
    Text(en="What", zh_hant="內容", zh_hans="内容"),
    Text(en="Value", zh_hant="數值", zh_hans="数值"),
)
VISITS = Text(en="Visits", zh_hant="到訪", zh_hans="到访")
TRANSACTIONS = Text(en="Transactions", zh_hant="交易", zh_hans="交易")
RAW = Text(en="Raw files", zh_hant="原始檔案", zh_hans="原始文件")
TRUTH = Text(en="Truth", zh_hant="真值", zh_hans="真值")
RECALL = Text(
    en="Dirt found (recall)", zh_hant="髒數據檢出率（召回）", zh_hans="脏数据检出率（召回）"
)
PRECISION = Text(
    en="Repairs that were right (precision)",
    zh_hant="修正正確率（精確）",
    zh_hans="修正正确率（精确）",
)
KINDS = Text(
    en="Planted dirt that cleaning found, by kind",
    zh_hant="各類髒數據的檢出情況",
    zh_hans="各类脏数据的检出情况",
)
KIND_HEADINGS = (
    Text(en="Kind", zh_hant="類型", zh_hans="类型"),
    Text(en="Planted", zh_hant="植入", zh_hans="植入"),
    Text(en="Found", zh_hant="檢出", zh_hans="检出"),
    Text(en="Recall", zh_hant="召回率", zh_hans="召回率"),
)
RULES = Text(
    en="Rows that cleaning touched, by rule",
    zh_hant="各項清洗規則觸及的記錄",
    zh_hans="各项清洗规则触及的记录",
)
RULE_HEADINGS = (
    Text(en="Rule", zh_hant="規則", zh_hans="规则"),
    Text(en="Rows", zh_hant="記錄", zh_hans="记录"),
    Text(en="Dirty", zh_hant="確有問題", zh_hans="确有问题"),
    Text(en="Precision", zh_hant="精確率", zh_hans="精确率"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoReport:
    """What was generated, loaded and found.

    Attributes
    ----------
    settings : DemoSettings
        Size and seed of the bank.
    generated : Generated
        What was written.
    loaded : LoadReport
        What the load did.
    cleaning : CleaningScore
        Planted dirt against repairs.
    left_out : tuple of Text
        Actions that the bank cannot carry out.
    """

    settings: DemoSettings
    generated: Generated
    loaded: LoadReport
    cleaning: CleaningScore
    left_out: tuple[Text, ...] = ()

    @property
    def warnings(self) -> tuple[Text, ...]:
        """The warnings of the load, and of actions left out."""
        return (*self.loaded.warnings, *self.left_out)

    def as_json(self) -> dict[str, Any]:
        """Return the ``result`` of the JSON document."""
        cleaning = self.cleaning
        return {
            "branches": self.generated.count_branches,
            "days": self.settings.days,
            "seed": self.settings.seed,
            "raw": str(self.generated.raw),
            "truth": str(self.generated.truth),
            "visits": self.generated.count_visits,
            "transactions": self.generated.count_transactions,
            "cleaning": {
                "recall": cleaning.recall,
                "precision": cleaning.precision,
                "kinds": [{**asdict(kind), "recall": kind.recall} for kind in cleaning.kinds],
                "rules": [{**asdict(rule), "precision": rule.precision} for rule in cleaning.rules],
            },
            "load": self.loaded.as_json(),
        }

    def as_tables(self, language: Language) -> Sequence[Tabulation]:
        """Return the tables for people: the bank, dirt by kind, repairs by rule."""

        def read(texts: Sequence[Text]) -> tuple[str, ...]:
            return tuple(text.read_in(language) for text in texts)

        generated, cleaning = self.generated, self.cleaning
        title = BANK.filled(
            branches=generated.count_branches, days=self.settings.days, seed=self.settings.seed
        )
        rows: tuple[tuple[Text, object], ...] = (
            (VISITS, generated.count_visits),
            (TRANSACTIONS, generated.count_transactions),
            (RAW, str(generated.raw)),
            (TRUTH, str(generated.truth)),
            (RECALL, _share(cleaning.recall)),
            (PRECISION, _share(cleaning.precision)),
        )
        return [
            Tabulation(
                title=title.read_in(language),
                columns=read(BANK_HEADINGS),
                rows=tuple((text.read_in(language), value) for text, value in rows),
            ),
            Tabulation(
                title=KINDS.read_in(language),
                columns=read(KIND_HEADINGS),
                rows=tuple(
                    (kind.kind, kind.planted, kind.found, _share(kind.recall))
                    for kind in cleaning.kinds
                ),
            ),
            Tabulation(
                title=RULES.read_in(language),
                columns=read(RULE_HEADINGS),
                rows=tuple(
                    (rule.rule, rule.touched, rule.right, _share(rule.precision))
                    for rule in cleaning.rules
                ),
            ),
        ]


def demo(
    directory: Path,
    *,
    branches: int = 40,
    days: int = 90,
    seed: int = 1,
    interventions: Sequence[Intervention] = (),
    actions: Path | None = None,
    progress: Progress | None = None,
) -> DemoReport:
    """Generate a synthetic bank as raw files with its truth, and load it.

    Parameters
    ----------
    directory : Path
        Becomes the workspace; its folders ``raw`` and ``truth`` are made anew.
    branches, days : int
        Size.
    seed : int
        Same seed, same bytes.
    interventions : sequence of Intervention
        Changes to the bank.
    actions : Path, optional
        A workspace of the same bank whose accepted actions it carries out; they come over.
    progress : Progress, optional
        Where the work tells how far it is.

    Returns
    -------
    DemoReport
        With recall and precision of the cleaning.
    """
    shown = progress or silent()
    carried = None if actions is None else carried_out(actions)
    settings = DemoSettings(
        branches=branches,
        days=days,
        seed=seed,
        starts_on=FIRST_DAY,
        interventions=(*interventions, *(carried.interventions if carried else ())),
    )
    Workspace.create(directory, Bank(name=NAME))
    generated = generate(directory, settings, shown)
    loaded = load(directory, generated.raw, adapter="demo", progress=shown)
    if carried is not None:
        carry_over(directory, carried)
    return DemoReport(
        settings=settings,
        generated=generated,
        loaded=loaded,
        cleaning=cleaning_of(directory, generated.truth / "dirt.parquet"),
        left_out=carried.warnings if carried else (),
    )


def cleaning_of(workspace: Path, dirt: Path) -> CleaningScore:
    """Compare the planted dirt with the repairs and the quarantine of a workspace.

    Parameters
    ----------
    workspace : Path
        Where the bank was loaded.
    dirt : Path
        The list of what was planted.
    """
    opened = Workspace.open(workspace)
    warehouse = Warehouse(opened.warehouse)
    planted = _planted(dirt, read_key(opened.pseudonym_key))
    with (
        tempfile.TemporaryDirectory(prefix="branchwise-") as scratch,
        open_duckdb(Path(scratch)) as engine,
    ):
        warehouse.register(engine, warehouse.snapshot(), COMPARED)
        return score(planted, _touched(engine), _stored(engine, planted))


def _planted(dirt: Path, key: bytes) -> list[Dirt]:
    """Read the truth; keys that are stored as pseudonyms are made pseudonyms."""

    def known(table: str, row_key: str) -> str:
        (column, *others) = table_spec(table).key
        is_person = not others and table_spec(table).columns[column].identifier
        return pseudonym(row_key, key) if is_person else row_key

    return [
        Dirt(
            table=piece.table,
            row_key=known(piece.table, piece.row_key),
            column=piece.column,
            kind=piece.kind,
            rules=piece.rules,
            expected=piece.expected,
            echo=piece.echo,
        )
        for piece in read_dirt(dirt)
    ]


def _touched(engine: Engine) -> list[Touch]:
    found = engine.table(
        "SELECT table_name, row_key, rule FROM repair WHERE rule <> 'superseded' "
        "UNION SELECT table_name, row_key, rule FROM quarantine ORDER BY ALL"
    )
    return [
        Touch(table=row["table_name"], row_key=row["row_key"] or "", rule=row["rule"])
        for row in found.to_pylist()
    ]


def _stored(engine: Engine, planted: Sequence[Dirt]) -> dict[tuple[str, str, str], str]:
    keys = sorted({dirt.row_key for dirt in planted if PARSE in dirt.rules})
    found = engine.table(
        f"SELECT visit_id, branch_id, {LOCAL} AS arrived_at FROM visit "  # noqa: S608
        "WHERE visit_id IN (SELECT unnest(from_json($keys, '[\"VARCHAR\"]')))",
        {"keys": json.dumps(keys)},
    )
    return {
        ("visit", row["visit_id"], column): row[column]
        for row in found.to_pylist()
        for column in ("branch_id", "arrived_at")
    }


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"
