"""Compare each client's settled photos with their baseline, so that lost patches are found.

What waits to be compared follows from the photos and the outcomes kept so far; the outcome of a
pair is the one the slider uses too.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from tracker import desk, fitting, lost
from tracker.archive import Archive
from tracker.store import clients, measurements, photos, standings
from tracker.work import MEASURING, VERSION


def compare_pending(
    archive: Archive, today: date, seen: dict[str, int], *, paused: Callable[[], bool]
) -> int:
    """Compare what waits, returns how many pairs; when `paused` says so, the rest waits.

    `seen`: the data version at which each client was last gone through without anything left to
    do; it is kept by the caller, and by then holds this round's.
    """
    n_done = 0
    for client_id, data_version in standings.data_versions(archive.store, MEASURING).items():
        if seen.get(client_id) == data_version:
            continue
        if paused():
            return n_done
        for pair in waiting(archive, client_id, today):
            if paused():
                return n_done
            fitting.fit(archive, pair)
            n_done += 1
        seen[client_id] = data_version
    return n_done


def waiting(archive: Archive, client_id: str, today: date) -> tuple[fitting.Pair, ...]:
    """The pairs of a client that have no outcome yet."""
    store = archive.store
    who = clients.client(store, MEASURING, client_id)
    treated = clients.treatments(store, MEASURING, client_id)
    outcomes = measurements.outcomes(store, MEASURING, client_id)
    every = photos.photos(store, MEASURING, client_id)
    states = desk.photo_states(every, outcomes, treated, VERSION)
    timeline = desk.timeline_of(store, MEASURING, who)
    done = {(o.baseline_id, o.photo_id) for o in outcomes if o.version == VERSION}
    return tuple(
        fitting.Pair(photo=followup.photo, on=baseline.photo)
        for baseline, followup in lost.pairs(states, treated, timeline, as_of=today)
        if (baseline.photo.id, followup.photo.id) not in done
    )
