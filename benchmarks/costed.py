"""One job's CPU seconds and peak MiB: `python -m benchmarks.costed JOB FILE`.

A process of its own that loads no more than the job needs, as measuring a photo does.
"""

from __future__ import annotations

import pickle
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import cv2

from analysis import pipeline
from analysis.decode import decode
from analysis.stages import Stages


def _decode_and_blur(data: bytes) -> None:
    picture = decode(data).srgb_u8
    for sigma in (1.0, 2.0):
        cv2.GaussianBlur(picture, (0, 0), sigma)


def _detect(data: bytes) -> None:
    """Areas, level and dots, nothing told from them."""
    stages = Stages.of(decode(data).srgb_u8)
    assert stages.level
    assert len(stages.found)


def _measure(data: bytes) -> None:
    pipeline.measure(decode(data).srgb_u8)


def _peer(data: bytes) -> Callable[[], object]:
    from benchmarks.peers import TUNED

    name, task = pickle.loads(data)
    find, first, second = TUNED[name]
    return partial(find, task, first, second)


JOBS: dict[str, Callable[[bytes], Callable[[], object]]] = {
    "decode": lambda data: partial(decode, data),
    "decode and blur": lambda data: partial(_decode_and_blur, data),
    "detect": lambda data: partial(_detect, data),
    "measure": lambda data: partial(_measure, data),
    "peer": _peer,
}


def main() -> None:
    """Only the job itself is timed; the peak is the whole process's."""
    name, file = sys.argv[1:]
    cv2.setNumThreads(1)
    job = JOBS[name](Path(file).read_bytes())
    start = time.process_time()
    job()
    cpu = time.process_time() - start
    # Not ru_maxrss: a child starts with its parent's.
    status = Path("/proc/self/status").read_text("ascii")
    print(cpu, int(status.split("VmHWM:")[1].split()[0]) / 1024)


if __name__ == "__main__":
    main()
