"""Limits for work on hostile bytes, inside a worker; and a pool that outlives its workers."""

from __future__ import annotations

import concurrent.futures
import math
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

Task = TypeVar("Task")
Answer = TypeVar("Answer")
THREAD_SETTINGS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
FORBIDDEN = frozenset(
    {"socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo"}
    | {"socket.gethostbyname", "socket.gethostbyaddr", "subprocess.Popen", "os.system"}
    | {"os.exec", "os.posix_spawn", "os.fork", "os.forkpty"}
)
DEATHS_ALLOWED = 2


@contextmanager
def limits(address_space_bytes: int, cpu_s: float, wall_s: float) -> Iterator[None]:
    """Limit memory, processor and wall time of a stretch of code in a worker's main thread.

    Too much memory is a MemoryError; too much time kills the process, even inside C code, for
    which the default action of the signals is set. Does nothing on systems without them.
    """
    if sys.platform == "win32":
        yield
        return
    import resource

    memory, cpu = resource.getrlimit(resource.RLIMIT_AS), resource.getrlimit(resource.RLIMIT_CPU)
    used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    handler = signal.signal(signal.SIGALRM, signal.SIG_DFL)
    try:
        resource.setrlimit(resource.RLIMIT_AS, (_under(address_space_bytes, memory[1]), memory[1]))
        resource.setrlimit(resource.RLIMIT_CPU, (_under(math.ceil(used + cpu_s), cpu[1]), cpu[1]))
        signal.setitimer(signal.ITIMER_REAL, wall_s)
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        resource.setrlimit(resource.RLIMIT_CPU, cpu)
        resource.setrlimit(resource.RLIMIT_AS, memory)


def _under(wanted: int, hard: int) -> int:
    """A soft limit that its hard limit allows (a negative one means none)."""
    return wanted if hard < 0 else min(wanted, hard)


def start_worker() -> None:
    """Initialise a worker: one thread, and no way to the network or to other programs."""
    for name in THREAD_SETTINGS:
        os.environ[name] = "1"
    import cv2

    cv2.setNumThreads(1)
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold the photo
    sys.addaudithook(_refuse_network)


def _refuse_network(event: str, arguments: tuple[object, ...]) -> None:
    if event in FORBIDDEN:
        raise PermissionError(f"a worker may not do {event}")


def process_pool(n_workers: int) -> Executor:
    """Fresh processes, so that no open database or lock is inherited."""
    for name in THREAD_SETTINGS:  # read when numpy is first imported, before start_worker runs
        os.environ.setdefault(name, "1")
    return concurrent.futures.ProcessPoolExecutor(
        n_workers, multiprocessing.get_context("spawn"), initializer=start_worker
    )


@dataclass(frozen=True, slots=True)
class Outcome(Generic[Task, Answer]):
    """What became of a task: its answer, or the error; `killed` when it killed its workers."""

    task: Task
    answer: Answer | None = None
    error: Exception | None = None
    killed: bool = False


@dataclass(slots=True)
class _Waiting(Generic[Task]):
    task: Task
    deaths: int = 0


def run_all(
    work: Callable[[Task], Answer],
    tasks: Sequence[Task],
    *,
    n_workers: int,
    make_executor: Callable[[int], Executor] = process_pool,
) -> Iterator[Outcome[Task, Answer]]:
    """Yield the outcome of every task as it comes, whatever happens to the workers.

    When the pool breaks, those under way are tried again one by one; a task that saw its
    worker die twice (the second time alone) is answered as killed.
    """
    waiting = [_Waiting(task) for task in reversed(tasks)]
    suspects: list[_Waiting[Task]] = []
    while waiting or suspects:
        alone = bool(suspects)
        queue, width = (suspects, 1) if alone else (waiting, 2 * n_workers)
        broken = yield from _run_until_broken(
            work, queue, make_executor(1 if alone else n_workers), width
        )
        for one in broken:
            one.deaths += 1
            if one.deaths >= DEATHS_ALLOWED:
                yield Outcome(one.task, killed=True)
            else:
                suspects.append(one)


def _check_it_starts(executor: Executor) -> None:
    """A pool whose workers cannot even start must not be blamed on the photos."""
    try:
        executor.submit(_nothing).result()
    except concurrent.futures.BrokenExecutor as error:
        raise RuntimeError("the worker processes cannot start") from error


def _nothing() -> None:
    """Sent to see whether a worker answers."""


def _run_until_broken(
    work: Callable[[Task], Answer],
    queue: list[_Waiting[Task]],
    executor: Executor,
    width: int,
) -> Generator[Outcome[Task, Answer], None, list[_Waiting[Task]]]:
    """Work a queue off; return what was under way when the pool broke (nothing: all done)."""
    under_way: dict[Future[Answer], _Waiting[Task]] = {}
    broken: list[_Waiting[Task]] = []
    alive = True
    _check_it_starts(executor)
    try:
        while (queue and alive) or under_way:
            while queue and alive and len(under_way) < width:
                one = queue.pop()
                try:
                    under_way[executor.submit(work, one.task)] = one
                except concurrent.futures.BrokenExecutor:
                    queue.append(one)  # it never started
                    alive = False
            done, _ = concurrent.futures.wait(
                under_way, return_when=concurrent.futures.FIRST_COMPLETED
            )
            for future in done:
                one = under_way.pop(future)
                error = future.exception()
                if isinstance(error, concurrent.futures.BrokenExecutor):
                    broken.append(one)
                    alive = False
                elif isinstance(error, Exception):
                    yield Outcome(one.task, error=error)
                else:
                    yield Outcome(one.task, future.result())
    finally:
        executor.shutdown(wait=alive and not under_way, cancel_futures=True)
    return broken
