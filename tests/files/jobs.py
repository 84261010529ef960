"""Work that runs in worker processes of the tests."""

from __future__ import annotations

import os
import signal
import socket
import time
from pathlib import Path

import numpy as np

from analysis.decode import PhotoRejected, decode, read_header
from tracker.blanking import blank
from tracker.fence import limits

from .photos import SECRETS

GIB = 1 << 30


def try_photo(data: bytes) -> str:
    """Header, blanking, decoding within limits: the code of the refusal, or 'accepted'."""
    try:
        with limits(int(1.5 * GIB), 10, 15):
            header = read_header(data)
            clean = blank(data, header.format)
            if len(clean) != len(data) or blank(clean, header.format) != clean:
                return "BUG blanking"
            if any(secret in clean for secret in SECRETS):
                return "LEAK"
            before, after = _decoded(data), _decoded(clean)
            if before[0] == after[0] == "accepted" and before[1] != after[1]:
                return "BUG pixels"
            if before[0] == "accepted" != after[0]:
                return "accepted, blanked refused"
            return before[0]
    except PhotoRejected as refused:
        return refused.code


def _decoded(data: bytes) -> tuple[str, int, object]:
    try:
        photo = decode(data)
    except PhotoRejected as refused:
        return refused.code, 0, None
    return "accepted", hash(photo.srgb_u8.tobytes()), photo.header


def try_file(path: str) -> str:
    return try_photo(Path(path).read_bytes())


def misbehave(how: str) -> str:
    """Be a bad task in one of many ways."""
    if how == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "raise":
        raise PhotoRejected("damaged")
    if how == "connect":
        socket.create_connection(("127.0.0.1", 9), 1)
    if how == "run":
        os.system("true")
    with limits(3 * GIB, 1 if how == "spin" else 5, 1):
        if how == "memory":
            np.empty(4 * GIB, np.uint8)
        while how == "spin":
            sorted(range(10**6))
        if how == "sleep":
            time.sleep(20)
    return how
