"""The program behind the pages: one archive as the web layer's `Services`, and its worker."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from analysis.formats.rejected import PhotoRejected
from tracker import (
    accounts,
    comparing,
    desk,
    fitting,
    intake,
    previews,
    roster,
    work,
    worksheet,
    zone_visits,
)
from tracker.archive import Archive
from tracker.errors import AccessDenied, NotAccepted, NotFound
from tracker.records import Fit, Photo, Viewer
from tracker.store import choices, measurements, photos
from tracker.web.plain import asset
from tracker.web.services import RefusedError, Services, Sheet, Upload
from tracker.words import dates, pages
from tracker.words import photos as words
from tracker.words import worksheet as sheet_words

LOG = logging.getLogger(__name__)
_LOOK_AGAIN_S = 30.0
_LEFTOVERS_S = 24 * 3600.0
_TILE = asset("no_view.svg").encode()


@dataclass(frozen=True)
class House:
    """The parts; every method may block."""

    archive: Archive
    worker: Worker
    brake: accounts.Brake = field(default_factory=accounts.Brake)

    def viewer_for(self, token: str) -> Viewer | None:
        """Who a token belongs to."""
        return accounts.viewer_for(self.archive.store, token, now=now())

    def sign_in(self, name: str, password: str, address: str) -> str | None:
        """A token for the right password."""
        store = self.archive.store
        return accounts.sign_in(store, self.brake, name, password, address=address, now=now())

    def sign_out(self, token: str) -> None:
        """End a sign-in."""
        accounts.sign_out(self.archive.store, token, now=now())

    def accept(self, viewer: Viewer, upload: Upload) -> dict[str, Any]:
        """Keep one photo; what is returned is said only after the row is committed."""
        client_id = viewer.client_id or upload.client
        if client_id is None:
            raise RefusedError(words.refusal("unknown-view"))
        try:
            accepted = intake.accept(
                self.archive,
                viewer,
                client_id,
                upload.data,
                name=upload.name,
                view=upload.view,
                now=now(),
                sha256=upload.sha256,
                taken_on=_day(upload.taken_on),
            )
        except (PhotoRejected, NotAccepted) as refusal:
            raise RefusedError(words.refusal(refusal.code)) from refusal
        except (AccessDenied, NotFound) as refusal:
            status = 403 if isinstance(refusal, AccessDenied) else 404
            raise RefusedError(str(refusal), status) from refusal
        self.worker.wake()
        return _told(accepted)

    def photo(self, viewer: Viewer, wanted: str, small: bool) -> tuple[bytes, str] | None:
        """A re-encoded view of a photo, never the original, a tile while there is none yet.

        None for another's.
        """
        try:
            row: Photo = photos.photo(self.archive.store, viewer, wanted)
        except NotFound:
            return None
        return _shown(previews.read(self.archive.folder, row, "small" if small else "large"))

    def fit(self, viewer: Viewer, wanted: str, on: str) -> Fit:
        """Whether a photo is laid on another; the worker is asked for it if nothing is known yet.

        Photos that are not both of one client of this viewer's never are.
        """
        pair = self._pair(viewer, wanted, on)
        if pair is None:
            return "apart"
        known = fitting.told(self.archive, viewer, pair)
        if known == "waiting":
            self.worker.fit(pair)
        return known

    def laid(self, viewer: Viewer, wanted: str, on: str) -> tuple[bytes, str] | None:
        """The view of a photo that is laid on another, a tile while there is none.

        None for another's.
        """
        pair = self._pair(viewer, wanted, on)
        if pair is None:
            return None
        return _shown(previews.read_laid(self.archive.folder, pair.photo, pair.on))

    def sheet(self, viewer: Viewer, wanted: str) -> Sheet | None:
        """Places with fewer dots in a photo; None but for its practice, and before measuring."""
        if viewer.role not in ("practitioner", "owner"):
            return None
        try:
            row = photos.photo(self.archive.store, viewer, wanted)
        except NotFound:
            return None
        store = self.archive.store
        of_version = [
            o
            for o in measurements.outcomes(store, viewer, row.client_id)
            if o.version == work.VERSION
        ]
        alone = {o.photo_id: o.document for o in of_version if o.baseline_id is None}
        document = alone.get(wanted, {})
        if not document.get("width_px"):
            return None
        every = photos.photos(store, viewer, row.client_id)
        taken = {p.id: p.taken_on for p in every if p.taken_on is not None}
        compared = [o.document for o in of_version if o.baseline_id is not None]
        laid = zone_visits.others(wanted, alone, taken, compared)
        size = document["width_px"], document["height_px"]
        return Sheet(*size, worksheet.zones(document, laid))

    def worksheet(self, viewer: Viewer, wanted: str, names: str) -> bytes | None:
        """The printed worksheet of a photo with the zones named, None where there is none."""
        sheet = self.sheet(viewer, wanted)
        if sheet is None:
            return None
        store, row = self.archive.store, photos.photo(self.archive.store, viewer, wanted)
        view = previews.read(self.archive.folder, row, "large")
        if view is None or row.taken_on is None:
            return None
        one = desk.client_course(store, viewer, row.client_id, today(), version=work.VERSION)
        day = next((s.day for s in one.photos if s.photo.id == wanted), None)
        about = sheet_words.about(
            words.view_name(row.view), dates.day_month(row.taken_on, today()), pages.day(day)
        )
        pace = choices.chosen(store, viewer, viewer.practice_id, desk.PACE, viewer.account_id)
        chosen = [zone for zone in sheet.zones if zone.name in names]
        return worksheet.pdf(one.client.name, about, view, sheet.width_px, chosen, pace)

    def _pair(self, viewer: Viewer, wanted: str, on: str) -> fitting.Pair | None:
        try:
            rows = [photos.photo(self.archive.store, viewer, one) for one in (wanted, on)]
        except NotFound:
            return None
        pair = fitting.Pair(*rows)
        return pair if pair.photo.client_id == pair.on.client_id else None


class Worker:
    """Measures what waits, in the background, until it is stopped."""

    def __init__(self, archive: Archive, told: Callable[[int, int], None] | None = None) -> None:
        self._archive, self._told = archive, told
        self._woken, self._stopped = threading.Event(), threading.Event()
        # One pair for each client: looking through photos leaves no queue behind.
        self._wanted: dict[str, fitting.Pair] = {}
        self._compared: dict[str, int] = {}
        self._thread = threading.Thread(target=self._run, name="measuring", daemon=True)

    def start(self) -> None:
        """Begin; crash recovery is the same query as any other photo."""
        self._thread.start()

    def wake(self) -> None:
        """Look at once whether something waits."""
        self._woken.set()

    def fit(self, pair: fitting.Pair) -> None:
        """Fit two photos together before anything else that waits; the last asked for counts."""
        self._wanted[pair.photo.client_id] = pair
        self.wake()

    def stop(self) -> None:
        """Finish the photo under way and end."""
        self._stopped.set()
        self._woken.set()
        self._thread.join(timeout=60)

    def _run(self) -> None:
        # One core is left to the pages.
        n_workers = max(1, (os.cpu_count() or 2) - 1)
        while not self._stopped.is_set():
            self._woken.clear()
            try:
                self.fit_wanted()
                work.measure_pending(
                    self._archive,
                    n_workers=n_workers,
                    stopped=self._stopped.is_set,
                    told=self._progress,
                )
                comparing.compare_pending(
                    self._archive, today(), self._compared, paused=self._is_wanted
                )
                # So that nobody's list has to wait, at midnight too.
                roster.refresh(self._archive.store, today(), version=work.VERSION)
            except Exception:
                # Such as a full disk: what waits is found again by the next look.
                LOG.exception("measuring was interrupted")
            self._woken.wait(_LOOK_AGAIN_S)

    def _is_wanted(self) -> bool:
        """Whether somebody waits for something else, or the program ends."""
        return self._stopped.is_set() or self._woken.is_set()

    def fit_wanted(self) -> None:
        """Fit the photos that somebody waits for."""
        for client_id in list(self._wanted):
            if self._stopped.is_set():
                return
            pair = self._wanted.pop(client_id)
            if fitting.told(self._archive, work.MEASURING, pair) == "waiting":
                fitting.fit(self._archive, pair)

    def _progress(self) -> None:
        if self._told is not None:
            counted = measurements.progress(self._archive.store, work.MEASURING, None, work.VERSION)
            self._told(counted.measured, counted.total)


@dataclass(frozen=True)
class Household:
    """An opened folder with its services, to start and to close with the app."""

    services: Services
    worker: Worker
    archive: Archive

    def start(self) -> None:
        """Begin to measure what waits."""
        self.worker.start()

    def close(self) -> None:
        """Stop measuring and close the archive."""
        self.worker.stop()
        self.archive.close()


def household(
    folder: Path,
    *,
    demo_accounts: Sequence[tuple[str, str]] = (),
    told: Callable[[int, int], None] | None = None,
) -> Household:
    """Open the archive in a folder and wire the services to it."""
    archive = Archive.open(folder)
    archive.originals.sweep_incoming(now().timestamp() - _LEFTOVERS_S)
    worker = Worker(archive, told)
    house = House(archive, worker)
    services = Services(
        viewer_for=house.viewer_for,
        sign_in=house.sign_in,
        sign_out=house.sign_out,
        accept=house.accept,
        photo=house.photo,
        fit=house.fit,
        laid=house.laid,
        sheet=house.sheet,
        worksheet=house.worksheet,
        store=archive.store,
        version=work.VERSION,
        now=now,
        today=today,
        demo_accounts=demo_accounts,
    )
    return Household(services, worker, archive)


def now() -> datetime:
    """This instant."""
    return datetime.now(UTC)


def today() -> date:
    """The date where the server stands."""
    return datetime.now().astimezone().date()


def _shown(view: bytes | None) -> tuple[bytes, str]:
    return (view, "image/jpeg") if view is not None else (_TILE, "image/svg+xml")


def _day(text: str | None) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotAccepted("not-a-date") from None


def _told(accepted: intake.Accepted) -> dict[str, Any]:
    taken = accepted.photo.taken_on
    note = words.future(accepted.future) if accepted.future else None
    return {
        "id": accepted.photo.id,
        "new": accepted.new,
        "taken": taken.isoformat() if taken else None,
        "note": note,
    }
