"""What a draft asks a person to look at, in three languages."""

from __future__ import annotations

from branchwise.core.languages import Text

FILL_IN = Text(
    en="fill in the meanings of the code list {name}",
    zh_hant="請補上代碼表 {name} 的含義",
    zh_hans="请补上代码表 {name} 的含义",
)
NO_YEAR = Text(
    en="the dates have no year; {year} is taken",
    zh_hant="日期未含年份，以 {year} 年計",
    zh_hans="日期未含年份，按 {year} 年计",
)
DAY_OF_FILE = Text(
    en="the day is taken from the file's name",
    zh_hant="日期取自檔名",
    zh_hans="日期取自文件名",
)
MINOR_UNITS = Text(
    en="taken as minor units (分), since it is padded with zeros",
    zh_hant="因以零補位，視為以分計",
    zh_hans="因以零补位，视为以分计",
)
WHOLE_UNITS = Text(
    en="taken as whole units (元); if they are minor units, leave out * 100",
    zh_hant="視為以元計；若以分計，請刪去 * 100",
    zh_hans="视为以元计；若以分计，请删去 * 100",
)
NOT_RATED = Text(
    en="{value} is taken as not rated",
    zh_hant="{value} 視為未評價",
    zh_hans="{value} 视为未评价",
)
BRANCH_FIRST = Text(
    en="the branch is taken from the first digits of the code",
    zh_hant="網點取自代碼前幾位",
    zh_hans="网点取自代码前几位",
)
BRANCH_CUT_OUT = Text(
    en="the branch is cut out of the code",
    zh_hant="網點截取自代碼",
    zh_hans="网点截取自代码",
)
BRANCH_OF_DEVICE = Text(
    en="the branch is cut out of the device number",
    zh_hant="網點截取自設備號",
    zh_hans="网点截取自设备号",
)
KIND_OF_DEVICE = Text(
    en="told by the first letters of the device number",
    zh_hant="依設備號首幾個字母判斷",
    zh_hans="按设备号首几个字母判断",
)
TOLD_BY_TIMES = Text(
    en="told by which times are filled, not by the code's name",
    zh_hant="依哪些時間有值判斷，並非依代碼名稱",
    zh_hans="按哪些时间有值判断，并非按代码名称",
)
UNKNOWN_CODES = Text(
    en="unknown codes: {codes}",
    zh_hant="含義不明的代碼：{codes}",
    zh_hans="含义不明的代码：{codes}",
)
CHECK_DIGITS = Text(
    en="check what the digits mean",
    zh_hant="請核對各數字的含義",
    zh_hans="请核对各数字的含义",
)
