"""Every way to start has the same settings, or refuses."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from tests.web.serving import ROOT, WAYS, fetch, free_port, served, start
from tracker.settings import as_toml
from tracker.web.application import SCRIPT
from tracker.web.places import PAGES
from tracker.words.pages import NOT_STARTED


def test_committed_file_is_the_table() -> None:
    assert (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8") == as_toml()


@pytest.mark.parametrize("way", WAYS)
def test_starts_shut_in_its_own_folder(way: str, tmp_path: Path) -> None:
    # uvicorn reads the settings from the current folder, so only it needs to stand in ours.
    cwd = ROOT if way == "uvicorn" else tmp_path
    with served(way, tmp_path / "practice", cwd) as base:
        for page in ("", *(path.stem for path in PAGES.glob("[a-z]*.py"))):
            answer = fetch(f"{base}/{page}", Accept="text/html")
            assert (answer.status_code, answer.text) == (303, "")
            assert answer.headers["location"].startswith("/account/login")
        assert (tmp_path / "practice" / "db" / "tracker.sqlite3").exists()


@pytest.mark.parametrize(
    ("way", "elsewhere", "env"),
    [
        ("uvicorn", True, {}),
        ("streamlit", False, {"STREAMLIT_SERVER_MAX_UPLOAD_SIZE": "200"}),
    ],
)
def test_refuses_other_settings(
    way: str, elsewhere: bool, env: dict[str, str], tmp_path: Path
) -> None:
    cwd = tmp_path if elsewhere else ROOT
    process = start(way, tmp_path / "practice", free_port(), cwd, **env)
    said, _ = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "Start it with `smp-tracker serve`" in said


def test_the_script_is_nothing_to_a_worker_process() -> None:
    """Streamlit makes it `__main__`, which workers import under this name."""
    assert "main" not in runpy.run_path(str(SCRIPT), run_name="__mp_main__")


def test_bare_script_shows_nothing() -> None:
    code = (
        "from streamlit.testing.v1 import AppTest\n"
        f"at = AppTest.from_file({str(SCRIPT)!r}).run()\n"
        "print([e.value for e in at.error], len(at.title))"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        (sys.executable, "-c", code), cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == f"{[NOT_STARTED]} 0"
