"""The two things that hold state: the database and the original photos, in one folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from tracker.originals import LocalOriginals
from tracker.store import Store


@dataclass(frozen=True)
class Archive:
    """An opened installation."""

    folder: Path
    store: Store
    originals: LocalOriginals

    @classmethod
    def open(cls, folder: Path) -> Archive:
        """Open an installation's folder, made if it is not there."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return cls(folder, Store(folder / "db" / "tracker.sqlite3"), LocalOriginals(folder))

    def close(self) -> None:
        """Finish waiting writes and close."""
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
