"""How long the dashboard's pages take with the demonstration practice, in a real browser."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tracker.demo import PASSWORD

PORT = 8655
BASE = f"http://127.0.0.1:{PORT}"
PAGES = {
    "alex@demonstration.example": ("/", "/progress", "/photos", "/compare", "/feel"),
    "dana@demonstration.example": ("/", "/clients", "/touchups"),
}
ARGS = ["--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]


def table() -> Iterator[str]:
    """Median of five visits of each page: from the click on the link until its script is done."""
    chromium = shutil.which("chromium")
    if chromium is None:
        yield "Pages: no Chromium here"
        return
    with tempfile.TemporaryDirectory() as folder:
        server = _demo(folder)
        try:
            yield "Dashboard pages with the demonstration practice, all measured, median of five, s"
            yield from _visits(chromium)
        finally:
            server.terminate()
            server.wait(timeout=60)


def _demo(folder: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tracker", "demo", "--data", folder, "--port", str(PORT)]
    server = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=Path.cwd()
    )
    assert server.stderr is not None
    for line in server.stderr:
        if line.startswith("measured") and len(set(line.split()) - {"measured", "of"}) == 1:
            break
    with urllib.request.urlopen(f"{BASE}/_stcore/health", timeout=10):
        return server


def _visits(chromium: str) -> Iterator[str]:
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=[*root, *ARGS])
        for who, paths in PAGES.items():
            page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
            page.goto(f"{BASE}/account/login")
            page.fill("#name", who)
            page.fill("#password", PASSWORD)
            page.click("button[type=submit]")
            _ready(page)
            for path in paths:
                spent = sorted(_visit(page, path) for _ in range(5))
                yield f"{who:28}{path:12}{spent[2]:6.2f}"
        browser.close()


def _visit(page: Page, path: str) -> float:
    """From asking for the address anew until the page's script has run."""
    start = time.perf_counter()
    page.goto(BASE + path)
    _ready(page)
    return time.perf_counter() - start


def _ready(page: Page) -> None:
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.wait_for_selector("nav[aria-label=Main]")
    page.wait_for_selector("h1")
