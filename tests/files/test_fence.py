"""The fence: limits bite, are lifted again, and the pool outlives its workers."""

from __future__ import annotations

import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import pytest

from analysis.decode import PhotoRejected
from tracker.fence import limits, run_all

from .jobs import misbehave

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX limits")


def test_every_misbehaviour_has_its_outcome() -> None:
    started = time.monotonic()
    tasks = ["good", "kill", "raise", "connect", "run", "sleep", "memory", "fine", "last"]
    found = {outcome.task: outcome for outcome in run_all(misbehave, tasks, n_workers=2)}
    assert sorted(found) == sorted(tasks)
    assert {task for task, one in found.items() if one.killed} == {"kill", "sleep"}
    assert {task for task, one in found.items() if one.answer == task} == {"good", "fine", "last"}
    assert isinstance(found["raise"].error, PhotoRejected)
    assert isinstance(found["connect"].error, PermissionError)
    assert isinstance(found["run"].error, PermissionError)
    assert isinstance(found["memory"].error, MemoryError)
    assert time.monotonic() - started < 20


def test_too_much_processor_time_kills() -> None:
    (only,) = run_all(misbehave, ["spin"], n_workers=1)
    assert only.killed


def test_workers_that_cannot_start_are_not_blamed_on_the_tasks() -> None:
    def broken_pool(n_workers: int) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(n_workers, get_context("spawn"), initializer=os.abort)

    with pytest.raises(RuntimeError, match="cannot start"):
        list(run_all(misbehave, ["good"], n_workers=1, make_executor=broken_pool))


def test_limits_are_lifted() -> None:
    import resource
    import signal

    def now() -> list[object]:
        return [resource.getrlimit(resource.RLIMIT_AS), resource.getrlimit(resource.RLIMIT_CPU),
                signal.getsignal(signal.SIGALRM), signal.getitimer(signal.ITIMER_REAL)]  # fmt: skip

    before = now()
    with pytest.raises(KeyError), limits(2 << 30, 5, 5):
        _raise_if(now() != before)
    assert now() == before


def test_any_executor_will_do() -> None:
    tasks = ["raise", "a", "b", "c"]
    found = list(run_all(_upper, tasks, n_workers=2, make_executor=ThreadPoolExecutor))
    assert sorted(str(one.answer) for one in found) == ["A", "B", "C", "None"]


def _raise_if(condition: bool) -> None:
    if condition:
        raise KeyError


def _upper(task: str) -> str:
    if task == "raise":
        raise ValueError(task)
    return task.upper()
