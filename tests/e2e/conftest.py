"""A browser, a server and people signed in."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests import practice
from tests.practice import PASSWORD, email
from tests.web.serving import served

CHROMIUM = shutil.which("chromium")
ARGS = [
    *(["--no-sandbox"] if os.geteuid() == 0 else []),
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
}
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}

NewPage = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    assert CHROMIUM, "no chromium on the path"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def base(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The one server; after the browser, so that without one nothing is started."""
    folder = tmp_path_factory.mktemp("e2e") / "practice"
    practice.make(folder)
    with served("serve", folder) as address:
        yield address


@pytest.fixture
def new_page(browser: Browser) -> Iterator[NewPage]:
    """Opens a page in a browser profile of its own, on a phone unless told otherwise."""
    contexts: list[BrowserContext] = []

    def opened(**options: Any) -> Page:
        contexts.append(browser.new_context(**(options or PHONE)))
        return contexts[-1].new_page()

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """One drawn photograph that is measured in full, as a JPEG and as a HEIC file."""
    import pillow_heif
    from PIL import Image

    from analysis.phantom import PhoneOptics, Pose, Recipe, Story, draw_scalp, photograph, state_on

    scalp = draw_scalp(Recipe(seed=77))
    pose = Pose(1100, 825, 15, 44, 0, 220)
    photo = photograph(scalp, state_on(scalp, Story(), 1), pose, PhoneOptics(), seed=1)
    picture = Image.fromarray(photo.srgb_u8)
    folder = tmp_path_factory.mktemp("drawn")
    jpeg, heic = folder / "2026-05-03 hairline.jpg", folder / "2026-05-04 hairline.heic"
    picture.save(jpeg, quality=90)
    pillow_heif.from_pillow(picture).save(heic, quality=90)
    return jpeg, heic


def ready(page: Page) -> None:
    """Wait until the script has run."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.wait_for_selector("nav[aria-label=Main]")
    page.wait_for_selector("h1")


def enter(page: Page, base: str, who: str, path: str = "/") -> None:
    """Sign in through the form."""
    page.goto(base + path)
    page.fill("#name", email(who))
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]")
    ready(page)
