"""A quick fuzz: mutants of every format are answered, and blanking never changes a picture."""

from __future__ import annotations

import os
from collections import Counter

import numpy as np
import pytest

from tracker.fence import run_all

from .jobs import try_photo
from .photos import photo

FORMATS = ("jpeg", "png", "webp", "heif", "avif", "tiff")
N = int(os.environ.get("SMP_FUZZ", "300"))


def mutant(data: bytes, rng: np.random.Generator) -> bytes:
    """One of seven kinds of damage."""
    out, kind = bytearray(data), rng.integers(7)
    at = int(rng.integers(len(out)))
    if kind == 0:
        return bytes(out[:at])
    if kind == 1:
        out[at] ^= 1 << int(rng.integers(8))
    elif kind == 2:
        out[at : at + 8] = rng.bytes(min(8, len(out) - at))
    elif kind == 3:
        out[at : at + 256] = bytes(min(256, len(out) - at))
    elif kind == 4:
        del out[at : at + int(rng.integers(1, 200))]
    elif kind == 5:
        out[at:at] = out[at : at + int(rng.integers(1, 200))]
    else:
        for spot in rng.integers(0, min(900, len(out)), 3):
            out[spot] = rng.integers(256)
    return bytes(out)


@pytest.mark.parametrize("kind", FORMATS)
def test_mutants_are_answered(kind: str) -> None:
    rng = np.random.default_rng(FORMATS.index(kind))
    good = photo(kind, 6, size=(96, 128))
    tasks = [mutant(good, rng) for _ in range(N)]
    found = list(run_all(try_photo, tasks, n_workers=2))
    codes = Counter(one.answer or repr(one.error or "KILLED") for one in found)
    allowed = {"accepted", "empty-file", "not-a-photo", "format-not-accepted", "damaged",
               "not-a-still-photo", "too-large", "damaged-partly", "metadata-unreadable",
               "pixels-unreadable", "too-much-memory"}  # fmt: skip
    assert codes.total() == N
    # A damaged byte can turn a private field into a harmless one, or move a pointer on to it.
    assert codes.pop("LEAK", 0) <= N // 50
    # Safe: what is stored is what is decoded, so such a photo is refused.
    assert codes.pop("accepted, blanked refused", 0) <= N // 100
    assert set(codes) <= allowed
