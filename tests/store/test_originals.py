"""Originals are written once, privately, and found again whole or not at all."""

import errno
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.faults import count_file_calls, failing_file_call
from tests.store.makers import sha256_of
from tracker.errors import OriginalDamaged, OriginalMissing
from tracker.originals import LocalOriginals, Originals

CLIENT = "0" * 32


@pytest.fixture
def originals(tmp_path: Path) -> LocalOriginals:
    return LocalOriginals(tmp_path)


def file_of(root: Path, data: bytes) -> Path:
    sha256 = sha256_of(data)
    return root / "photos" / CLIENT / sha256[:2] / sha256


@settings(max_examples=30, deadline=None)
@given(data=st.binary(min_size=1, max_size=5000))
def test_round_trip(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    originals: Originals = LocalOriginals(tmp_path_factory.mktemp("trip"))
    sha256 = originals.put_if_absent(CLIENT, data)
    assert sha256 == originals.put_if_absent(CLIENT, data) == sha256_of(data)
    assert originals.read(CLIENT, sha256) == data
    assert originals.head(CLIENT, sha256) == len(data)
    assert [(each.client_id, each.sha256, each.n_bytes) for each in originals.list()] == [
        (CLIENT, sha256, len(data))
    ]
    assert list(originals.list("1" * 32)) == []
    originals.delete(CLIENT, sha256)
    originals.delete(CLIENT, sha256)
    assert originals.head(CLIENT, sha256) is None
    with pytest.raises(OriginalMissing):
        originals.read(CLIENT, sha256)


def test_files_and_folders_are_private(originals: LocalOriginals, tmp_path: Path) -> None:
    originals.put_if_absent(CLIENT, b"photo")
    path = file_of(tmp_path, b"photo")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("damage", [b"", b"phot", b"PHOTO", b"photos"])
def test_damaged_copy_is_told_and_repaired(
    originals: LocalOriginals, tmp_path: Path, damage: bytes
) -> None:
    sha256 = originals.put_if_absent(CLIENT, b"photo")
    file_of(tmp_path, b"photo").write_bytes(damage)
    with pytest.raises(OriginalDamaged):
        originals.read(CLIENT, sha256)
    originals.put_if_absent(CLIENT, b"photo")
    assert originals.read(CLIENT, sha256) == b"photo"


@pytest.mark.parametrize(
    ("client_id", "sha256"),
    [("../etc", "a" * 64), (CLIENT, "../" + "a" * 61), (CLIENT + "\n", "a" * 64), ("", "a" * 64)],
)
def test_awkward_addresses_are_refused(
    originals: LocalOriginals, client_id: str, sha256: str
) -> None:
    with pytest.raises(ValueError, match="hex digits"):
        originals.read(client_id, sha256)


def test_many_puts_of_the_same_bytes(originals: LocalOriginals, tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        hashes = set(pool.map(lambda _: originals.put_if_absent(CLIENT, b"photo"), range(64)))
    assert hashes == {sha256_of(b"photo")}
    assert list((tmp_path / "incoming").iterdir()) == []


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EACCES])
def test_any_failing_file_call_is_clean(tmp_path: Path, code: int) -> None:
    data = b"photo" * 1000
    (tmp_path / "n").mkdir()
    n_calls = count_file_calls(lambda: LocalOriginals(tmp_path / "n").put_if_absent(CLIENT, data))
    assert n_calls > 10
    for k in range(n_calls):
        root = tmp_path / str(k)
        root.mkdir()
        with failing_file_call(k, code), pytest.raises(OSError, match=rf"Errno {code}"):
            LocalOriginals(root).put_if_absent(CLIENT, data)
        originals = LocalOriginals(root)
        assert all(originals.read(each.client_id, each.sha256) for each in originals.list())
        assert list((root / "incoming").iterdir()) == []
        assert originals.read(CLIENT, originals.put_if_absent(CLIENT, data)) == data


def test_sweep_takes_old_leftovers_only(originals: LocalOriginals, tmp_path: Path) -> None:
    leftover = tmp_path / "incoming" / "leftover"
    leftover.write_bytes(b"half")
    written = leftover.stat().st_mtime
    assert originals.sweep_incoming(before=written) == 0
    assert originals.sweep_incoming(before=written + 1) == 1
    assert not leftover.exists()
