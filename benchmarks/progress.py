"""How far a long benchmark is, on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

Part = TypeVar("Part")
_EVERY_S = 20.0


def shown(parts: Iterable[Part], total: int, what: str) -> Iterator[Part]:
    """The parts as they come; about three times a minute a line says how many of them there are."""
    said = time.monotonic()
    for done, part in enumerate(parts, start=1):
        yield part
        if done == total or time.monotonic() - said > _EVERY_S:
            said = time.monotonic()
            print(f"{what}: {done} of {total}", file=sys.stderr, flush=True)
