"""Case checks on local photos of scalps: which level, never a figure of accuracy. Opt-in."""

import os
from pathlib import Path

import pytest

from tracker import work

ROOT = Path(os.environ.get("SMP_REALDATA", "/nowhere"))
pytestmark = pytest.mark.skipif(not ROOT.is_dir(), reason="SMP_REALDATA is unset")


def levels(folder: str) -> dict[str, str | None]:
    jobs = [work.Job(p.name, work.FileSource(p)) for p in sorted((ROOT / folder).glob("*.jpg"))]
    return {job.name: a.document["level"] for job, a in work.measure_all(jobs, n_workers=2)}


def test_dots_are_counted_only_where_they_are_resolved() -> None:
    found = levels("smp")
    assert {found[f"{name}.jpg"] for name in ("fresh_frontal_crown", "hairline_edge")} == {"dot"}
    merged = ("areata_after_back", "areata_before_back", "scar_after_back", "scar_before_back")
    assert {found[f"{name}.jpg"] for name in merged} == {"tone"}


def test_small_photos_of_untreated_heads_never_get_a_density() -> None:
    assert "dot" not in levels("scalp_views").values()
