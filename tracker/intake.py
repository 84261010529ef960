"""Accept a photo: header check, privacy blanking, original kept, row committed; only then "saved".

Decoding and measuring come later, in workers. The same bytes sent again find the same row.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from analysis.decode import read_header
from analysis.formats.header import Header
from tracker import dating
from tracker.archive import Archive
from tracker.blanking import blank
from tracker.dating import Dated
from tracker.errors import NotAccepted
from tracker.records import Actor, Photo, new_id
from tracker.store import clients, photos
from tracker.store.scope import require_sender
from tracker.views import VIEWS

MOST_BYTES = 25 * 1024 * 1024
# The latest zone is 14 hours ahead of UTC: a date beyond that lies in the future everywhere.
_LATEST_ZONE = timedelta(hours=14)


@dataclass(frozen=True)
class Accepted:
    """The row, whether it is new, and whether the photo's own date was set aside as future."""

    photo: Photo
    new: bool
    future: date | None


def accept(
    archive: Archive,
    actor: Actor,
    client_id: str,
    data: bytes,
    *,
    name: str,
    view: str,
    now: datetime,
    sha256: str | None = None,
    taken_on: date | None = None,
) -> Accepted:
    """Keep a photo for a client, or raise NotAccepted or PhotoRejected with nothing kept.

    `sha256`: of the file as the sender has it. `taken_on`: a date told by the sender, which wins.
    """
    require_sender(actor)
    client = clients.client(archive.store, actor, client_id)
    received = hashlib.sha256(data).hexdigest()
    _check(data, view, received, sha256)
    header = read_header(data)
    dated, future = _dated(header, name, taken_on, (now + _LATEST_ZONE).date())
    # The bytes before the row, always: a row never exists without its bytes. Sent again, a lost
    # or damaged original is healed the same way.
    cleaned = blank(data, header.format)
    stored = archive.originals.put_if_absent(client.id, cleaned)
    photo = Photo(
        id=new_id(),
        practice_id=client.practice_id,
        client_id=client.id,
        view=view,
        name=name[:200],
        format=header.format,
        n_bytes=len(cleaned),
        received_sha256=received,
        stored_sha256=stored,
        taken_on=dated.taken_on,
        taken_at=dated.taken_at,
        date_source=dated.source,
        date_confirmed=taken_on is not None,
        received_at=now,
    )
    kept = photos.add_photo(archive.store, actor, photo)
    return Accepted(kept.photo, kept.new, future)


def _check(data: bytes, view: str, received: str, sha256: str | None) -> None:
    if view not in VIEWS:
        raise NotAccepted("unknown-view")
    if len(data) > MOST_BYTES:
        raise NotAccepted("too-many-bytes")
    if sha256 is not None and sha256.lower() != received:
        raise NotAccepted("damaged-on-the-way")


def _dated(
    header: Header, name: str, taken_on: date | None, latest: date
) -> tuple[Dated, date | None]:
    """The photo's date; one in the future is refused when told and set aside when read."""
    if taken_on is not None:
        if taken_on > latest:
            raise NotAccepted("future-date")
        same_day = header.taken_at if (header.taken_at or "")[:10] == taken_on.isoformat() else None
        return Dated(taken_on, same_day, "given"), None
    found = dating.of_photo(header, name)
    if found.taken_on is not None and found.taken_on > latest:
        return Dated(None, None, "none"), found.taken_on
    return found, None
