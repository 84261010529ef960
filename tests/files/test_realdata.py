"""Opt-in: real files, named by SMP_REALDATA. Nothing is written, only codes are shown."""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from analysis.decode import decode, read_header
from tracker.blanking import blank
from tracker.fence import run_all

from .jobs import try_file

ROOT = Path(os.environ.get("SMP_REALDATA", "/nonexistent"))
pytestmark = pytest.mark.skipif(not ROOT.is_dir(), reason="SMP_REALDATA is unset")


def codes_of(paths: list[Path]) -> dict[str, str]:
    found = run_all(try_file, [str(path) for path in paths], n_workers=2)
    return {one.task: one.answer or repr(one.error or "KILLED") for one in found}


def test_malformed_files_are_answered() -> None:
    paths = [p for p in sorted((ROOT / "malformed").rglob("*")) if p.is_file()]
    codes = codes_of(paths)
    wrong = {p: c for p, c in codes.items() if "BUG" in c or "(" in c or "KILLED" in c}
    assert wrong == {}


@pytest.mark.parametrize("folder", ["smp", "scalp_views", "metadata", "trichoscopy"])
def test_good_photos_are_accepted(folder: str) -> None:
    endings = {".jpg", ".heic"}
    paths = [p for p in sorted((ROOT / folder).rglob("*")) if p.suffix.lower() in endings]
    codes = codes_of(paths)
    assert len(codes) == len(paths) > 5
    assert {Path(p).name: c for p, c in codes.items() if c != "accepted"} == {}


@pytest.mark.parametrize("name", ["Landscape", "Portrait"])
def test_orientations_look_alike(name: str) -> None:
    small = []
    for n in range(1, 9):
        pixels = decode((ROOT / f"metadata/orientation/{name}_{n}.jpg").read_bytes()).srgb_u8
        small.append(cv2.resize(pixels, (48, 48), interpolation=cv2.INTER_AREA).astype(int))
    means = [float(np.abs(one - small[0]).mean()) for one in small[1:]]
    flipped = [np.abs(small[0] - other).mean() for other in (small[0][::-1], small[0][:, ::-1])]
    assert max(means) < 0.5 * min(flipped)


@pytest.mark.parametrize("path", ["gps/DSCN0010.jpg", "gps/DSCN0012.jpg", "heic/IMG_5195.HEIC",
                                  "heic/xiaomi.heic"])  # fmt: skip
def test_place_is_gone(path: str) -> None:
    data = (ROOT / "metadata" / path).read_bytes()
    header = read_header(data)
    clean = blank(data, header.format)
    assert header.taken_at
    assert header.make
    assert read_header(clean) == header
    assert blank(clean, header.format) == clean
    before, after = decode(data), decode(clean)
    assert np.array_equal(before.srgb_u8, after.srgb_u8)
    if header.format == "jpeg":
        import io

        from PIL import Image

        assert not Image.open(io.BytesIO(clean)).getexif().get_ifd(0x8825)
    else:
        import pillow_heif

        info = pillow_heif.open_heif(clean).info
        assert b"GPS" not in info["exif"]
        assert not (info.get("xmp") or b"").strip(b"\0")
