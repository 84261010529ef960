"""Decoding: formats, turns, colours, dates and refusals."""

from __future__ import annotations

import io
import pickle
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms
from PIL.TiffImagePlugin import IFDRational

from analysis.decode import PhotoRejected, decode, read_header
from analysis.formats import icc
from analysis.formats.icc import P3_TO_XYZ
from tracker.blanking import blank

from .photos import exif_bytes, matrix_profile, photo, picture, saved, srgb_para

FORMATS = ("jpeg", "png", "webp", "heif", "avif", "tiff")
TOLERANCE = {"jpeg": 3, "png": 0, "webp": 0, "heif": 6, "avif": 6, "tiff": 0}
UPRIGHT = {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6}  # the turn that undoes each


def turned(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """The Exif turns by transpose and flips, an independent oracle."""
    if orientation >= 5:
        pixels = pixels.transpose(1, 0, 2)
    down, across = {1: (1, 1), 2: (1, -1), 3: (-1, -1), 4: (-1, 1), 5: (1, 1), 6: (1, -1),
                    7: (-1, -1), 8: (-1, 1)}[orientation]  # fmt: skip
    return pixels[::down, ::across]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", FORMATS)
def test_upright_exactly_once(kind: str, orientation: int) -> None:
    decoded = decode(photo(kind, orientation))
    expected = turned(picture(), orientation)
    assert decoded.srgb_u8.shape == expected.shape
    worst = np.abs(decoded.srgb_u8.astype(int) - expected).max()
    assert worst <= TOLERANCE[kind]
    header = decoded.header
    assert (header.height_px, header.width_px) == expected.shape[:2]
    assert header.taken_at == "2026-05-01T10:12:00-05:30"
    assert (header.format, header.make, header.model) == (kind, "Apple", "iPhone 15")


@pytest.mark.parametrize("orientation", [0, 9])
@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
def test_impossible_orientation_is_upright(kind: str, orientation: int) -> None:
    assert decode(photo(kind, orientation)).srgb_u8.shape == (48, 64, 3)


@pytest.mark.parametrize(
    ("stamp", "offset", "expected"),
    [
        ("0000:00:00 00:00:00", "", None),
        ("2026:02:30 10:00:00", "", None),
        ("    :  :     :  :  ", "", None),
        ("2026:03:29 02:30:00", "+14:00", "2026-03-29T02:30:00+14:00"),
        ("2026:05:01 10:00:00", "+25:00", "2026-05-01T10:00:00"),
        ("2026:05:01 10:00:00", "-05:30", "2026-05-01T10:00:00-05:30"),
        ("1970:01:01 00:00:00", "", "1970-01-01T00:00:00"),
    ],
)
def test_dates(stamp: str, offset: str, expected: str | None) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769).update({0x9003: stamp, 0x9011: offset, 0x9010: "+01:00"})
    data = saved(Image.fromarray(picture()), "jpeg", exif=exif)
    assert read_header(data).taken_at == expected


def p3() -> bytes:
    return matrix_profile(P3_TO_XYZ, srgb_para())


@pytest.mark.parametrize("curve", [srgb_para(), b"curv\0\0\0\0" + struct.pack(">IH", 1, 563)])
def test_profile_within_one_level_of_littlecms(curve: bytes) -> None:
    profile = matrix_profile(P3_TO_XYZ, curve)
    rng = np.random.default_rng(0)
    rgb = rng.integers(0, 256, (300, 300, 3)).astype(np.uint8)
    fast, used = icc.to_srgb(rgb, profile)
    slow, _ = icc.convert_slowly(Image.fromarray(rgb), profile)
    difference = np.abs(fast.astype(int) - slow)
    assert used
    assert difference.max() <= 1, np.argwhere(difference > 1)[:5]


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "tiff"])
def test_display_p3_is_converted(kind: str) -> None:
    flat = Image.fromarray(np.full((16, 16, 3), (200, 120, 100), np.uint8))
    options = {"quality": 98} if kind == "jpeg" else {}
    data = saved(flat, kind, icc_profile=p3(), **options)
    decoded = decode(data)
    # By hand: linear P3 -> XYZ -> linear sRGB -> code.
    expected = icc.srgb_code(
        np.linalg.inv(icc.SRGB_TO_XYZ) @ P3_TO_XYZ @ icc.srgb_curve(np.array([200, 120, 100]) / 255)
    )
    assert decoded.colour == "converted"
    assert np.abs(decoded.srgb_u8[8, 8] - expected * 255).max() <= 2


