"""Intake: what is kept, what is refused with which code, and that nothing is ever half kept."""

import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from analysis.decode import PhotoRejected
from tests.files.photos import exif_bytes
from tests.store.makers import SYSTEM, keep_client
from tracker import dating, intake
from tracker.archive import Archive
from tracker.errors import NotAccepted
from tracker.intake import Accepted
from tracker.records import Client
from tracker.store import photos

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.open(tmp_path / "practice") as opened:
        yield opened


@pytest.fixture
def client(archive: Archive) -> Client:
    return keep_client(archive.store)


def jpeg(taken: str | None = "2026:05:13 10:12:00", shade: int = 120) -> bytes:
    out = io.BytesIO()
    picture = Image.fromarray(np.full((60, 80, 3), shade, dtype=np.uint8))
    exif = Image.Exif()
    if taken:
        exif[0x8769] = {0x9003: taken, 0x9011: "+02:00"}
    picture.save(out, "JPEG", exif=exif.tobytes())
    return out.getvalue()


def send(archive: Archive, client: Client, data: bytes, **options: object) -> Accepted:
    arguments: dict[str, object] = {"name": "IMG_1.jpg", "view": "top", "now": NOW} | options
    return intake.accept(archive, SYSTEM, client.id, data, **arguments)  # type: ignore[arg-type]


def test_a_photo_is_kept_with_its_own_date(archive: Archive, client: Client) -> None:
    accepted = send(archive, client, jpeg())
    photo = accepted.photo
    assert accepted.new
    assert (photo.taken_on, photo.date_source) == (date(2026, 5, 13), "exif")
    assert photo.taken_at == "2026-05-13T10:12:00+02:00"
    assert not photo.date_confirmed
    assert archive.originals.head(client.id, photo.stored_sha256) == photo.n_bytes


def test_the_stored_bytes_hold_no_place_or_names(archive: Archive, client: Client) -> None:
    out = io.BytesIO()
    Image.new("RGB", (64, 64)).save(out, "JPEG", exif=exif_bytes())
    photo = send(archive, client, out.getvalue()).photo
    stored = archive.originals.read(client.id, photo.stored_sha256)
    assert len(stored) == len(out.getvalue())
    assert photo.received_sha256 != photo.stored_sha256
    exif = Image.open(io.BytesIO(stored)).getexif()
    assert not exif.get_ifd(0x8825)


def test_the_same_photo_twice_is_one_row(archive: Archive, client: Client) -> None:
    first, again = send(archive, client, jpeg()), send(archive, client, jpeg(), name="copy.jpg")
    assert again.photo.id == first.photo.id
    assert not again.new
    assert len(photos.photos(archive.store, SYSTEM, client.id)) == 1


def test_sent_again_heals_a_lost_original(archive: Archive, client: Client) -> None:
    photo = send(archive, client, jpeg()).photo
    archive.originals.delete(client.id, photo.stored_sha256)
    assert not send(archive, client, jpeg()).new
    assert archive.originals.head(client.id, photo.stored_sha256) == photo.n_bytes


def test_a_wrong_ending_does_not_matter(archive: Archive, client: Client) -> None:
    assert send(archive, client, jpeg(), name="photo.png").photo.format == "jpeg"


@pytest.mark.parametrize(
    ("data", "options", "code"),
    [
        (b"", {}, "empty-file"),
        (b"<html>no</html>" * 20, {}, "not-a-photo"),
        (jpeg()[:200], {}, "damaged"),
        (jpeg(), {"view": "elbow"}, "unknown-view"),
        (jpeg(), {"taken_on": date(2026, 7, 4)}, "future-date"),
        (jpeg(), {"sha256": "0" * 64}, "damaged-on-the-way"),
        (b"\xff\xd8" + bytes(26 * 1024 * 1024), {}, "too-many-bytes"),
    ],
)
def test_what_is_refused_leaves_nothing(
    archive: Archive, client: Client, data: bytes, options: dict[str, object], code: str
) -> None:
    send(archive, client, jpeg(shade=10))
    with pytest.raises((NotAccepted, PhotoRejected)) as refusal:
        send(archive, client, data, **options)
    assert refusal.value.code == code  # type: ignore[attr-defined]
    assert len(photos.photos(archive.store, SYSTEM, client.id)) == 1
    assert len(list(archive.originals.list())) == 1


def test_an_enormous_picture_is_refused_at_its_header(archive: Archive, client: Client) -> None:
    import struct
    import zlib

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0)
    bomb = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 999))
    )
    with pytest.raises(PhotoRejected) as refusal:
        send(archive, client, bomb + chunk(b"IEND", b""))
    assert refusal.value.code == "too-large"


def test_a_date_in_the_future_is_set_aside_and_the_photo_kept(
    archive: Archive, client: Client
) -> None:
    accepted = send(archive, client, jpeg("2027:05:03 08:00:00"))
    assert accepted.future == date(2027, 5, 3)
    assert (accepted.photo.taken_on, accepted.photo.date_source) == (None, "none")


def test_tomorrow_is_today_somewhere(archive: Archive, client: Client) -> None:
    late = datetime(2026, 7, 1, 23, tzinfo=UTC)
    assert send(archive, client, jpeg("2026:07:02 09:00:00"), now=late).photo.taken_on


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("2026-05-01 top.jpg", date(2026, 5, 1)),
        ("IMG-20260501-WA0003.jpg", date(2026, 5, 1)),
        ("PXL_20260501_101112.jpg", date(2026, 5, 1)),
        ("IMG_0042.jpg", None),
        ("2026-13-41 top.jpg", None),
        ("1970-01-01 top.jpg", None),
        ("20260501.jpg", None),
    ],
)
def test_dates_in_names(name: str, expected: date | None) -> None:
    assert dating.named_date(name) == expected


def test_views_in_names() -> None:
    assert dating.named_view("2026-05-01 crown close-up.jpg") == "crown close-up"
    assert dating.named_view("IMG_0042.jpg") == ""


def test_a_photo_without_date_is_dated_by_its_name(archive: Archive, client: Client) -> None:
    photo = send(archive, client, jpeg(None), name="2026-05-02 top.jpg").photo
    assert (photo.taken_on, photo.taken_at, photo.date_source) == (date(2026, 5, 2), None, "name")


def test_an_unset_camera_clock_is_no_date(archive: Archive, client: Client) -> None:
    photo = send(archive, client, jpeg("1980:01:01 00:00:00")).photo
    assert (photo.taken_on, photo.date_source) == (None, "none")
