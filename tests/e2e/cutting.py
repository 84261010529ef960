"""A small TCP proxy that cuts the connection in the middle of an upload."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self


class CuttingProxy:
    """Passes everything on, but resets the first `cuts` uploads after `after` bytes."""

    def __init__(self, base: str, *, after: int, cuts: int) -> None:
        host, port = base.removeprefix("http://").split(":")
        self._target = (host, int(port))
        self._after = after
        self._cuts = cuts
        self.posts = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.base = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                browser, _ = self._listener.accept()
                threading.Thread(target=self._pass_on, args=(browser,), daemon=True).start()

    def _pass_on(self, browser: socket.socket) -> None:
        with browser, socket.create_connection(self._target) as server:
            up = threading.Thread(target=self._pump, args=(browser, server, True), daemon=True)
            up.start()
            self._pump(server, browser, False)
            up.join()

    def _pump(self, one: socket.socket, other: socket.socket, up: bool) -> None:
        left: int | None = None
        with suppress(OSError):
            while data := one.recv(65536):
                if up and data.startswith(b"POST /api/photos"):
                    self.posts += 1
                    left = self._after if self.posts <= self._cuts else None
                if left is not None:
                    data, left = data[:left], left - len(data)
                other.sendall(data)
                if left is not None and left <= 0:
                    _reset(one)
                    _reset(other)
                    return
        with suppress(OSError):
            other.shutdown(socket.SHUT_WR)


def _reset(sock: socket.socket) -> None:
    """Close so that the other side sees a reset, not an orderly end."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
    sock.close()
