"""What measuring a 12-megapixel JPEG costs, beside decoding it and blurring it twice."""

from __future__ import annotations

import io
import multiprocessing
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
from PIL import Image

from analysis import pipeline
from analysis.decode import decode
from analysis.phantom import (
    PhoneOptics,
    Pose,
    Recipe,
    Story,
    draw_scalp,
    photograph,
    state_on,
)


def table() -> Iterator[str]:
    """CPU seconds and peak memory of each, in a process of its own, three times in turn."""
    yield "Cost on one drawn 12-megapixel JPEG (hairline, 40 px/mm), whole process, best of three"
    data = _photo()
    jobs: dict[str, Callable[[bytes], None]] = {
        "decode, blur twice": _decode_and_blur, "decode and measure": _measure
    }  # fmt: skip
    found: dict[str, tuple[float, float]] = {}
    for _ in range(3):
        for name, job in jobs.items():
            cpu, peak = _in_child(job, data)
            found[name] = min(found.get(name, (1e9, 1e9)), (cpu, peak))
    for name, (cpu, peak) in found.items():
        yield f"{name:22} {cpu:6.2f} CPU s {peak:7.0f} MiB"
    ratio = found["decode and measure"][0] / found["decode, blur twice"][0]
    yield f"ratio of CPU time {ratio:.1f}"


def _photo() -> bytes:
    scalp = draw_scalp(Recipe(seed=70_001))
    pose = Pose(4032, 3024, 40, 44, 0, 220)
    photo = photograph(scalp, state_on(scalp, Story(), 30), pose, PhoneOptics(blur_px=1.8), seed=1)
    out = io.BytesIO()
    Image.fromarray(photo.srgb_u8).save(out, "JPEG", quality=90)
    return out.getvalue()


def _decode_and_blur(data: bytes) -> None:
    picture = decode(data).srgb_u8
    for sigma in (1.0, 2.0):
        cv2.GaussianBlur(picture, (0, 0), sigma)


def _measure(data: bytes) -> None:
    pipeline.measure(decode(data).srgb_u8)


def _in_child(job: Callable[[bytes], None], data: bytes) -> tuple[float, float]:
    """CPU seconds of the job alone and peak memory of its process, imports included."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(target=_run, args=(job, data, theirs))
    child.start()
    result: tuple[float, float] = ours.recv()
    child.join()
    return result


def _run(job: Callable[[bytes], None], data: bytes, answer: object) -> None:
    cv2.setNumThreads(1)
    start = time.process_time()
    job(data)
    cpu = time.process_time() - start
    # Not ru_maxrss: a child starts with its parent's.
    status = Path("/proc/self/status").read_text("ascii")
    peak = int(status.split("VmHWM:")[1].split()[0]) / 1024
    answer.send((cpu, peak))  # type: ignore[attr-defined]
