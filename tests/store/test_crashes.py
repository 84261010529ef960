"""SIGKILL at each step of keeping a photo, and each file call failing in turn.

A row never exists without its bytes, an acknowledged photo is never lost, a retry gives one row.
"""

import errno
import os
import signal
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import event

from tests.store.faults import count_file_calls, die, dying_before, failing_file_call, run_child
from tests.store.makers import SYSTEM, make_photo
from tracker import files
from tracker.errors import Refused
from tracker.originals import LocalOriginals
from tracker.records import Client
from tracker.store import Store, audit, photos

ROUNDS = 3
STEPS = (
    "start",
    "half a temporary file",
    "whole file",
    "file synced",
    "folders synced",
    "renamed",
    "folder synced",
    "begun",
    "photo row",
    "audit row",
    "committed",
)
# The step is reached just before the call of this name and number
FILE_STEPS = {
    "start": ("create", 1),
    "whole file": ("fsync", 1),
    "file synced": ("close", 1),
    "folders synced": ("replace", 1),
    "renamed": ("fsync_path", 3),
}
SQL_STEPS = {"begun": "BEGIN IMMEDIATE", "photo row": "INSERT INTO photo", "audit row": "audit"}


def keep(root: Path, store: Store, client: Client, data: bytes) -> photos.Kept:
    """Keep a photo the way intake does: bytes first, then the row."""
    stored = LocalOriginals(root).put_if_absent(client.id, data)
    return photos.add_photo(store, SYSTEM, make_photo(client, data, stored_sha256=stored))


def half_write(descriptor: int, data: bytes) -> None:
    os.write(descriptor, data[: len(data) // 2])
    die()


def die_after_statement(store: Store, beginning: str) -> None:
    def after(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if beginning in statement.split("(", maxsplit=1)[0]:
            die()

    event.listen(store._writer._engine, "after_cursor_execute", after)


def keep_and_die(root: Path, client: Client, data: bytes, step: str, answer: Any) -> None:
    """Run in a child process: die at a step; only what is sent was acknowledged."""
    store = Store(root / "db" / "tracker.sqlite3")
    LocalOriginals(root)
    if step in SQL_STEPS:
        die_after_statement(store, SQL_STEPS[step])
    stored = put_and_die(root, client, data, step)
    photos.add_photo(store, SYSTEM, make_photo(client, data, stored_sha256=stored))
    if step == "committed":
        die()
    answer.send("saved")


def put_and_die(root: Path, client: Client, data: bytes, step: str) -> str:
    originals = LocalOriginals(root)
    if step == "half a temporary file":
        with patch.object(files, "write_all", half_write):
            return originals.put_if_absent(client.id, data)
    if step in FILE_STEPS:
        with dying_before(*FILE_STEPS[step]):
            return originals.put_if_absent(client.id, data)
    stored = originals.put_if_absent(client.id, data)
    if step == "folder synced":
        die()
    return stored


def check_rows_have_bytes(root: Path, store: Store, client: Client) -> set[str]:
    """Return the received hashes of all rows, each with its bytes and its audit row."""
    originals = LocalOriginals(root)
    rows = photos.photos(store, SYSTEM, client.id)
    for row in rows:
        assert len(originals.read(client.id, row.stored_sha256)) == row.n_bytes
    assert len(audit.deeds(store, SYSTEM)) == len(rows)
    return {row.received_sha256 for row in rows}


@pytest.mark.parametrize("step", [*STEPS, "no crash"])
def test_kill(tmp_path: Path, store: Store, client: Client, step: str) -> None:
    for number in range(ROUNDS):
        data = f"photo {number} {step}".encode() * 1000
        before = check_rows_have_bytes(tmp_path, store, client)
        code, acknowledged = run_child(keep_and_die, tmp_path, client, data, step)
        assert code == (0 if step == "no crash" else -signal.SIGKILL)
        after = check_rows_have_bytes(tmp_path, store, client)
        assert len(after - before) == (step in {"committed", "no crash"})
        assert not acknowledged or len(after - before) == 1
        retried = keep(tmp_path, store, client, data)
        assert retried.new == (len(after - before) == 0)
        assert len(photos.photos(store, SYSTEM, client.id)) == number + 1


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_failing_file_call(tmp_path: Path, store: Store, client: Client, code: int) -> None:
    LocalOriginals(tmp_path)
    n_calls = count_file_calls(lambda: keep(tmp_path, store, client, b"first"))
    for k in range(n_calls):
        data = f"photo {k}".encode()
        before = check_rows_have_bytes(tmp_path, store, client)
        with failing_file_call(k, code), pytest.raises((OSError, Refused)):
            keep(tmp_path, store, client, data)
        assert check_rows_have_bytes(tmp_path, store, client) == before
        assert list((tmp_path / "incoming").iterdir()) == []
        assert keep(tmp_path, store, client, data).new
