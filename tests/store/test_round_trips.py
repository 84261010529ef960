"""Whatever goes into the store comes out the same."""

from collections.abc import Iterator
from datetime import UTC, timedelta, timezone
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.makers import SYSTEM, make_client, make_measurement, make_outcome, make_photo
from tests.store.makers import make_practice as make_practice_record
from tracker.records import Client, DateSource, Measurement, Photo, Pigment, Treatment, new_id
from tracker.store import Store, clients, measurements, photos

zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
instants = st.datetimes(timezones=zones).filter(lambda instant: 1 < instant.year < 9999)
texts = st.text(max_size=30)
numbers = st.floats(allow_nan=False, allow_infinity=False)
documents = st.dictionaries(
    texts,
    st.recursive(
        st.none() | st.booleans() | st.integers() | numbers | texts,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
        max_leaves=5,
    ),
    max_size=4,
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Client]]:
    path: Path = tmp_path_factory.mktemp("trips") / "db" / "tracker.sqlite3"
    with Store(path) as store:
        practice = make_practice_record()
        clients.add_practice(store, SYSTEM, practice)
        client = make_client(practice.id)
        clients.add_client(store, SYSTEM, client)
        yield store, client


@settings(max_examples=40, deadline=None)
@given(name=texts, pigment=st.sampled_from(get_args(Pigment)), created_at=instants)
def test_client(shared: tuple[Store, Client], **fields: Any) -> None:
    store, known = shared
    new = make_client(known.practice_id, **fields)
    clients.add_client(store, SYSTEM, new)
    found = clients.client(store, SYSTEM, new.id)
    assert found == new
    assert found.created_at.tzinfo is UTC


@settings(max_examples=40, deadline=None)
@given(treated_on=st.dates(), area=texts)
def test_treatment(shared: tuple[Store, Client], **fields: Any) -> None:
    store, client = shared
    new = Treatment(id=new_id(), practice_id=client.practice_id, client_id=client.id, **fields)
    clients.add_treatment(store, SYSTEM, new)
    assert new in clients.treatments(store, SYSTEM, client.id)


@st.composite
def photo_fields(draw: st.DrawFn) -> dict[str, Any]:
    source: DateSource = draw(st.sampled_from(get_args(DateSource)))
    return {
        "view": draw(texts),
        "name": draw(texts),
        "format": draw(texts),
        "n_bytes": draw(st.integers(1, 2**31 - 1)),
        "taken_on": None if source == "none" else draw(st.dates()),
        "taken_at": draw(st.none() | instants.map(lambda instant: instant.isoformat())),
        "date_source": source,
        "date_confirmed": draw(st.booleans()),
        "received_at": draw(instants),
    }


@settings(max_examples=40, deadline=None)
@given(fields=photo_fields())
def test_photo(shared: tuple[Store, Client], fields: dict[str, Any]) -> None:
    store, client = shared
    new = make_photo(client, **fields)
    assert photos.add_photo(store, SYSTEM, new) == photos.Kept(new, new=True)
    assert photos.photo(store, SYSTEM, new.id) == new


@settings(max_examples=40, deadline=None)
@given(
    document=documents,
    value=st.none() | numbers,
    stderr=st.none() | numbers,
    flags=st.lists(texts, min_size=1).map(tuple),
)
def test_outcome_and_measurement(
    shared: tuple[Store, Client], document: dict[str, Any], **fields: Any
) -> None:
    store, client = shared
    photo: Photo = make_photo(client, view=new_id())
    photos.add_photo(store, SYSTEM, photo)
    outcome = make_outcome(photo, document=document)
    measured: Measurement = make_measurement(outcome, **fields)
    assert measurements.add_outcome(store, SYSTEM, outcome, [measured])
    assert outcome in measurements.outcomes(store, SYSTEM, client.id)
    assert measurements.series(store, SYSTEM, client.id, photo.view) == (measured,)
