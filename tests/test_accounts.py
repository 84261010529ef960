"""Signing in, the brake on guessing, and the demonstration kept apart from practices."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.store.makers import SYSTEM, make_practice
from tracker import accounts, demo, people
from tracker.accounts import Brake
from tracker.archive import Archive
from tracker.errors import Conflict, Refused
from tracker.records import Account
from tracker.store import accounts as rows
from tracker.store import clients

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
WORD = "a long password"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.open(tmp_path / "practice") as opened:
        practice = make_practice()
        clients.add_practice(opened.store, SYSTEM, practice)
        people.add_staff(
            opened, SYSTEM, practice, email="dana@example.org", name="Dana", role="practitioner",
            password=WORD, now=NOW,
        )  # fmt: skip
        yield opened


def sign_in(
    archive: Archive, brake: Brake, word: str, *, email: str = "dana@example.org",
    address: str = "here", now: datetime = NOW,
) -> str | None:  # fmt: skip
    return accounts.sign_in(archive.store, brake, email, word, address=address, now=now)


def test_right_password_opens_a_session_that_signing_out_ends(archive: Archive) -> None:
    token = sign_in(archive, Brake(), WORD, email=" Dana@Example.org ")
    assert token
    viewer = accounts.viewer_for(archive.store, token, now=NOW)
    assert viewer is not None
    assert viewer.name == "Dana"
    assert accounts.viewer_for(archive.store, token, now=NOW + timedelta(hours=13)) is None
    accounts.sign_out(archive.store, token, now=NOW)
    assert accounts.viewer_for(archive.store, token, now=NOW) is None


@pytest.mark.parametrize("email", ["dana@example.org", "nobody@example.org", "x" * 300])
def test_wrong_ones_get_nothing(archive: Archive, email: str) -> None:
    assert sign_in(archive, Brake(), "wrong", email=email) is None


def test_an_account_without_password_never_opens(archive: Archive) -> None:
    practice = clients.practices(archive.store, SYSTEM)[0]
    bare = Account("1" * 32, practice.id, "new@example.org", "New", "owner", None, None, None, NOW)
    rows.add_account(archive.store, SYSTEM, bare)
    for word in ("", "nobody", "new"):
        assert sign_in(archive, Brake(), word, email="new@example.org") is None


def test_guessing_is_slowed_and_never_shuts_the_owner_out(archive: Archive) -> None:
    brake = Brake()
    for _ in range(5):
        assert sign_in(archive, brake, "wrong", address="elsewhere") is None
    # Even the right password waits there, but not where its owner is.
    assert sign_in(archive, brake, WORD, address="elsewhere") is None
    assert sign_in(archive, brake, WORD, address="home")
    later = NOW + timedelta(minutes=16)
    assert sign_in(archive, brake, WORD, address="elsewhere", now=later)


def test_ten_thousand_guesses_an_hour_come_to_few(archive: Archive) -> None:
    brake, evaluated = Brake(), 0
    for second in range(3600):
        evaluated += brake.allows("dana@example.org", "there", NOW + timedelta(seconds=second))
    assert evaluated <= 20
    assert len(brake._tries) == 2


def test_an_address_cannot_try_many_accounts(archive: Archive) -> None:
    brake = Brake()
    allowed = sum(brake.allows(f"{n}@example.org", "there", NOW) for n in range(500))
    assert allowed == 50


def test_a_second_account_of_an_address_leaves_nothing_behind(archive: Archive) -> None:
    practice = clients.practices(archive.store, SYSTEM)[0]
    with pytest.raises(Conflict):
        people.add_client(
            archive, SYSTEM, practice, email="dana@example.org", name="X", password=WORD,
            treated_on=[], now=NOW,
        )  # fmt: skip
    assert clients.clients(archive.store, SYSTEM) == ()


def test_the_demonstration_never_mixes_with_a_practice(archive: Archive, tmp_path: Path) -> None:
    archive.close()
    with pytest.raises(Refused, match="one of its own"):
        demo.prepare(tmp_path / "practice", now=NOW)


def test_the_demonstration_is_made_once_and_known_as_such(tmp_path: Path) -> None:
    folder = tmp_path / "demonstration"
    demo.prepare(folder, now=NOW)
    with Archive.open(folder) as made:
        before = sorted(each.sha256 for each in made.originals.list())
        assert demo.is_demonstration(made)
        people_of = rows.accounts(made.store, SYSTEM)
    demo.prepare(folder, now=NOW + timedelta(days=3))
    with Archive.open(folder) as again:
        assert sorted(each.sha256 for each in again.originals.list()) == before
        assert rows.accounts(again.store, SYSTEM) == people_of
        assert len(clients.clients(again.store, SYSTEM)) == 3
    assert len(before) == 60
