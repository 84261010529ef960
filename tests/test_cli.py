"""The command line as a stranger calls it: the contract's fields, exit codes, one-line errors."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

PHOTO_FIELDS = {
    "schema", "photo", "sha256", "width_px", "height_px", "taken_at", "camera", "verdict",
    "level", "reasons", "flags", "scale", "region", "areas", "measurements", "patches",
    "redness_map", "redness_spots",
}  # fmt: skip
PHOTO_MEASURANDS = {
    "dot_count", "dot_density", "density_uniformity", "dot_spacing", "dot_diameter",
    "dot_contrast", "pigment_per_area", "coverage_delta_l", "mottle", "patchy_share",
    "redness_index", "redness_delta_a", "skin_ita", "blur_width", "glare_share",
}  # fmt: skip
PAIR_FIELDS = {
    "schema", "baseline", "followup", "registration", "dots", "measurements", "lost_patches",
}  # fmt: skip
PAIR_MEASURANDS = {
    "dots_kept", "pigment_left", "dot_contrast_ratio", "dot_diameter_ratio", "pigment_hue_shift",
    "redness_change", "density_uniformity_change", "mottle_change", "lost_patch_share",
    "hair_edge_moved", "hair_edge_moved_mm",
}  # fmt: skip
FOLLOW_FIELDS = {
    "schema", "photos", "comparisons", "maps", "series", "findings", "touch_up", "course",
    "settled", "segments", "least_changes", "forecast", "power",
}  # fmt: skip


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tracker", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two dates of one drawn client, as the phantom verb draws them."""
    folder = tmp_path_factory.mktemp("phantom")
    done = run("phantom", folder, "--seed", 5, "--dates", 2)
    assert done.returncode == 0, done.stderr
    return folder / "phantom-5"


def rows(document: dict[str, Any]) -> dict[str, Any]:
    for row in document["measurements"]:
        assert set(row) == {"measurand", "version", "unit", "value", "stderr", "flags"}
        assert row["value"] is not None or row["flags"]
    return {row["measurand"]: row for row in document["measurements"]}


def test_phantom_draws_photos_with_truth(series: Path) -> None:
    truth = json.loads((series / "truth.json").read_text())
    photos = sorted(p.name for p in series.glob("*.jpg"))
    assert photos == sorted(truth)
    assert len(photos) == 4
    assert len(truth[photos[0]]["dots"]["id"]) == truth[photos[0]]["n_dots"] > 500
    client = json.loads((series / "client.json").read_text())
    assert client["treated_on"] == ["2026-05-02"]


def test_measure_prints_every_field(series: Path, tmp_path: Path) -> None:
    photo = min(series.glob("*hairline*.jpg"))
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"no photo")
    done = run("measure", photo, bad, "--scale", 17, "--dots", "--overlay", tmp_path / "marked")
    assert done.returncode == 0, done.stderr
    good, refused = (json.loads(line) for line in done.stdout.splitlines())
    for document in (good, refused):
        assert set(document) == PHOTO_FIELDS | {"dots"}
        assert set(rows(document)) >= PHOTO_MEASURANDS
    assert good["photo"] == str(photo)
    assert good["verdict"] == "measured"
    assert good["taken_at"].startswith("2026-05-02T")
    assert good["taken_at"].endswith("+02:00")
    assert good["scale"] == {"px_per_mm": 17.0, "stderr": 0.34, "source": "given"}
    assert good["region"]["area_cm2"] > 1
    assert rows(good)["redness_index"]["value"] > 3
    dots = good["dots"]
    assert len({len(column) for column in dots.values()}) == 1
    assert len(dots["x"]) == rows(good)["dot_count"]["value"] > 500
    assert (refused["verdict"], refused["level"]) == ("refused", None)
    assert refused["reasons"][0]["code"] == "not-a-photo"
    assert refused["reasons"][0]["sentence"]
    assert (tmp_path / "marked" / f"{photo.name}.overlay.jpg").stat().st_size > 10_000


def test_measure_takes_a_region_and_a_folder(series: Path, tmp_path: Path) -> None:
    region = tmp_path / "region.json"
    region.write_text(json.dumps({"outline": [[200, 800], [1200, 800], [1200, 1150], [200, 1150]]}))
    done = run("measure", series, "--region", region)
    documents = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(documents) == 4
    assert all("region-given" in d["flags"] for d in documents if d["verdict"] == "measured")


def test_compare_prints_every_field(series: Path, tmp_path: Path) -> None:
    baseline, followup = sorted(series.glob("*hairline*.jpg"))
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"no photo")
    marked = tmp_path / "marked"
    done = run("compare", baseline, followup, bad, "--dots", "--overlay", marked)
    assert done.returncode == 0, done.stderr
    document, refused = (json.loads(line) for line in done.stdout.splitlines())
    assert set(refused["registration"]) == {"accepted", "reason", "code"}
    (picture,) = marked.iterdir()
    assert picture.name == f"{followup.name}.overlay.jpg"
    assert picture.stat().st_size > 10_000
    assert set(document) == PAIR_FIELDS | {"matches"}
    assert set(rows(document)) >= PAIR_MEASURANDS
    registration = document["registration"]
    assert registration["accepted"] is True
    assert set(registration) == {
        "accepted", "overlap", "matched_fraction", "residual_px", "advice", "homography",
    }  # fmt: skip
    assert registration["advice"] is None or registration["advice"].startswith("Next time: ")
    dots = document["dots"]
    assert set(dots) == {"observable", "kept", "lost", "new", "not_observable"}
    assert dots["kept"] + dots["lost"] == dots["observable"] > 500
    matches = document["matches"]
    assert len(matches["baseline"]) == len(matches["followup"]) > 500
    before, after = (np.array(matches[name]) for name in ("baseline", "followup"))
    laid = np.c_[before, np.ones(len(before))] @ np.array(registration["homography"]).T
    # A head is round, so that no flat map fits: 1.5 mm are left, a quarter of the least zone.
    assert np.percentile(np.hypot(*(laid[:, :2] / laid[:, 2:] - after).T), 95) < 25
    assert 0.8 < rows(document)["dots_kept"]["value"] <= 1
    assert rows(document)["redness_change"]["value"] < -3


