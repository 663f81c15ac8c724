"""``init``: make a workspace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from branchwise.core.languages import Language, Text
from branchwise.core.tabulation import Tabulation
from branchwise.warehouse.workspace import SETTINGS, Bank, Workspace

MADE = Text(en="Workspace", zh_hant="工作區", zh_hans="工作区")
NEXT = Text(
    en="Next: set the bank's name, country and currency in {settings}, then `branchwise load`.",
    zh_hant="下一步：於 {settings} 填入行名、所在地與幣別，再執行 `branchwise load`。",
    zh_hans="下一步：在 {settings} 填入行名、所在地与币种，再执行 `branchwise load`。",
)
HEADINGS = (
    Text(en="Bank", zh_hant="銀行", zh_hans="银行"),
    Text(en="Country", zh_hant="所在地", zh_hans="所在地"),
    Text(en="Currency", zh_hant="幣別", zh_hans="币种"),
    Text(en="Time zone", zh_hant="時區", zh_hans="时区"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class InitReport:
    """The workspace that was made, or was there already.

    Attributes
    ----------
    root : Path
        Its directory.
    bank : Bank
        Its settings.
    """

    root: Path
    bank: Bank

    def as_json(self) -> dict[str, Any]:
        """Return the ``result`` of the JSON document."""
        return {
            "workspace": str(self.root),
            "settings": str(self.root / SETTINGS),
            "bank": {
                "name": self.bank.name,
                "country": self.bank.country,
                "currency": self.bank.currency,
                "timezone": self.bank.timezone,
            },
        }

    def as_tables(self, language: Language) -> Sequence[Tabulation]:
        """Return the table for people."""
        bank = self.bank
        return (
            Tabulation(
                title=f"{MADE.read_in(language)} {self.root}",
                columns=tuple(heading.read_in(language) for heading in HEADINGS),
                rows=((bank.name, bank.country, bank.currency, bank.timezone),),
                notes=(NEXT.filled(settings=self.root / SETTINGS).read_in(language),),
            ),
        )


def init(root: Path) -> InitReport:
    """Make a workspace in a directory, or leave the one that is there as it is.

    Parameters
    ----------
    root : Path
        The directory.

    Raises
    ------
    BranchwiseError
        [BW-WHS-004] if the directory cannot be written; as `Workspace.open` if it holds a
        workspace that cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> init(Path(tempfile.mkdtemp())).bank.timezone
    'Asia/Shanghai'
    """
    workspace = Workspace.create(root)
    return InitReport(root=root, bank=workspace.bank)
