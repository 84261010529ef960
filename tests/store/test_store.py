"""What the store promises about rows, duplicates and measuring."""

import sqlite3
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.store.makers import (
    NOW,
    SYSTEM,
    make_account,
    make_client,
    make_measurement,
    make_outcome,
    make_photo,
    make_viewer,
)
from tracker.errors import AccessDenied, Conflict, NotFound, StoreFailed
from tracker.records import Client, Practice
from tracker.store import Store, accounts, audit, clients, measurements, photos


def test_same_bytes_again_return_the_first_row(store: Store, client: Client) -> None:
    first = make_photo(client, b"same")
    again = make_photo(client, b"same", name="other.jpg")
    assert photos.add_photo(store, SYSTEM, first).new
    assert photos.add_photo(store, SYSTEM, again) == photos.Kept(first, new=False)
    assert photos.photos(store, SYSTEM, client.id) == (first,)
    assert len(audit.deeds(store, SYSTEM)) == 1


def test_same_bytes_of_another_client_are_another_photo(store: Store, client: Client) -> None:
    other = make_client(client.practice_id)
    clients.add_client(store, SYSTEM, other)
    assert photos.add_photo(store, SYSTEM, make_photo(client, b"same")).new
    assert photos.add_photo(store, SYSTEM, make_photo(other, b"same")).new


def test_confirmed_date_is_audited_with_the_one_before(store: Store, client: Client) -> None:
    photo = make_photo(client)
    photos.add_photo(store, SYSTEM, photo)
    after = photos.confirm_date(store, SYSTEM, photo.id, date(2026, 4, 30), now=NOW)
    assert (after.taken_on, after.taken_at) == (date(2026, 4, 30), None)
    assert (after.date_source, after.date_confirmed) == ("given", True)
    assert photos.photo(store, SYSTEM, photo.id) == after
    detail = audit.deeds(store, SYSTEM)[-1].detail
    assert detail["before"]["taken_on"] == "2026-05-01"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET action = 'x'",
        "DELETE FROM audit",
        "INSERT OR REPLACE INTO audit SELECT id, practice_id, at, 'x', 'y', 'z', '{}' FROM audit",
    ],
)
def test_audit_rows_cannot_be_changed(
    database: Path, store: Store, client: Client, statement: str
) -> None:
    photos.add_photo(store, SYSTEM, make_photo(client))
    before = audit.deeds(store, SYSTEM)
    raw = sqlite3.connect(database)
    with pytest.raises(sqlite3.IntegrityError, match="never"):
        raw.execute(statement)
    raw.close()
    assert audit.deeds(store, SYSTEM) == before


def test_pending_is_what_has_no_outcome_oldest_first(store: Store, client: Client) -> None:
    late = make_photo(client, received_at=NOW + timedelta(hours=1))
    early, done = make_photo(client), make_photo(client)
    for photo in (late, early, done):
        photos.add_photo(store, SYSTEM, photo)
    measurements.add_outcome(store, SYSTEM, make_outcome(done), [])
    measurements.add_outcome(store, SYSTEM, make_outcome(early, done), [])
    assert measurements.pending(store, SYSTEM, "1") == (early, late)
    assert len(measurements.pending(store, SYSTEM, "2")) == 3
    progress = measurements.progress(store, SYSTEM, client.practice_id, "1")
    assert progress == measurements.Progress(measured=1, total=3)


@pytest.mark.parametrize("compared", [False, True])
def test_outcome_is_kept_once(store: Store, client: Client, compared: bool) -> None:
    photo, baseline = make_photo(client), make_photo(client)
    for each in (photo, baseline):
        photos.add_photo(store, SYSTEM, each)
    outcome = make_outcome(photo, baseline if compared else None)
    one, two = make_measurement(outcome), make_measurement(outcome, measurand="other")
    assert measurements.add_outcome(store, SYSTEM, outcome, [one])
    assert not measurements.add_outcome(store, SYSTEM, outcome, [one, two])
    assert measurements.outcomes(store, SYSTEM, client.id) == (outcome,)
    assert measurements.series(store, SYSTEM, client.id, "top") == (one,)


def test_outcome_of_a_deleted_photo_does_not_bring_it_back(store: Store, client: Client) -> None:
    photo, baseline = make_photo(client), make_photo(client)
    for each in (photo, baseline):
        photos.add_photo(store, SYSTEM, each)
    against = make_outcome(photo, baseline)
    measurements.add_outcome(store, SYSTEM, against, [make_measurement(against)])
    photos.delete_photo(store, SYSTEM, baseline.id, now=NOW)
    assert measurements.outcomes(store, SYSTEM, client.id) == ()
    assert not measurements.add_outcome(store, SYSTEM, against, [])
    assert not measurements.add_outcome(store, SYSTEM, make_outcome(baseline), [])


def test_outcome_against_the_photo_of_another_client_is_refused(
    store: Store, client: Client
) -> None:
    other = make_client(client.practice_id)
    clients.add_client(store, SYSTEM, other)
    mine, theirs = make_photo(client), make_photo(other)
    for each in (mine, theirs):
        photos.add_photo(store, SYSTEM, each)
    with pytest.raises(Conflict):
        measurements.add_outcome(store, SYSTEM, make_outcome(mine, theirs), [])


def test_sign_in_lives_until_expired_revoked_or_disabled(store: Store, practice: Practice) -> None:
    account = make_account(practice.id, email="Ann@Example.org")
    accounts.add_account(store, SYSTEM, account)
    assert accounts.account_by_email(store, SYSTEM, "aNN@example.org") is not None
    until = NOW + timedelta(hours=12)
    for token_hash in ("a" * 64, "b" * 64):
        accounts.add_session(store, SYSTEM, account, token_hash, now=NOW, expires_at=until)

    def viewer(token_hash: str) -> object:
        return accounts.viewer_by_token_hash(store, SYSTEM, token_hash, now=NOW)

    assert accounts.viewer_by_token_hash(store, SYSTEM, "a" * 64, now=until) is None
    assert viewer("c" * 64) is None
    assert viewer("a" * 64) is not None
    stranger = make_viewer(practice.id, "practitioner")
    accounts.revoke_session(store, stranger, "a" * 64, now=NOW)
    assert viewer("a" * 64) is not None
    accounts.revoke_session(store, SYSTEM, "a" * 64, now=NOW)
    assert viewer("a" * 64) is None
    assert viewer("b" * 64) is not None
    accounts.disable_account(store, SYSTEM, account.id, now=NOW)
    assert viewer("b" * 64) is None


def test_second_account_of_an_address_is_a_conflict(store: Store, practice: Practice) -> None:
    accounts.add_account(store, SYSTEM, make_account(practice.id, email="a@b.c"))
    with pytest.raises(Conflict):
        accounts.add_account(store, SYSTEM, make_account(practice.id, email="A@b.c"))


def test_readers_cannot_write(store: Store, practice: Practice) -> None:
    with pytest.raises(StoreFailed):
        store.read(lambda connection: connection.execute(text("DELETE FROM practice")))


def test_only_the_system_keeps_outcomes(store: Store, client: Client) -> None:
    photo = make_photo(client)
    photos.add_photo(store, SYSTEM, photo)
    with pytest.raises(AccessDenied):
        measurements.add_outcome(
            store, make_viewer(client.practice_id, "owner"), make_outcome(photo), []
        )


def test_what_is_not_there_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound):
        photos.photo(store, SYSTEM, "0" * 32)
    with pytest.raises(NotFound):
        clients.client(store, SYSTEM, "0" * 32)
