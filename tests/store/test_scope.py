"""Nobody sees or touches what is not theirs."""

import inspect
from datetime import date
from types import ModuleType

import pytest

from tests.store.makers import (
    NOW,
    SYSTEM,
    make_client,
    make_measurement,
    make_outcome,
    make_photo,
    make_practice,
    make_viewer,
)
from tracker.errors import NotFound, Refused
from tracker.records import Client, Photo, Treatment, Viewer, new_id
from tracker.store import (
    Store,
    accounts,
    answers,
    audit,
    choices,
    clients,
    judgements,
    measurements,
    photos,
    plans,
    standings,
)


@pytest.fixture
def photo(store: Store, client: Client) -> Photo:
    kept = make_photo(client)
    photos.add_photo(store, SYSTEM, kept)
    outcome = make_outcome(kept)
    measurements.add_outcome(store, SYSTEM, outcome, [make_measurement(outcome)])
    treatment = Treatment(new_id(), client.practice_id, client.id, date(2026, 4, 1), "crown")
    clients.add_treatment(store, SYSTEM, treatment)
    return kept


@pytest.fixture
def strangers(store: Store, client: Client) -> dict[str, Viewer]:
    """People who must see nothing of the client at all."""
    other = make_practice()
    clients.add_practice(store, SYSTEM, other)
    theirs, sibling = make_client(other.id), make_client(client.practice_id)
    for each in (theirs, sibling):
        clients.add_client(store, SYSTEM, each)
    return {
        "client of another practice": make_viewer(other.id, "client", theirs.id),
        "another client": make_viewer(client.practice_id, "client", sibling.id),
        "practitioner of another practice": make_viewer(other.id, "practitioner"),
        "owner of another practice": make_viewer(other.id, "owner"),
        "forged client of another practice": make_viewer(other.id, "client", client.id),
        "operator": make_viewer(client.practice_id, "operator"),
    }


def test_strangers_see_nothing(store: Store, photo: Photo, strangers: dict[str, Viewer]) -> None:
    for viewer in strangers.values():
        assert photo.client_id not in {each.id for each in clients.clients(store, viewer)}
        assert clients.treatments(store, viewer, photo.client_id) == ()
        sees_no_photos(store, viewer, photo)
        with pytest.raises(NotFound):
            clients.client(store, viewer, photo.client_id)


def test_strangers_change_nothing(
    store: Store, photo: Photo, client: Client, strangers: dict[str, Viewer]
) -> None:
    treatment = Treatment(new_id(), client.practice_id, client.id, date(2026, 4, 1), "crown")
    for viewer in strangers.values():
        with pytest.raises(Refused):
            photos.add_photo(store, viewer, make_photo(client))
        with pytest.raises(Refused):
            photos.confirm_date(store, viewer, photo.id, date(2026, 1, 1), now=NOW)
        with pytest.raises(Refused):
            photos.delete_photo(store, viewer, photo.id, now=NOW)
        with pytest.raises(Refused):
            clients.add_treatment(store, viewer, treatment)
        if viewer.practice_id != client.practice_id:
            with pytest.raises(Refused):
                clients.add_client(store, viewer, make_client(client.practice_id))
    assert photos.photos(store, SYSTEM, client.id) == (photo,)


def test_scheduler_sees_names_and_no_photos(store: Store, photo: Photo) -> None:
    scheduler = make_viewer(photo.practice_id, "scheduler")
    assert clients.client(store, scheduler, photo.client_id).id == photo.client_id
    assert len(clients.treatments(store, scheduler, photo.client_id)) == 1
    sees_no_photos(store, scheduler, photo)


def test_client_and_practitioner_see_what_is_theirs(store: Store, photo: Photo) -> None:
    for viewer in (
        make_viewer(photo.practice_id, "client", photo.client_id),
        make_viewer(photo.practice_id, "practitioner"),
    ):
        assert [each.id for each in clients.clients(store, viewer)] == [photo.client_id]
        assert photos.photo(store, viewer, photo.id) == photo
        assert len(measurements.outcomes(store, viewer, photo.client_id)) == 1
        assert len(measurements.series(store, viewer, photo.client_id, photo.view)) == 1
        progress = measurements.progress(store, viewer, photo.practice_id, "1")
        assert progress == measurements.Progress(1, 1)


@pytest.mark.parametrize(
    "module",
    [
        accounts,
        answers,
        audit,
        choices,
        clients,
        judgements,
        measurements,
        photos,
        plans,
        standings,
    ],
)
def test_every_public_function_takes_the_actor_second(module: ModuleType) -> None:
    for name, function in inspect.getmembers(module, inspect.isfunction):
        if function.__module__ == module.__name__ and not name.startswith("_"):
            names = list(inspect.signature(function).parameters)
            open_inside = names[:2] == ["connection", "actor"]
            assert open_inside or names[:2] == ["store", "actor"] or name == "by_date_taken"


def sees_no_photos(store: Store, viewer: Viewer, photo: Photo) -> None:
    assert photos.photos(store, viewer, photo.client_id) == ()
    assert measurements.outcomes(store, viewer, photo.client_id) == ()
    assert measurements.series(store, viewer, photo.client_id, photo.view) == ()
    progress = measurements.progress(store, viewer, photo.practice_id, "1")
    assert progress == measurements.Progress(0, 0)
    with pytest.raises(NotFound):
        photos.photo(store, viewer, photo.id)
