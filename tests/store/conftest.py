"""What the tests of the store share."""

import multiprocessing
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.makers import SYSTEM, make_client, make_practice
from tracker.records import Client, Practice
from tracker.store import Store, clients

# Children are forked from a process that has imported all this already, so they start at once
multiprocessing.set_forkserver_preload(
    ["tests.store.test_crashes", "tests.store.test_migrate", "tests.store.test_writer"]
)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "db" / "tracker.sqlite3"


@pytest.fixture
def store(database: Path) -> Iterator[Store]:
    with Store(database) as opened:
        yield opened


@pytest.fixture
def practice(store: Store) -> Practice:
    made = make_practice()
    clients.add_practice(store, SYSTEM, made)
    return made


@pytest.fixture
def client(store: Store, practice: Practice) -> Client:
    made = make_client(practice.id)
    clients.add_client(store, SYSTEM, made)
    return made
