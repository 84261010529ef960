"""Privacy blanking: secrets gone, facts and pixels kept, the length unchanged."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from analysis.decode import PhotoRejected, decode
from analysis.formats.exif import rewrite
from tracker.blanking import blank

from .photos import SECRETS, exif_bytes, matrix_profile, photo, picture, saved, srgb_para

FORMATS = ("jpeg", "png", "webp", "heif", "avif", "tiff")


@pytest.mark.parametrize("orientation", [1, 6])
@pytest.mark.parametrize("kind", FORMATS)
def test_secrets_go_facts_and_pixels_stay(kind: str, orientation: int) -> None:
    data = photo(kind, orientation)
    assert any(secret in data for secret in SECRETS)
    clean = blank(data, kind)
    assert [secret for secret in SECRETS if secret in clean] == []
    assert len(clean) == len(data)
    assert blank(clean, kind) == clean
    before, after = decode(data), decode(clean)
    assert after.header == before.header
    assert np.array_equal(after.srgb_u8, before.srgb_u8)
    with Image.open(io.BytesIO(clean)) if kind != "heif" else Image.new("1", (1, 1)) as image:
        exif = image.getexif()
        assert 0x8825 not in exif
        if kind != "heif":
            assert exif.get_ifd(0x8769)[0x829A] in ((1, 60), pytest.approx(1 / 60))


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "tiff"])
def test_profile_stays(kind: str) -> None:
    from analysis.formats.icc import P3_TO_XYZ

    profile = matrix_profile(P3_TO_XYZ, srgb_para())
    data = saved(Image.fromarray(picture()), kind, icc_profile=profile, exif=exif_bytes())
    clean = blank(data, kind)
    assert Image.open(io.BytesIO(clean)).info["icc_profile"] == profile
    assert decode(clean).colour == "converted"


def segment(marker: int, payload: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(payload) + 2).to_bytes(2, "big") + payload


def with_thumbnail(thumbnail: bytes) -> bytes:
    """An Exif block whose second directory points to a thumbnail."""
    block = bytearray(exif_bytes())
    main = int.from_bytes(block[4:8], "little")
    link = main + 2 + 12 * int.from_bytes(block[main : main + 2], "little")
    block[link : link + 4] = len(block).to_bytes(4, "little")
    at = len(block) + 2 + 24 + 4
    rows = ((0x201, 4, 1, at), (0x202, 4, 1, len(thumbnail)))
    block += b"\x02\x00" + b"".join(
        t.to_bytes(2, "little") + k.to_bytes(2, "little") + n.to_bytes(4, "little")
        + v.to_bytes(4, "little") for t, k, n, v in rows
    ) + bytes(4)  # fmt: skip
    return bytes(block) + thumbnail


def test_jpeg_thumbnail_other_segments_and_tail() -> None:
    thumbnail = saved(Image.new("RGB", (32, 24), "red"), "jpeg")
    plain = saved(Image.fromarray(picture()), "jpeg", progressive=True)
    data = plain[:2] + segment(0xE1, b"Exif\0\0" + with_thumbnail(thumbnail))
    data += segment(0xE1, b"Exif\0\0" + exif_bytes()) + segment(0xED, b"Photoshop SECRETNOTE")
    data += segment(0xE2, b"MPF\0SECRETNOTE") + segment(0xEB, b"SECRETNOTE") + plain[2:]
    data += photo("jpeg")  # the second picture of an MPO, or a gain map
    assert data.count(thumbnail) == 1
    clean = blank(data, "jpeg")
    assert thumbnail not in clean
    assert not any(secret in clean for secret in SECRETS)
    assert not any(clean[len(data) - len(photo("jpeg")) :])
    assert np.array_equal(decode(clean).srgb_u8, decode(data).srgb_u8)
    assert decode(clean).header.taken_at == "2026-05-01T10:12:00-05:30"


def test_heif_thumbnail_goes() -> None:
    data = saved(Image.fromarray(picture(256, 320)), "heif", exif=exif_bytes(), thumbnails=[64])
    clean = blank(data, "heif")
    assert clean != data
    assert np.array_equal(decode(clean).srgb_u8, decode(data).srgb_u8)
    zeros = sum(a != b and a == 0 for a, b in zip(clean, data, strict=True))
    assert zeros > 300


def test_exif_after_the_pixels_of_a_png() -> None:
    data = saved(Image.fromarray(picture()), "png")
    import zlib

    body = b"eXIf" + exif_bytes(6)
    chunk = (len(body) - 4).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
    late = data[:-12] + chunk + data[-12:]
    assert decode(late).srgb_u8.shape == (64, 48, 3)
    assert not any(secret in blank(late, "png") for secret in SECRETS)


@pytest.mark.parametrize("block", [b"", b"II*\0", b"rubbish" * 9, exif_bytes()[:40]])
def test_odd_blocks(block: bytes) -> None:
    once = rewrite(block)
    assert len(once) == len(block)
    assert rewrite(once) == once


def test_rewriting_damaged_blocks_never_fails_nor_leaks() -> None:
    rng = np.random.default_rng(1)
    for order in ("<", ">"):
        good = np.frombuffer(exif_bytes(1, order), np.uint8)
        for _ in range(2000):
            bad = good.copy()
            bad[rng.integers(0, len(bad), 4)] = rng.integers(0, 256, 4)
            once = rewrite(bad.tobytes())
            assert len(once) == len(bad)
            assert rewrite(once) == once


def test_unwalkable_is_refused() -> None:
    with pytest.raises(PhotoRejected) as caught:
        blank(photo("jpeg")[:400], "jpeg")
    assert caught.value.code == "metadata-unreadable"
    with pytest.raises(ValueError, match="gif"):
        blank(b"GIF89a", "gif")