def test_follow_prints_every_field(series: Path) -> None:
    printed = series.parent / "course.pdf"
    moving = series.parent / "course.webp"
    arguments = ["--treated-on", "2026-05-02:crown", "--as-of", "2026-05-10"]
    done = run("follow", series, *arguments, "--report", printed, "--timelapse", moving)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert set(document) == FOLLOW_FIELDS
    assert len(document["photos"]) == 4
    assert {c["followup"].split(" ", 1)[1] for c in document["comparisons"]} == {
        "hairline close-up.jpg", "top.jpg",
    }  # fmt: skip
    told = next(m for m in document["maps"] if m["view"] == "hairline close-up")
    first, second = told["photos"]
    assert set(first) == {"photo", "laid", "kept", "lost", "new", "not_observable"}
    assert first["laid"]
    assert second["laid"]
    histories = told["dots"]["history"]
    assert len(histories) == len(told["dots"]["x"]) == len(told["dots"]["first"]) > 500
    assert {len(history) for history in histories} == {2}
    assert sum(history[1] == "l" for history in histories) == second["lost"]
    point = document["series"]["redness_index"][0]
    assert set(point) == {
        "taken_on", "view", "area", "day", "value", "stderr", "expected_low", "expected_mid",
        "expected_high", "used", "compared", "camera",
    }  # fmt: skip
    assert (point["day"], point["view"]) == (0, "hairline close-up")
    assert point["camera"] == "SMP Tracker drawn phantom"
    assert {s["state"] for s in document["segments"]} == {"judged"}
    assert {c["measurand"] for c in document["least_changes"]} == {"redness_index"}
    assert document["touch_up"]["decision"] == "not before"
    assert document["touch_up"]["not_before"] == "2026-05-30"
    assert document["course"] == "cannot tell"
    assert printed.read_bytes().startswith(b"%PDF")
    with Image.open(moving) as picture:
        assert (picture.format, picture.n_frames) == ("WEBP", 2)
        assert max(picture.size) < 1000
        assert not picture.getexif()


@pytest.mark.parametrize(
    "arguments",
    [
        ["measure", "no-such-photo.jpg"],
        ["measure"],
        ["measure", __file__, "--scale", "-3"],
        ["measure", __file__, "--region", __file__],
        ["follow", "no-such-folder", "--treated-on", "2026-05-02"],
        ["follow", ".", "--treated-on", "yesterday"],
        ["phantom", "x", "--dates", "99"],
        ["measure", __file__, "--workers", "-1"],
        ["measure", __file__, "--workers", "0"],
        ["measure", str(Path(__file__).parent / "web")],
        ["measure", __file__, "--overlay", __file__],
        ["phantom", __file__],
        ["card", str(Path(__file__).parent)],
        ["dance"],
    ],
)
def test_a_wrong_call_is_told_in_one_line(arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1


def test_card_is_printed_and_printed_alike(tmp_path: Path) -> None:
    first, again = tmp_path / "sheets" / "card.pdf", tmp_path / "again.pdf"
    for path in (first, again):
        done = run("card", path)
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert first.read_bytes().startswith(b"%PDF")
    assert first.read_bytes() == again.read_bytes()


def test_users_are_added_and_listed(tmp_path: Path) -> None:
    def add(*arguments: str, password: str = "long enough") -> int:
        command = [sys.executable, "-m", "tracker", "users", *arguments, "--data", str(tmp_path)]
        return subprocess.run(command, input=password + "\n", text=True, timeout=60).returncode

    practice = ("--practice", "Harbour SMP")
    assert add("dana@example.org", "--name", "Dana", "--role", "owner", *practice) == 0
    assert add("alex@example.org", "--name", "Alex", *practice, "--treated-on", "2026-05-02") == 0
    assert add("alex@example.org", "--name", "Alex", *practice) == 1
    assert add("tom@example.org", "--name", "Tom", *practice, password="short") == 2
    listed = run("users", "--data", tmp_path).stdout.splitlines()
    assert listed == ["alex@example.org\tclient\tAlex", "dana@example.org\towner\tDana"]


@pytest.mark.parametrize(
    "verb", ["demo", "serve", "measure", "compare", "follow", "card", "phantom", "users"]
)
def test_help_shows_an_example(verb: str) -> None:
    done = run(verb, "--help")
    assert done.returncode == 0
    assert f"smp-tracker {verb}" in done.stdout.split("example:")[1]
