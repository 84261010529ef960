"""Starting the program for tests, in every way it can be started, and talking HTTP to it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from tests.practice import PASSWORD, email

ROOT = Path(__file__).parents[2]
WAYS = ("serve", "streamlit", "uvicorn")


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def command(way: str, folder: Path, port: int) -> Sequence[str]:
    """The command line of one way to start."""
    number = str(port)
    ways: dict[str, Sequence[str]] = {
        "serve": ("-m", "tracker", "serve", "--data", str(folder), "--port", number),
        "streamlit": ("-m", "streamlit", "run", str(ROOT / "app.py"), "--server.port", number),
        "uvicorn": ("-m", "uvicorn", "app:app", "--port", number, "--app-dir", str(ROOT)),
    }
    return (sys.executable, *ways[way])


def start(
    way: str, folder: Path, port: int, cwd: Path = ROOT, *, said: Any = subprocess.PIPE, **env: str
) -> subprocess.Popen[str]:
    """Start without waiting; only `serve` is told the folder by its command line."""
    data = {} if way == "serve" else {"SMP_TRACKER_DATA": str(folder)}
    return subprocess.Popen(
        command(way, folder, port),
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **data, **env},
        stdout=said,
        stderr=subprocess.STDOUT,
        text=True,
    )


@contextmanager
def served(way: str, folder: Path, cwd: Path = ROOT) -> Iterator[str]:
    """A server in a fresh process; gives its address."""
    port = free_port()
    # A file, not a pipe that nobody reads: a full one would stop the server.
    with tempfile.TemporaryFile("w+") as said:
        process = start(way, folder, port, cwd, said=said)
        base = f"http://127.0.0.1:{port}"
        try:
            until = time.monotonic() + 90
            while not _healthy(base):
                if process.poll() is not None:
                    said.seek(0)
                    raise AssertionError(said.read())
                assert time.monotonic() < until
                time.sleep(0.1)
            yield base
        finally:
            process.terminate()
            process.wait(timeout=60)


def _healthy(base: str) -> bool:
    try:
        return fetch(f"{base}/_stcore/health").status_code == 200
    except requests.RequestException:
        return False


class Site(requests.Session):
    """An HTTP client of one site that does not follow redirects."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self.base = base
        self.headers["Origin"] = base

    def request(  # type: ignore[override]
        self, method: str, url: str, *args: Any, **kwargs: Any
    ) -> requests.Response:
        """As requests does it, below the site's address."""
        kwargs = {**kwargs, "timeout": 30, "allow_redirects": False}
        return super().request(method, self.base + url, *args, **kwargs)


def fetch(url: str, **headers: str) -> requests.Response:
    """One GET without cookies and redirects."""
    return requests.get(url, headers=headers, timeout=30, allow_redirects=False)


def sign_in(base: str, who: str) -> Site:
    """An HTTP client with a session."""
    site = Site(base)
    form = {"name": email(who), "password": PASSWORD}
    assert site.post("/account/login", data=form).status_code == 303
    return site
