"""The workspace: one directory that holds everything branchwise knows about one bank."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from branchwise.core.errors import Where, failure
from branchwise.tables.assumptions import (
    Assumptions,
    default_assumptions,
    load_assumptions,
    write_template,
)
from branchwise.warehouse.files import write_whole

FORMAT = 1
SETTINGS = "branchwise.toml"
CURRENCY = "[A-Z]{3}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank:
    """What is said once about a bank.

    Attributes
    ----------
    name : str
        Its name, as people read it on reports.
    country : str
        ISO 3166 code of its public holidays, such as ``CN``, ``TW`` or ``HK``.
    currency : str
        ISO 4217 code of its amounts and of what its assumptions cost.
    timezone : str
        IANA name; used where neither a source nor a branch says otherwise.
    """

    name: str = "Bank"
    country: str = "CN"
    currency: str = field(default_factory=lambda: default_assumptions().currency)
    timezone: str = "Asia/Shanghai"


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """An open workspace.

    Attributes
    ----------
    root : Path
        Its directory.
    bank : Bank
        The settings of ``branchwise.toml``.

    Examples
    --------
    >>> import tempfile
    >>> root = Path(tempfile.mkdtemp()) / "bank"
    >>> Workspace.create(root, Bank(name="示範銀行", country="TW", currency="TWD")).bank.name
    '示範銀行'
    >>> Workspace.open(root).warehouse.name
    'warehouse'
    """

    root: Path
    bank: Bank = field(default_factory=Bank)

    @classmethod
    def create(cls, root: Path, bank: Bank | None = None) -> Workspace:
        """Make a workspace, or open the one that is there.

        Settings that exist are never overwritten.

        Raises
        ------
        BranchwiseError
            [BW-WHS-004] if the directory cannot be written; as `open` if there is one already.
        """
        if (root / SETTINGS).exists():
            return cls.open(root)
        workspace = cls(root=root, bank=bank or Bank())
        try:
            root.mkdir(parents=True, exist_ok=True)
            write_whole(root / SETTINGS, _settings(workspace.bank))
            if not workspace.assumptions.exists():
                write_template(workspace.assumptions)
        except OSError as error:
            raise failure(
                "BW-WHS-004", Where(place=str(root)), root=root, reason=error.strerror
            ) from error
        return workspace

    @classmethod
    def open(cls, root: Path) -> Workspace:
        """Open a workspace; nothing is written.

        Raises
        ------
        BranchwiseError
            [BW-WHS-001] if there is none, [BW-WHS-002] if a newer program made it, [BW-WHS-003]
            if its settings cannot be read.
        """
        path = root / SETTINGS
        if not path.is_file():
            raise failure("BW-WHS-001", Where(place=str(path)), root=root)
        try:
            settings = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise _unreadable(root, str(error)) from error
        found = settings.get("format")
        if not isinstance(found, int):
            raise _unreadable(root, "format?")
        if found > FORMAT:
            raise failure(
                "BW-WHS-002", Where(place=str(path)), root=root, found=found, known=FORMAT
            )
        return cls(root=root, bank=_bank(root, settings.get("bank", {})))

    @property
    def warehouse(self) -> Path:
        """Directory of the versioned tables."""
        return self.root / "warehouse"

    @property
    def plans(self) -> Path:
        """Directory of the plans."""
        return self.root / "plans"

    @property
    def reports(self) -> Path:
        """Directory of the reports."""
        return self.root / "reports"

    @property
    def feeds(self) -> Path:
        """Directory of how far databases and servers were loaded."""
        return self.root / "feeds"

    @property
    def assumptions(self) -> Path:
        """File of costs, wages and standards, each a default or the bank's own."""
        return self.root / "assumptions.toml"

    def read_assumptions(self) -> Assumptions:
        """Return the assumptions in force, in the bank's currency.

        Raises
        ------
        BranchwiseError
            [BW-TAB-011] to [BW-TAB-014] if the file cannot be used.
        """
        return load_assumptions(self.assumptions, currency=self.bank.currency)

    @property
    def pseudonym_key(self) -> Path:
        """File of the key of the pseudonyms; readable by its owner only."""
        return self.root / "pseudonym.key"


def _settings(bank: Bank) -> str:
    lines = [
        "# A workspace of branchwise. `format` is the program's; the rest is yours to edit.",
        f"format = {FORMAT}",
        "",
        "[bank]",
        *(f"{name} = {_toml_text(value)}" for name, value in asdict(bank).items()),
    ]
    return "\n".join(lines) + "\n"


def _toml_text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _bank(root: Path, table: Any) -> Bank:  # noqa: ANN401 - whatever a person typed
    known = asdict(Bank())
    if not isinstance(table, dict):
        raise _unreadable(root, "[bank]?")
    for name, value in table.items():
        if name not in known:
            raise _unreadable(root, f"[bank] {name}?")
        if not isinstance(value, str) or not value.strip():
            raise _unreadable(root, f"[bank] {name} = {value!r}")
    bank = Bank(**{**known, **table})
    if not re.fullmatch(CURRENCY, bank.currency):
        raise _unreadable(root, f"[bank] currency = {bank.currency!r}")
    try:
        ZoneInfo(bank.timezone)
    except (KeyError, ValueError, OSError) as error:
        raise _unreadable(root, f"[bank] timezone = {bank.timezone!r}") from error
    return bank


def _unreadable(root: Path, reason: str) -> Exception:
    return failure("BW-WHS-003", Where(place=str(root / SETTINGS)), root=root, reason=reason)
