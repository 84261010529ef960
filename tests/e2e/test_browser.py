"""The program as a person with a browser meets it: one server, a real Chromium."""

from __future__ import annotations

import os
import re
from datetime import date
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import ConsoleMessage, Locator, Page, Request, WebSocketRoute, expect

from tests.e2e.conftest import CHROMIUM, DESK, NewPage, enter, ready
from tests.e2e.cutting import CuttingProxy
from tests.practice import flat_photo, jpeg
from tracker.words import feel, pages, photos

if CHROMIUM is None and os.environ.get("CI") != "true":
    pytest.skip("no chromium on the path: no browser tests", allow_module_level=True)

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

INPUT = "input[name=photos]"
SAVED = "li[data-state=saved]"
RESULT = re.compile(rf"^({re.escape(photos.MEASURED_DOTS)}|{re.escape(photos.MEASURED_TONE)})")
PROGRESS = re.compile(r"^Measuring \d+ of \d+$")
MEASURING_MS = 60_000
SHADES = count(100)


@pytest.fixture
def small(tmp_path: Path) -> list[str]:
    """Two small photos nobody has sent before."""
    files = [tmp_path / f"small-{shade}.jpg" for shade in (next(SHADES), next(SHADES))]
    for file in files:
        file.write_bytes(jpeg(flat_photo(int(file.stem[6:]))))
    return [str(file) for file in files]


def rows(page: Page) -> Locator:
    """The photos listed on the Photos page."""
    return page.locator(".pl > div")


class Listener:
    """What a page asked of other sites, and what went wrong in it."""

    def __init__(self, page: Page, base: str) -> None:
        self.outside: list[str] = []
        self.faults: list[str] = []
        self._host = urlsplit(base).netloc
        page.on("request", self._request)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(str(error)))

    def _request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https", "ws", "wss") and address.netloc != self._host:
            self.outside.append(request.url)

    def _console(self, message: ConsoleMessage) -> None:
        # On a page's own address the front end looks for the server below that address first.
        probe = "/photos/_stcore/" in message.location["url"]
        if message.type == "error" and not probe:
            self.faults.append(f"{message.text} {message.location['url']}")


class Cable:
    """Takes a page's WebSocket away and gives it back."""

    def __init__(self, page: Page) -> None:
        self._live: list[WebSocketRoute] = []
        self._cut = False
        page.route_web_socket("**/_stcore/stream", self._opened)

    def _opened(self, route: WebSocketRoute) -> None:
        if self._cut:
            route.close()
        else:
            route.connect_to_server()
            self._live.append(route)

    def cut(self) -> None:
        self._cut = True
        for route in self._live:
            route.close()

    def mend(self) -> None:
        self._cut = False


def test_two_photos_are_sent_measured_and_private(
    base: str, new_page: NewPage, drawn: tuple[Path, Path]
) -> None:
    page = new_page()
    heard = Listener(page, base)
    enter(page, base, "ben", "/photos")
    assert urlsplit(page.url).path == "/photos"
    page.set_input_files(INPUT, [str(file) for file in drawn])
    expect(page.locator(SAVED)).to_have_count(2)
    expect(page.get_by_text(PROGRESS)).to_be_visible()
    # Without a reload: the page looks by itself how far measuring has come.
    measured = rows(page).get_by_text(RESULT)
    expect(measured).to_have_count(2, timeout=MEASURING_MS)
    expect(page.get_by_text(PROGRESS)).to_have_count(0)
    thumbnails = page.locator(".pl img").all()
    for picture in thumbnails:
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", True)
        assert picture.evaluate("each => each.naturalWidth") == 240
        assert "soon" not in (picture.get_attribute("src") or "")
    page.set_input_files(INPUT, str(drawn[0]))
    expect(page.get_by_text(photos.UPLOAD["already"])).to_be_visible()
    page.reload()
    ready(page)
    expect(measured).to_have_count(2)
    address = base + str(thumbnails[0].get_attribute("src"))
    assert page.request.get(address).status == 200
    other = new_page()
    assert other.request.get(address).status == 401
    enter(other, base, "tom")
    assert other.request.get(address).status == 404
    assert (heard.outside, heard.faults) == ([], [])


def test_photos_sent_without_the_socket_are_found_after(
    base: str, new_page: NewPage, small: list[str]
) -> None:
    page = new_page()
    cable = Cable(page)
    enter(page, base, "ali", "/photos")
    n_before = rows(page).count()
    cable.cut()
    page.set_input_files(INPUT, small)
    expect(page.locator(SAVED)).to_have_count(2)
    assert rows(page).count() == n_before
    cable.mend()
    page.reload()
    ready(page)
    expect(rows(page)).to_have_count(n_before + 2)


