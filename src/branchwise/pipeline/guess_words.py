"""Texts of the draft of a mapping."""

from __future__ import annotations

from branchwise.core.languages import Text

LOOKING = Text(en="Looking at files", zh_hant="檢視檔案", zh_hans="检视文件")
TITLE = Text(
    en="{name}: {pattern} ({count} files) looks like {kind} ({share})",
    zh_hant="{name}：{pattern}（{count} 個檔案）似為{kind}（{share}）",
    zh_hans="{name}：{pattern}（{count} 个文件）似为{kind}（{share}）",
)
COLUMN_HEADINGS = (
    Text(en="Column of the file", zh_hant="檔案欄位", zh_hans="文件列"),
    Text(en="Fills", zh_hant="填入", zh_hans="填入"),
    Text(en="Confidence", zh_hant="把握", zh_hans="把握"),
    Text(en="Sample", zh_hant="樣例", zh_hans="样例"),
    Text(en="Please check", zh_hant="請核對", zh_hans="请核对"),
)
CONFIDENCES = (
    Text(en="sure", zh_hant="高", zh_hans="高"),
    Text(en="likely", zh_hant="中", zh_hans="中"),
    Text(en="unsure", zh_hant="低", zh_hans="低"),
)
CODES_TITLE = Text(
    en="Codes whose meaning only you know",
    zh_hant="僅貴行知其含義的代碼",
    zh_hans="仅贵行知其含义的代码",
)
CODE_HEADINGS = (
    Text(en="Code list", zh_hant="代碼表", zh_hans="代码表"),
    Text(en="Codes", zh_hant="代碼", zh_hans="代码"),
)
NEXT = Text(
    en="Written: {mapping}. Correct the lines marked ??, then: "
    "branchwise load {path} --mapping {mapping}",
    zh_hant="已寫入 {mapping}。請修正標有 ?? 的各行，然後執行："
    "branchwise load {path} --mapping {mapping}",
    zh_hans="已写入 {mapping}。请修正标有 ?? 的各行，然后执行："
    "branchwise load {path} --mapping {mapping}",
)
NOT_WRITTEN = Text(
    en="Nothing was written or stored; add --output mapping.toml to keep this draft.",
    zh_hant="未寫入或儲存任何內容；加上 --output mapping.toml 即可保留此草稿。",
    zh_hans="未写入或保存任何内容；加上 --output mapping.toml 即可保留此草稿。",
)
