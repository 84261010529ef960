"""Make file calls fail, or the process die, at a chosen point."""

import errno
import inspect
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing import get_context
from typing import Any
from unittest.mock import patch

from tracker import files

CALLS = [
    name
    for name, function in inspect.getmembers(files, inspect.isfunction)
    if function.__module__ == files.__name__
]


@contextmanager
def watched_file_calls(before: Callable[[str], None]) -> Iterator[None]:
    """Have a function called with the name of each file call before it happens."""

    def watched(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            before(name)
            return real(*args)

        return call

    with ExitStack() as patches:
        for name in CALLS:
            watched_call = watched(name, getattr(files, name))
            patches.enter_context(patch.object(files, name, watched_call))
        yield


@contextmanager
def failing_file_call(k: int, code: int = errno.ENOSPC) -> Iterator[None]:
    """Let file call number k fail, and only that one."""
    seen = 0

    def before(_name: str) -> None:
        nonlocal seen
        seen += 1
        if seen == k + 1:
            raise OSError(code, os.strerror(code))

    with watched_file_calls(before):
        yield


def count_file_calls(work: Callable[[], Any]) -> int:
    """Return how many file calls some work makes."""
    names: list[str] = []
    with watched_file_calls(names.append):
        work()
    return len(names)


def die() -> None:
    """End this process as a power cut would, as far as a process can."""
    os.kill(os.getpid(), signal.SIGKILL)


@contextmanager
def dying_before(name: str, number: int) -> Iterator[None]:
    """Die just before a file call: the number-th of this name ("" counts calls of any name)."""
    seen = 0

    def before(called: str) -> None:
        nonlocal seen
        if name in {"", called}:
            seen += 1
            if seen == number:
                die()

    with watched_file_calls(before):
        yield


def run_child(target: Callable[..., None], *args: Any) -> tuple[int | None, bool]:
    """Return a child's exit code and whether it acknowledged."""
    context = get_context("forkserver")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=target, args=(*args, sender))
    child.start()
    sender.close()
    child.join()
    try:
        acknowledged = receiver.poll() and receiver.recv() == "saved"
    except EOFError:
        acknowledged = False
    receiver.close()
    code = child.exitcode
    child.close()
    return code, acknowledged