def test_srgb_profile_changes_nothing() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    decoded = decode(saved(Image.fromarray(picture()), "png", icc_profile=profile))
    assert np.array_equal(decoded.srgb_u8, picture())
    assert decoded.colour == "converted"


def test_broken_profile_leaves_colours_unsure() -> None:
    data = saved(Image.fromarray(picture()), "jpeg", icc_profile=b"nonsense" * 40)
    assert decode(data).colour == "unsure"


def sixteen_bit_png(values: np.ndarray) -> bytes:
    """Pillow cannot write 16-bit RGB, so by hand."""
    height, width, _ = values.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def test_sixteen_bit_is_scaled_not_clipped() -> None:
    deep = picture().astype(np.uint16) * 257
    colour = decode(sixteen_bit_png(deep))
    assert np.abs(colour.srgb_u8.astype(int) - picture()).max() <= 1
    grey = decode(saved(Image.fromarray(deep[..., 0]), "png"))
    assert grey.is_grey
    assert np.array_equal(grey.srgb_u8[..., 0], picture()[..., 0])


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA"])
def test_png_modes(mode: str) -> None:
    decoded = decode(saved(Image.fromarray(picture()).convert(mode), "png"))
    assert decoded.srgb_u8.shape == (48, 64, 3)
    assert decoded.is_grey is (mode in ("1", "L", "LA"))
    assert not decoded.had_alpha


def test_hidden_colour_behind_alpha_stays_hidden() -> None:
    rgba = np.dstack([picture(), np.zeros((48, 64), np.uint8)])
    decoded = decode(saved(Image.fromarray(rgba), "png"))
    assert decoded.had_alpha
    assert (decoded.srgb_u8 == 255).all()


def test_grey_and_cmyk_jpeg() -> None:
    grey = decode(saved(Image.fromarray(picture()).convert("L"), "jpeg"))
    assert grey.is_grey
    ink = Image.fromarray(picture()).convert("CMYK")
    decoded = decode(saved(ink, "jpeg", quality=98))
    assert decoded.colour == "unsure"
    assert np.abs(decoded.srgb_u8.astype(int) - np.array(ink.convert("RGB"))).max() <= 8
    assert decode(saved(Image.fromarray(picture()).convert("L").convert("RGB"), "jpeg")).is_grey


def frames(kind: str) -> bytes:
    images = [Image.fromarray(picture()), Image.fromarray(picture()[::-1])]
    return saved(images[0], kind, save_all=True, append_images=images[1:])


@pytest.mark.parametrize("kind", ["webp", "avif", "tiff", "png"])
def test_animated_is_refused(kind: str) -> None:
    assert refusal(frames(kind)) == "not-a-still-photo"


def test_mpo_is_a_jpeg() -> None:
    decoded = decode(frames("mpo"))
    assert np.abs(decoded.srgb_u8.astype(int) - picture()).max() <= 20


