"""What the web layer asks of the rest of the program, as injected functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from tracker.records import Fit, Viewer
from tracker.store import Store
from tracker.worksheet import Zone

__all__ = ["COOKIE", "RefusedError", "Services", "Upload", "Viewer", "install", "installed"]

COOKIE: Final = "smp_session"


@dataclass(frozen=True)
class Upload:
    """One photo as it arrived."""

    data: bytes
    name: str
    view: str
    sha256: str | None
    taken_on: str | None
    client: str | None


@dataclass(frozen=True)
class Sheet:
    """What a worksheet of one photo shows: its size and its places with fewer or paler dots."""

    width_px: int
    height_px: int
    zones: tuple[Zone, ...]


class RefusedError(Exception):
    """A photo was not taken; the message is shown to the person as it stands."""

    def __init__(self, sentence: str, status: int = 422) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass(frozen=True)
class Services:
    """Every call is plain and may block; the web layer runs it in a thread."""

    viewer_for: Callable[[str], Viewer | None]
    sign_in: Callable[[str, str, str], str | None]
    sign_out: Callable[[str], None]
    accept: Callable[[Viewer, Upload], dict[str, Any]]
    photo: Callable[[Viewer, str, bool], tuple[bytes, str] | None]
    fit: Callable[[Viewer, str, str], Fit]
    laid: Callable[[Viewer, str, str], tuple[bytes, str] | None]
    sheet: Callable[[Viewer, str], Sheet | None]
    worksheet: Callable[[Viewer, str, str], bytes | None]
    store: Store
    version: str
    now: Callable[[], datetime]
    today: Callable[[], date]
    demo_accounts: Sequence[tuple[str, str]] = ()


_installed: Services | None = None


def install(services: Services | None) -> None:
    """Make the services known to the pages; only the app's start and stop do this."""
    global _installed
    _installed = services


def installed() -> Services | None:
    """The services, or None when the script runs without the app (and so without its gate)."""
    return _installed
