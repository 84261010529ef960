"""Many threads and many processes write at once and nothing is lost."""

import fcntl
import os
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from tests.store.faults import failing_file_call
from tests.store.makers import SYSTEM, make_client, make_photo
from tracker import files
from tracker.errors import Conflict, StoreFailed
from tracker.records import Client, Practice
from tracker.store import Store, audit, clients, photos
from tracker.store.writer import MAX_BATCH


def counter(store: Store) -> int:
    query = text("SELECT n FROM counter")
    return int(store.read(lambda connection: connection.execute(query).scalar_one()))


def make_counter(store: Store) -> None:
    def work(connection: Connection) -> None:
        connection.execute(text("CREATE TABLE counter (n INTEGER)"))
        connection.execute(text("INSERT INTO counter VALUES (0)"))

    store.write(work)


def count_up(connection: Connection) -> None:
    n = connection.execute(text("SELECT n FROM counter")).scalar_one()
    connection.execute(text("UPDATE counter SET n = :n"), {"n": n + 1})


def test_threads_lose_nothing(store: Store) -> None:
    make_counter(store)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: [store.write(count_up) for _ in range(100)], range(8)))
    assert counter(store) == 800


def write_in_a_process(database: Path, client: Client, n_photos: int) -> None:
    with Store(database) as store:
        for _ in range(n_photos):
            assert photos.add_photo(store, SYSTEM, make_photo(client)).new
            store.write(count_up)


def test_processes_lose_nothing(database: Path, store: Store, client: Client) -> None:
    make_counter(store)
    context = get_context("forkserver")
    children = [
        context.Process(target=write_in_a_process, args=(database, client, 50)) for _ in range(4)
    ]
    for child in children:
        child.start()
    for _ in range(50):
        store.write(count_up)
    for child in children:
        child.join()
        assert child.exitcode == 0
        child.close()
    assert counter(store) == 250
    assert len(photos.photos(store, SYSTEM, client.id)) == 200
    assert is_sound(database)


def is_sound(database: Path) -> bool:
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    finally:
        connection.close()


def test_a_failing_job_leaves_the_others_of_its_batch(store: Store, practice: Practice) -> None:
    """A gate job holds the writer until all the others wait, so that they share one batch."""
    gate = threading.Event()
    taken = make_client(practice.id)
    clients.add_client(store, SYSTEM, taken)
    with ThreadPoolExecutor(12) as pool:
        held = pool.submit(store.write, lambda _: gate.wait(10))
        good = [
            pool.submit(clients.add_client, store, SYSTEM, make_client(practice.id))
            for _ in range(10)
        ]
        bad = pool.submit(clients.add_client, store, SYSTEM, taken)
        gate.set()
        assert held.result()
        assert [each.result() for each in good] == [None] * 10
        with pytest.raises(Conflict):
            bad.result()
    assert len(clients.clients(store, SYSTEM)) == 11


def test_lost_transaction_takes_nobody_else_with_it(store: Store) -> None:
    """SQLite gives up a whole transaction on a full disk; RAISE(ROLLBACK) does the same."""
    make_counter(store)
    trigger = """CREATE TRIGGER poison BEFORE UPDATE ON counter WHEN NEW.n < 0
                 BEGIN SELECT RAISE(ROLLBACK, 'disk full, as it were'); END"""
    store.write(lambda connection: connection.execute(text(trigger)))
    gate = threading.Event()

    def poison(connection: Connection) -> None:
        connection.execute(text("UPDATE counter SET n = -1"))

    with ThreadPoolExecutor(12) as pool:
        pool.submit(store.write, lambda _: gate.wait(10))
        before = [pool.submit(store.write, count_up) for _ in range(5)]
        bad = pool.submit(store.write, poison)
        after = [pool.submit(store.write, count_up) for _ in range(5)]
        gate.set()
        for each in before + after:
            each.result()
        with pytest.raises((StoreFailed, Conflict)):
            bad.result()
    assert counter(store) == 10


def test_full_database_fails_cleanly_and_goes_on_later(store: Store, client: Client) -> None:
    def limit_pages(connection: Connection, limit: int) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {limit}")

    store.write(lambda connection: limit_pages(connection, 1))  # SQLite takes: as many as it has
    saved = 0
    with suppress(StoreFailed):
        while saved < 1000:
            photos.add_photo(store, SYSTEM, make_photo(client))
            saved += 1
    assert saved < 1000
    assert len(photos.photos(store, SYSTEM, client.id)) == len(audit.deeds(store, SYSTEM)) == saved
    store.write(lambda connection: limit_pages(connection, 10_000))
    assert photos.add_photo(store, SYSTEM, make_photo(client)).new


def test_a_failed_lock_file_fails_the_write_only(store: Store) -> None:
    make_counter(store)
    with failing_file_call(0), pytest.raises(StoreFailed):
        store.write(count_up)
    store.write(count_up)
    assert counter(store) == 1


def test_lock_is_free_again_although_a_forked_child_lives(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    asleep, awake = os.pipe()
    with files.locked(path):
        child = os.fork()
        if child == 0:
            os.close(awake)
            os.read(asleep, 1)
            os._exit(0)
    descriptor = os.open(path, os.O_RDWR)
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    for each in (descriptor, asleep, awake):
        os.close(each)
    os.waitpid(child, 0)


def test_closing_finishes_what_waits_and_refuses_what_comes_later(database: Path) -> None:
    store = Store(database)
    make_counter(store)
    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(store.write, count_up) for _ in range(3 * MAX_BATCH)]
        for each in waiting:
            each.result()
        store.close()
    store.close()
    with pytest.raises(StoreFailed):
        store.write(count_up)
    assert sorted(path.name for path in database.parent.iterdir()) == [
        "tracker.sqlite3",
        "writer.lock",
    ]
    with Store(database) as again:
        assert counter(again) == 3 * MAX_BATCH


def test_a_write_inside_a_write_is_refused(store: Store) -> None:
    with pytest.raises(RuntimeError, match="inside"):
        store.write(lambda _: store.write(count_up))