def test_an_upload_cut_in_its_middle_is_sent_again_and_saved_once(
    base: str, new_page: NewPage, tmp_path: Path
) -> None:
    big = tmp_path / "big.jpg"
    big.write_bytes(jpeg(flat_photo(1)) + bytes(2_000_000))
    with CuttingProxy(base, after=200_000, cuts=1) as proxy:
        page = new_page()
        enter(page, proxy.base, "jonas", "/photos")
        n_before = rows(page).count()
        page.set_input_files(INPUT, str(big))
        expect(page.locator(SAVED)).to_have_count(1, timeout=30_000)
        expect(rows(page)).to_have_count(n_before + 1)
        assert proxy.posts == 2


def test_signed_out_elsewhere(base: str, new_page: NewPage, small: list[str]) -> None:
    page = new_page()
    enter(page, base, "tom", "/photos")
    page.request.post(f"{base}/account/logout", headers={"Origin": base})
    page.set_input_files(INPUT, small[:1])
    expect(page.get_by_role("link", name=pages.SIGN_IN_AGAIN)).to_be_visible()
    page.reload()
    expect(page.get_by_label("Password")).to_be_visible()


def test_the_slider_moves_by_keyboard(base: str, new_page: NewPage) -> None:
    page = new_page()
    enter(page, base, "tom", "/compare")
    slider = page.get_by_role("slider")
    slider.focus()
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    expect(slider).to_have_value("70")
    expect(slider).to_have_attribute("aria-valuetext", "70 % day 0, 30 % day 58")


def test_navigation_keeps_focus_and_address(base: str, new_page: NewPage) -> None:
    page = new_page(**DESK)
    enter(page, base, "tom")
    link = page.get_by_role("link", name="Progress")
    link.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=pages.PROGRESS_TITLE, level=1)).to_be_visible()
    assert urlsplit(page.url).path == "/progress"
    expect(link).to_have_attribute("aria-current", "page")
    expect(link).to_be_focused()
    page.go_back()
    expect(page.get_by_role("link", name="Today")).to_have_attribute("aria-current", "page")


def test_a_yes_shows_its_text_at_once(base: str, new_page: NewPage) -> None:
    page = new_page()
    enter(page, base, "tom", "/feel")
    page.locator("[data-testid=stCheckbox] label").first.click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text(feel.ACT["emergency"])
    expect(alert).to_contain_text("Call your local emergency number")


def test_a_date_is_confirmed_with_one_tap_and_a_future_one_asked_for(
    base: str, new_page: NewPage, tmp_path: Path
) -> None:
    page = new_page()
    enter(page, base, "mara", "/photos")
    expect(page.get_by_role("button", name=photos.CONFIRM)).to_have_count(1)
    page.get_by_role("button", name=photos.CONFIRM).tap()
    expect(page.get_by_role("heading", name=photos.DATES_HEADING)).to_have_count(0)
    early = tmp_path / "2099-01-02 crown.jpg"
    early.write_bytes(jpeg(flat_photo(99)))
    page.set_input_files(INPUT, str(early))
    expect(page.locator(SAVED)).to_have_text(f"{early.name}{photos.future(date(2099, 1, 2))}")
    expect(page.get_by_text(photos.NO_DATE)).to_be_visible()


@pytest.mark.parametrize(
    ("who", "paths"),
    [
        ("mara", ("/", "/progress", "/photos", "/compare", "/feel", "/guide")),
        ("dana", ("/", "/clients", "/client", "/touchups", "/practice", "/plan")),
        ("sam", ("/",)),
    ],
)
def test_every_page_fits_and_has_one_heading(
    base: str, new_page: NewPage, who: str, paths: tuple[str, ...]
) -> None:
    page = new_page(**DESK)
    enter(page, base, who)
    for path in paths:
        if path == "/client":
            page.get_by_role("link", name="Mara L.").click()
            page.wait_for_url("**/client?*")
        elif path != "/":
            page.goto(base + path)
        ready(page)
        expect(page.locator("h1")).to_have_count(1)
        for width in (1280, 390, 320):
            page.set_viewport_size({"width": width, "height": 844})
            page.wait_for_timeout(150)
            inner, scroll = page.evaluate(
                "[innerWidth, Math.max(document.documentElement.scrollWidth,"
                " document.querySelector('[data-testid=stMain]').scrollWidth)]"
            )
            assert scroll <= inner == width, (path, width)
