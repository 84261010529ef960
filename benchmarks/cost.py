"""What measuring a photo costs, beside decoding it and blurring it twice, and beside the peers."""

from __future__ import annotations

import io
import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np
from PIL import Image

from analysis.phantom import (
    PhoneOptics,
    Photograph,
    Pose,
    Recipe,
    Story,
    draw_scalp,
    photograph,
    state_on,
)
from benchmarks.peers import TUNED, Task
from tracker.fence import THREAD_SETTINGS

SIZES_MP = (2, 6, 12, 24, 48)
DRAWN_MP, ROUNDS = 12, 2
LONGEST_S, CROP = 60.0, 4


def table() -> Iterator[str]:
    """CPU seconds and peak memory, each in a process of its own; best of two, in turn."""
    photo = _photo(px_per_mm=40)
    yield "Cost, whole process on one thread, best of two. One drawn 12-megapixel hairline at"
    yield "40 px/mm, enlarged or shrunk for the other sizes, as JPEG of quality 90; and all of a"
    yield "head's front, whose dots are too small to be measured at half the photo's size."
    yield f"{'':24}{'CPU s':>8}{'/ decode + 2 blurs':>21}{'peak MiB':>10}{'/ same':>8}"
    for size_mp in SIZES_MP:
        yield _size_line(f"measure {size_mp} MP", _jpeg(photo, size_mp))
    whole = _jpeg(_photo(px_per_mm=16), DRAWN_MP)
    yield _size_line(f"{DRAWN_MP} MP, dots of 5 px", whole)
    yield "Of measuring, without decoding: finding the dots, and what all numbers add to it"
    yield _share_line("40 px/mm", _jpeg(photo, DRAWN_MP))
    yield _share_line("dots of 5 px", whole)
    yield "Peers on the 12 megapixels, given the density map, the area and the true diameter"
    base = _best("decode and blur", _jpeg(photo, DRAWN_MP))[0]
    task = Task.of(photo)
    for name in TUNED:
        yield _peer_line(name, task, base)


def _size_line(what: str, data: bytes) -> str:
    base, base_mib = _best("decode and blur", data)
    cpu, mib = _best("measure", data)
    return f"{what:24}{cpu:8.2f}{cpu / base:21.1f}{mib:10.0f}{mib / base_mib:8.1f}"


def _share_line(what: str, data: bytes) -> str:
    decoding, finding, measuring = (_best(job, data)[0] for job in ("decode", "detect", "measure"))
    found, told = finding - decoding, measuring - finding
    return f"{what:24}{found:8.2f} s{told:8.2f} s, {told / found:.2f} of it"


def _peer_line(name: str, task: Task, base: float) -> str:
    """A peer that would take longer than a minute runs on a sixteenth only."""
    height, width = (side // CROP for side in task.od.shape)
    window = (slice(height, 2 * height), slice(width, 2 * width))
    part = replace(task, od=task.od[window].copy(), region=task.region[window].copy())
    cpu, note = _best("peer", pickle.dumps((name, part)))[0] * CROP**2, "  (from a sixteenth)"
    if cpu < LONGEST_S:
        cpu, note = _best("peer", pickle.dumps((name, task)))[0], ""
    return f"{name:24}{cpu:8.2f}{cpu / base:21.1f}{note}"


def _photo(px_per_mm: float) -> Photograph:
    scalp = draw_scalp(Recipe(seed=70_001))
    pose = Pose(4032, 3024, px_per_mm, 50, 0, 220)
    optics = PhoneOptics(blur_px=0.045 * px_per_mm)
    return photograph(scalp, state_on(scalp, Story(), 30), pose, optics, seed=1)


def _jpeg(photo: Photograph, size_mp: int) -> bytes:
    times = np.sqrt(size_mp / DRAWN_MP)
    way = cv2.INTER_AREA if times < 1 else cv2.INTER_CUBIC
    sized = cv2.resize(photo.srgb_u8, None, fx=times, fy=times, interpolation=way)
    out = io.BytesIO()
    Image.fromarray(sized).save(out, "JPEG", quality=90)
    return out.getvalue()


def _best(job: str, data: bytes) -> tuple[float, float]:
    """Least CPU seconds and peak MiB of some rounds."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        rounds = [_in_child(job, file.name) for _ in range(ROUNDS)]
    return min(cpu for cpu, _ in rounds), min(mib for _, mib in rounds)


def _in_child(job: str, file: str) -> tuple[float, float]:
    """See `benchmarks.costed`."""
    # Read when numpy is first imported; idle threads that spin would count as work.
    alone = {**os.environ, **dict.fromkeys(THREAD_SETTINGS, "1")}
    command = [sys.executable, "-m", "benchmarks.costed", job, file]
    told = subprocess.run(command, env=alone, check=True, capture_output=True, text=True).stdout
    cpu, mib = (float(part) for part in told.split())
    return cpu, mib


if __name__ == "__main__":
    for line in table():
        print(line, flush=True)