def refusal(data: bytes) -> str:
    with pytest.raises(PhotoRejected) as caught:
        decode(data)
    return caught.value.code


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty-file"), (b"x", "not-a-photo"), (b"<html></html>", "not-a-photo"),
        (b"%PDF-1.7", "not-a-photo"), (b"<svg/>", "not-a-photo"), (b"PK\x03\x04", "not-a-photo"),
        (b"\xff\xd8\xff", "damaged"), (b"\x89PNG\r\n\x1a\n", "damaged"),
        (b"RIFF\0\0\0\0WEBP", "damaged"), (b"GIF89a", "format-not-accepted"),
        (b"BM0000", "format-not-accepted"), (b"\0\0\0\x18ftypheic", "damaged"),
        (b"\0\0\0\x14ftypmp42\0\0\0\0isom", "not-a-still-photo"), (b"II*\0", "damaged"),
    ],
)  # fmt: skip
def test_not_photos(data: bytes, code: str) -> None:
    assert refusal(data) == code


@pytest.mark.parametrize("kind", FORMATS)
def test_every_cut_is_refused(kind: str) -> None:
    data = photo(kind)
    end = data.find(b"SECRETTAIL") if b"SECRETTAIL" in data else len(data)
    for size in np.linspace(1, end - 9, 60).astype(int):
        if kind == "tiff" and data[4:8] and size > 5000:
            continue
        refusal(data[:size])


def test_bombs_are_refused_at_the_header() -> None:
    out = io.BytesIO()
    Image.new("1", (8000, 8000)).save(out, "PNG")
    with pytest.raises(PhotoRejected) as caught:
        read_header(out.getvalue())
    assert caught.value.code == "too-large"
    lying = bytearray(photo("jpeg"))
    at = lying.find(b"\xff\xc0")
    lying[at + 5 : at + 9] = b"\xff\xdc\xff\xdc"
    assert refusal(bytes(lying)) == "too-large"
    lying[at + 5 : at + 9] = b"\x00\xdc\x00\xdc"
    assert refusal(bytes(lying)).startswith("damaged")


def test_flipped_png_bit_is_refused() -> None:
    data = bytearray(saved(Image.fromarray(picture()), "png"))
    data[-30] ^= 1
    assert refusal(bytes(data)) == "damaged"


def test_refusal_survives_pickling() -> None:
    again = pickle.loads(pickle.dumps(PhotoRejected("too-large", {"width_px": 9})))
    assert (again.code, again.facts) == ("too-large", {"width_px": 9})
    with pytest.raises(ValueError, match="nonsense"):
        PhotoRejected("nonsense")


def test_exif_big_endian() -> None:
    data = saved(Image.fromarray(picture()), "jpeg", exif=b"Exif\0\0" + exif_bytes(6, ">"))
    assert read_header(data).orientation == 6


RENDERED, SCENE, CONTRAST, SATURATION, SHARPNESS = 0xA401, 0xA406, 0xA408, 0xA409, 0xA40A


@pytest.mark.parametrize(
    ("tags", "mode"),
    [({}, None), ({RENDERED: 2, SCENE: 0}, "standard"), ({RENDERED: 8, SCENE: 0}, "portrait"),
     ({RENDERED: 6}, "panorama"), ({SCENE: 1}, "standard"), ({SCENE: 3, SATURATION: 2}, "night"),
     ({CONTRAST: 0, SATURATION: 0}, "standard"), ({CONTRAST: 0, SATURATION: 2}, "vivid"),
     ({SCENE: 0, SHARPNESS: 2}, "vivid"), ({CONTRAST: 1}, "soft")],
)  # fmt: skip
def test_phone_lens_and_picture_mode(tags: dict[int, int], mode: str | None) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Apple", "iPhone 13"
    told = {0x920A: IFDRational(51, 10), 0xA434: "iPhone 13 back dual wide camera 5.1mm f/1.6"}
    exif[0x8769] = told | tags
    out = io.BytesIO()
    Image.new("RGB", (64, 48)).save(out, "JPEG", exif=exif.tobytes())
    kept = blank(out.getvalue(), "jpeg")
    for data in (out.getvalue(), kept):
        header = read_header(data)
        assert (header.make, header.model, header.focal_mm) == ("Apple", "iPhone 13", 5.1)
        assert (header.lens, header.mode) == (told[0xA434], mode)
