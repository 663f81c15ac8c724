"""What `check` says of clocks and of transactions stitched to visits, source by source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from branchwise.cleaning.stitching import Stitching
from branchwise.core.languages import Language, Text
from branchwise.core.tabulation import Tabulation


def stitching_table(found: Iterable[Stitching], language: Language) -> Tabulation:
    """Return one row a source: its branches, rows, stitched share and clocks.

    Parameters
    ----------
    found : iterable of Stitching
        What stitching found, branch by branch.
    language : {"en", "zh-Hant", "zh-Hans"}
        The language of headings and reasons.
    """
    sources: dict[str, list[Stitching]] = {}
    for one in found:
        sources.setdefault(one.data_source_id, []).append(one)
    return Tabulation(
        title=TITLE.read_in(language),
        columns=tuple(heading.read_in(language) for heading in HEADINGS),
        rows=tuple(_row(source, rows, language) for source, rows in sorted(sources.items())),
        notes=(NOTE.read_in(language),),
    )


def _row(source: str, rows: Sequence[Stitching], language: Language) -> tuple[object, ...]:
    told = [row for row in rows if row.count_stitched is not None]
    stitched = sum(row.count_stitched or 0 for row in told)
    drifts = [row.drift_seconds for row in rows if row.drift_seconds is not None]
    return (
        source,
        len(rows),
        sum(row.count for row in rows),
        f"{stitched / sum(row.count for row in told):.1%}" if told else None,
        f"{min(drifts):.0f} … {max(drifts):.0f}" if drifts else None,
        sum(row.is_off or row.is_steady is False for row in rows) if drifts else None,
        _reasons(rows, language),
    )


def _reasons(rows: Iterable[Stitching], language: Language) -> str | None:
    counted = Counter(row.reason for row in rows if row.reason)
    return (
        "; ".join(
            f"{REASONS[reason].read_in(language)} ({many})"
            for reason, many in counted.most_common()
        )
        or None
    )


TITLE = Text(
    en="Transactions stitched to visits, and clocks against the transactions' clock",
    zh_hant="交易與到訪的匹配，以及各來源時鐘與交易系統的偏差",
    zh_hans="交易与到访的匹配，以及各来源时钟与交易系统的偏差",
)
HEADINGS = (
    Text(en="Source", zh_hant="來源", zh_hans="来源"),
    Text(en="Branches", zh_hant="網點數", zh_hans="网点数"),
    Text(en="Visits or transactions", zh_hant="到訪或交易", zh_hans="到访或交易"),
    Text(en="Stitched", zh_hant="匹配率", zh_hans="匹配率"),
    Text(en="Drift (s)", zh_hant="時鐘偏差（秒）", zh_hans="时钟偏差（秒）"),
    Text(en="Clocks off", zh_hant="時鐘不準網點", zh_hans="时钟不准网点"),
    Text(
        en="Not told, at branches", zh_hant="無法判斷者（網點數）", zh_hans="无法判断者（网点数）"
    ),
)
NOTE = Text(
    en="Drift: lowest and highest branch; positive where the source's clock is ahead. Clocks off: "
    "zero is outside the range that fits, or the clock wanders. By branch with --json.",
    zh_hant="時鐘偏差：各網點中最小與最大者，正數為該來源時鐘超前。時鐘不準：零不在相符的區間內，"
    "或時鐘忽快忽慢。各網點明細請用 --json。",
    zh_hans="时钟偏差：各网点中最小与最大者，正数为该来源时钟超前。时钟不准：零不在相符的区间内，"
    "或时钟忽快忽慢。各网点明细请用 --json。",
)
REASONS = {
    "no_transactions": Text(en="no transactions", zh_hant="沒有交易", zh_hans="没有交易"),
    "no_visits": Text(en="no visits", zh_hant="沒有到訪", zh_hans="没有到访"),
    "nothing_in_common": Text(
        en="no teller or machine in common",
        zh_hant="兩邊沒有共同的櫃員或設備",
        zh_hans="两边没有共同的柜员或设备",
    ),
    "no_agreement": Text(
        en="too few, or no agreement within 20 minutes",
        zh_hant="筆數太少，或 20 分鐘以內不相符",
        zh_hans="笔数太少，或 20 分钟以内不相符",
    ),
}
