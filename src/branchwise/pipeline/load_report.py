"""What a load says about itself: to people, to programs, and to the report of the bank."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from branchwise.cleaning.rules import rule_texts
from branchwise.core.errors import Problem
from branchwise.core.languages import Language, Text
from branchwise.core.tabulation import Tabulation
from branchwise.core.units import quantity
from branchwise.measures.catalogue import catalogue
from branchwise.pipeline.unknown_codes import UnknownCode, codes_table
from branchwise.report.reasons import reason_said
from branchwise.sources.model import FileRead
from branchwise.tables.spec import table_spec
from branchwise.warehouse.coverage import Coverage
from branchwise.warehouse.snapshots import Snapshot

RULES_SHOWN = 30
GAPS_SHOWN = 10
NOTES_SHOWN = 3
PLACES_SHOWN = 5
SHOWN_LETTERS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class TableReport:
    """Rows of one table: ``count_in`` = added + replaced + unchanged + removed + quarantined."""

    table: str
    count_in: int
    added: int
    replaced: int
    unchanged: int
    removed: int
    quarantined: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One value or row that a rule touched; of a quarantined row `repaired` is the reason.

    Whole rows and values of personal columns are not shown: `row_key` finds them in the store.
    """

    row_key: str | None
    original: str | None
    repaired: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleReport:
    """What one rule did to one column; column None where whole rows were taken out."""

    rule: str
    table: str
    column: str | None
    action: str
    count: int
    examples: tuple[Example, ...] = ()

    @property
    def is_guess(self) -> bool:
        """Whether codes of no list became what the table fills in, which may be wrong."""
        return self.rule == "value" and self.action == "filled"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureEffect:
    """A headline measure over the visits of this load, and what it would be without one rule."""

    rule: str
    measure: str
    value: float | None
    without: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadReport:
    """What one load did.

    Attributes
    ----------
    load_id, snapshot_id : str
        The load, and the snapshot that holds its rows.
    is_changed : bool
        False where every row was stored already: then no snapshot was published.
    path, adapter : str
        What was loaded, and who read it.
    tables : tuple of TableReport
        Rows by table.
    rules : tuple of RuleReport
        What the rules did, with examples.
    effects : tuple of MeasureEffect
        What each rule that touched visits did to the headline measures.
    coverage : tuple of Coverage
        Days, gaps and doubts by source and branch, over all that is stored.
    refused, notes : tuple of Problem
        Files that could not be read; what was accepted with a remark.
    unmapped_files : tuple of str
        Files that the mapping does not name.
    files, unknown_codes : tuple
        Files that were read; codes that no code list of the mapping explains.
    """

    load_id: str
    snapshot_id: str
    is_changed: bool
    path: str
    adapter: str
    tables: tuple[TableReport, ...] = ()
    rules: tuple[RuleReport, ...] = ()
    effects: tuple[MeasureEffect, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    refused: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()
    unmapped_files: tuple[str, ...] = ()
    files: tuple[FileRead, ...] = ()
    unknown_codes: tuple[UnknownCode, ...] = ()

    @property
    def warnings(self) -> tuple[Text, ...]:
        """What the reader must know first: refused and unasked files, codes that were guessed."""
        found = [_text_of(problem) for problem in self.refused]
        for code in dict.fromkeys(note.code for note in self.notes):
            alike = [note for note in self.notes if note.code == code]
            found += [_text_of(note) for note in alike[:NOTES_SHOWN]]
            if len(alike) > NOTES_SHOWN:
                found.append(_the_rest(code, alike[NOTES_SHOWN:]))
        if self.unmapped_files:
            found.append(UNMAPPED.filled(files=", ".join(self.unmapped_files)))
        return (*found, *(_guessed(rule) for rule in self.rules if rule.is_guess))

    def stored_as(self, snapshot: Snapshot) -> LoadReport:
        """Return the report with the snapshot that holds the load's rows."""
        return replace(self, snapshot_id=snapshot.snapshot_id)

    def as_json(self) -> dict[str, Any]:
        """Return the ``result`` of the JSON document; also kept with the snapshot."""
        return {
            "load_id": self.load_id,
            "snapshot_id": self.snapshot_id,
            "is_changed": self.is_changed,
            "path": self.path,
            "adapter": self.adapter,
            "tables": [asdict(table) for table in self.tables],
            "rules": [asdict(rule) for rule in self.rules],
            "effects": [asdict(effect) for effect in self.effects],
            "coverage": [row.as_json() for row in self.coverage],
            "refused": [problem.as_json() for problem in self.refused],
            "notes": [problem.as_json() for problem in self.notes],
            "unmapped_files": list(self.unmapped_files),
            "files": [asdict(file) for file in self.files],
            "unknown_codes": [asdict(code) for code in self.unknown_codes],
        }

    def as_tables(self, language: Language) -> Sequence[Tabulation]:
        """Return the tables for people: rows, rules, effects, gaps."""

        def read(text: Text) -> str:
            return text.read_in(language)

        tables = [self._rows_table(language, read)]
        if self.rules:
            tables.append(self._rules_table(language, read))
        tables += codes_table(self.unknown_codes, language)
        if self.effects:
            tables.append(self._effects_table(language, read))
        if self.coverage:
            tables.append(self._coverage_table(language, read))
        return tables

    def _rows_table(self, language: Language, read: Callable[[Text], str]) -> Tabulation:
        state = NEW if self.is_changed else SAME
        return Tabulation(
            title=read(state.filled(path=self.path, snapshot_id=self.snapshot_id)),
            columns=tuple(read(heading) for heading in ROW_HEADINGS),
            rows=tuple(
                (
                    _label(row.table, None, language),
                    row.count_in,
                    row.added,
                    row.replaced,
                    row.unchanged,
                    row.removed,
                    row.quarantined,
                )
                for row in self.tables
            ),
        )

    def _rules_table(self, language: Language, read: Callable[[Text], str]) -> Tabulation:
        largest = sorted(self.rules, key=lambda rule: -rule.count)
        left = len(largest) - RULES_SHOWN
        return Tabulation(
            title=read(RULES_TITLE),
            columns=tuple(read(heading) for heading in RULE_HEADINGS),
            rows=tuple(
                (
                    rule_texts()[rule.rule].name.read_in(language),
                    _label(rule.table, rule.column, language),
                    ACTIONS[rule.action].read_in(language),
                    rule.count,
                    _shown(rule, language),
                )
                for rule in largest[:RULES_SHOWN]
            ),
            notes=(read(MORE.filled(count=left)),) if left > 0 else (),
        )

    def _effects_table(self, language: Language, read: Callable[[Text], str]) -> Tabulation:
        return Tabulation(
            title=read(EFFECTS_TITLE),
            columns=tuple(read(heading) for heading in EFFECT_HEADINGS),
            rows=tuple(
                (
                    rule_texts()[effect.rule].name.read_in(language),
                    catalogue()[effect.measure].label.read_in(language),
                    _figure(effect.value, effect.measure, language),
                    _figure(effect.without, effect.measure, language),
                )
                for effect in self.effects
                if effect.value != effect.without
            ),
        )

    def _coverage_table(self, language: Language, read: Callable[[Text], str]) -> Tabulation:
        worst = sorted(
            self.coverage, key=lambda row: (-row.count_missing, row.table, row.branch_id)
        )
        return Tabulation(
            title=read(COVERAGE_TITLE.filled(count=len(self.coverage))),
            columns=tuple(read(heading) for heading in COVERAGE_HEADINGS),
            rows=tuple(
                (
                    row.data_source_id,
                    _label(row.table, None, language),
                    row.branch_id,
                    row.count_days,
                    row.count_missing,
                    row.count_rows,
                    _percent(row.share_endless),
                    _percent(row.share_suspect),
                    row.last_on.isoformat(),
                )
                for row in worst[:GAPS_SHOWN]
            ),
        )


def _label(table: str, column: str | None, language: Language) -> str:
    spec = table_spec(table)
    named = spec.label.read_in(language)
    if column is None:
        return named
    return f"{named} · {spec.columns[column].label.read_in(language)}"


def _shown(rule: RuleReport, language: Language) -> str:
    if not rule.examples:
        return ""
    first = rule.examples[0]
    if rule.action == "quarantined" and first.repaired:
        return reason_said(rule.table, first.repaired).read_in(language)[:SHOWN_LETTERS]
    parts = [part for part in (first.original, first.repaired) if part]
    return " → ".join(parts or [first.row_key or ""])[:SHOWN_LETTERS]


def _figure(value: float | None, measure: str, language: Language) -> str | None:
    unit = catalogue()[measure].unit
    return None if value is None else quantity(value, unit, language)


def _percent(share: float | None) -> str | None:
    return None if share is None else f"{share:.1%}"


def _text_of(problem: Problem) -> Text:
    return Text(
        en=problem.read_in("en"),
        zh_hant=problem.read_in("zh-Hant"),
        zh_hans=problem.read_in("zh-Hans"),
    )


def _the_rest(code: str, alike: Sequence[Problem]) -> Text:
    """Say of further remarks of one kind only how many there are and where the first ones are."""
    places = [str(note.where) for note in alike[:PLACES_SHOWN]]
    places += ["…"] if len(alike) > PLACES_SHOWN else []
    return REST.filled(code=code, count=len(alike), places=", ".join(places))


def _guessed(rule: RuleReport) -> Text:
    """Say which codes are in no list and what they became."""
    changes = dict.fromkeys(
        f"{example.original} → {example.repaired}" for example in rule.examples if example.original
    )

    def write(language: Language) -> str:
        return GUESSED.read_in(language).format(
            count=rule.count,
            where=_label(rule.table, rule.column, language),
            changes="; ".join(changes) or MASKED,
        )

    return Text.written(write)


MASKED = "…"
GUESSED = Text(
    en="{where}: {count} codes are in no list and became what stands where none is given "
    "({changes}). Name them in the mapping if they mean something else.",
    zh_hant="{where}：{count} 個代碼不在代碼表內，已按未填時的預設值處理（{changes}）；"
    "若另有含義，請在映射檔中列明。",
    zh_hans="{where}：{count} 个代码不在代码表内，已按未填时的默认值处理（{changes}）；"
    "若另有含义，请在映射文件中列明。",
)
REST = Text(
    en="{code}  The same of {count} more: {places}",
    zh_hant="{code}  另有 {count} 處情形相同：{places}",
    zh_hans="{code}  另有 {count} 处情形相同：{places}",
)
NEW = Text(
    en="Loaded {path} → snapshot {snapshot_id}",
    zh_hant="已載入 {path} → 快照 {snapshot_id}",
    zh_hans="已加载 {path} → 快照 {snapshot_id}",
)
SAME = Text(
    en="Nothing new in {path}; snapshot {snapshot_id} stays",
    zh_hant="{path} 無新增內容，維持快照 {snapshot_id}",
    zh_hans="{path} 无新增内容，维持快照 {snapshot_id}",
)
UNMAPPED = Text(
    en="Files that the mapping does not name: {files}",
    zh_hant="映射檔未涵蓋的檔案：{files}",
    zh_hans="映射文件未涵盖的文件：{files}",
)
ROW_HEADINGS = (
    Text(en="Table", zh_hant="表", zh_hans="表"),
    Text(en="Rows in", zh_hant="輸入行數", zh_hans="输入行数"),
    Text(en="Added", zh_hant="新增", zh_hans="新增"),
    Text(en="Replaced", zh_hant="更新", zh_hans="更新"),
    Text(en="Unchanged", zh_hant="未變", zh_hans="未变"),
    Text(en="Duplicates", zh_hant="重複", zh_hans="重复"),
    Text(en="Quarantined", zh_hant="隔離", zh_hans="隔离"),
)
RULES_TITLE = Text(en="What the rules did", zh_hant="各規則的處理", zh_hans="各规则的处理")
RULE_HEADINGS = (
    Text(en="Rule", zh_hant="規則", zh_hans="规则"),
    Text(en="Where", zh_hant="位置", zh_hans="位置"),
    Text(en="Action", zh_hant="處理", zh_hans="处理"),
    Text(en="Count", zh_hant="筆數", zh_hans="笔数"),
    Text(en="Example", zh_hant="示例", zh_hans="示例"),
)
ACTIONS = {
    "set_null": Text(en="emptied", zh_hant="清空", zh_hans="清空"),
    "filled": Text(en="filled", zh_hant="補值", zh_hans="补值"),
    "shifted": Text(en="shifted", zh_hant="平移", zh_hans="平移"),
    "removed": Text(en="removed", zh_hant="移除", zh_hans="移除"),
    "replaced": Text(en="put right", zh_hant="更正", zh_hans="更正"),
    "flagged": Text(en="marked", zh_hant="標記", zh_hans="标记"),
    "quarantined": Text(en="quarantined", zh_hant="隔離", zh_hans="隔离"),
    "skipped": Text(en="could not be judged", zh_hant="無從判斷", zh_hans="无从判断"),
}
MORE = Text(
    en="{count} smaller ones are in the JSON.",
    zh_hant="另有 {count} 項較少者見 JSON。",
    zh_hans="另有 {count} 项较少者见 JSON。",
)
EFFECTS_TITLE = Text(
    en="Headline measures with and without each rule (visits of this load)",
    zh_hant="套用與不套用各規則時的主要指標（本次載入的到訪）",
    zh_hans="套用与不套用各规则时的主要指标（本次加载的到访）",
)
EFFECT_HEADINGS = (
    Text(en="Rule", zh_hant="規則", zh_hans="规则"),
    Text(en="Measure", zh_hant="指標", zh_hans="指标"),
    Text(en="With all rules", zh_hant="套用全部規則", zh_hans="套用全部规则"),
    Text(en="Without this rule", zh_hant="不套用此規則", zh_hans="不套用此规则"),
)
COVERAGE_TITLE = Text(
    en="Days by source and branch: the largest gaps of {count}",
    zh_hant="各數據源與網點的覆蓋天數：{count} 項中缺口最大者",
    zh_hans="各数据源与网点的覆盖天数：{count} 项中缺口最大者",
)
COVERAGE_HEADINGS = (
    Text(en="Source", zh_hant="數據源", zh_hans="数据源"),
    Text(en="Table", zh_hant="表", zh_hans="表"),
    Text(en="Branch", zh_hant="網點", zh_hans="网点"),
    Text(en="Days", zh_hant="天數", zh_hans="天数"),
    Text(en="Missing", zh_hant="缺失", zh_hans="缺失"),
    Text(en="Rows", zh_hant="行數", zh_hans="行数"),
    Text(en="Without end", zh_hant="無結束", zh_hans="无结束"),
    Text(en="Suspect", zh_hant="存疑", zh_hans="存疑"),
    Text(en="Last day", zh_hant="最近日期", zh_hans="最近日期"),
)
