"""Habits of the code that no linter holds."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CODE = sorted(p for d in ("analysis", "tracker") for p in (ROOT / d).rglob("*.py"))


@pytest.mark.parametrize("path", CODE, ids=lambda p: str(p.relative_to(ROOT)))
def test_today_is_an_argument(path: Path) -> None:
    if path.parent.name == "web" or path.name == "__main__.py":
        return
    assert not re.search(r"\b(datetime|date)\.(now|today)\(", path.read_text("utf-8"))


def test_client_photos_never_travel_through_streamlit() -> None:
    for path in (ROOT / "tracker").rglob("*.py"):
        assert not re.search(
            r"st\.(image|file_uploader|camera_input|download_button)\(", path.read_text()
        )


def test_every_public_thing_of_the_instrument_tells_its_units_and_sources() -> None:
    """Documented at least; ruff holds that each has a docstring, this that dotted rows are told."""
    from analysis.measurands import MEASURANDS

    text = (ROOT / "docs" / "method.md").read_text("utf-8")
    missing = [name for name in MEASURANDS if f"`{name}`" not in text]
    assert missing == []


def test_sample_images_are_small_and_their_truth_is_there() -> None:
    samples = ROOT / "sample_images"
    assert sum(p.stat().st_size for p in samples.rglob("*")) < 25_000_000
    for client in samples.glob("*/client.json"):
        photos = {p.name for p in client.parent.iterdir() if p.suffix in (".jpg", ".heic")}
        assert photos == set(json.loads((client.parent / "truth.json").read_text("utf-8")))
    assert len(list(samples.glob("*/*.heic"))) == 1
