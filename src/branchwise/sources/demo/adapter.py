"""The adapter ``demo``: the adapter ``files`` with the mapping of the synthetic bank."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

from branchwise.core.ports import Engine
from branchwise.sources.files import read_mapped
from branchwise.sources.mapping import read_mapping
from branchwise.sources.model import Delivery


class DemoAdapter:
    """Reads the raw files of the synthetic bank.

    Examples
    --------
    >>> DemoAdapter().name
    'demo'
    """

    name = "demo"

    def read(self, path: Path, engine: Engine, *, mapping: Path | None, scratch: Path) -> Delivery:
        """Read the raw files at a path; see `FilesAdapter.read`.

        Parameters
        ----------
        path : Path
            The folder ``raw`` of a synthetic bank.
        engine : Engine
            Where the relations are made.
        mapping : Path or None
            A mapping to be used instead of the packaged one.
        scratch : Path
            A folder that must stay until the relations have been read.
        """
        if mapping is not None:
            return read_mapped(path, engine, read_mapping(mapping, self.name), scratch)
        with as_file(files("branchwise.sources.demo").joinpath("mapping.toml")) as packaged:
            return read_mapped(path, engine, read_mapping(packaged, self.name), scratch)
