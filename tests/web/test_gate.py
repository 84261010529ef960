"""The gate and the routes over plain HTTP."""

from __future__ import annotations

import hashlib
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from tests import practice
from tests.practice import PASSWORD, email, flat_photo, jpeg
from tests.web.serving import Site, fetch, served, sign_in
from tracker.archive import Archive
from tracker.intake import MOST_BYTES
from tracker.web.gate import OTHER_BODY_BYTES
from tracker.web.routes import OUR_FAULT, safe_onward

HTML = {"Accept": "text/html,*/*"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("gate") / "practice"
    practice.make(made)
    return made


@pytest.fixture(scope="module")
def base(folder: Path) -> Iterator[str]:
    with served("serve", folder) as address:
        yield address


@pytest.fixture(scope="module")
def mara(base: str) -> Site:
    return sign_in(base, "mara")


def photo(shade: int) -> bytes:
    return jpeg(flat_photo(shade, (300, 200)))


def send(site: Site, data: bytes, **fields: str) -> requests.Response:
    fields = {"view": "crown", **fields}
    return site.post("/api/photos", files={"photos": ("a.jpg", data)}, data=fields)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 303),
        ("/photos", 303),
        ("/queue", 303),
        ("/today", 303),
        ("/clients", 303),
        ("/photo/x", 401),
        ("/api/photos", 401),
        ("/media/x", 401),
        ("/static/js/x.js", 401),
        ("/_stcore/host-config", 401),
        ("/_stcore/metrics", 404),
        ("/_stcore/agent/openapi.json", 404),
        ("/_stcore/upload_file/a/b", 404),
        ("/auth/login", 404),
        ("/_stcore/health", 200),
        ("/account/login", 200),
        ("/account/font", 200),
        ("/help-list", 200),
    ],
)
def test_anonymous(base: str, path: str, status: int) -> None:
    answer = fetch(base + path, **HTML)
    assert answer.status_code == status
    assert "'sha256-" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    if status == 303:
        assert answer.headers["location"].startswith("/account/login")


def test_anonymous_posts(base: str) -> None:
    own = {"Origin": base}
    assert requests.post(f"{base}/api/photos", headers=own).status_code == 401
    assert requests.put(f"{base}/_stcore/upload_file/a/b", headers=own).status_code == 404
    big = b"x" * (MOST_BYTES - 1000)
    answer = requests.post(f"{base}/api/photos", headers=own, data=big, timeout=30)
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_other_site_is_refused(base: str, headers: dict[str, str]) -> None:
    form = {"name": email("mara"), "password": PASSWORD}
    assert requests.post(f"{base}/account/login", data=form, headers=headers).status_code == 403


def test_wrong_password(base: str) -> None:
    form = {"name": "<b>mara", "password": "no"}
    answer = Site(base).post("/account/login", data=form)
    assert answer.status_code == 401
    assert 'role="alert"' in answer.text
    assert "<b>mara" not in answer.text


def test_cookie(base: str) -> None:
    form = {"name": email("mara"), "password": PASSWORD, "next": "//evil.example"}
    answer = Site(base).post("/account/login", data=form)
    assert answer.headers["location"] == "/"
    assert {"HttpOnly", "SameSite=strict"} <= set(answer.headers["set-cookie"].split("; "))


def test_upload_is_saved_once_and_private(base: str, mara: Site) -> None:
    data = photo(7)
    digest = hashlib.sha256(data).hexdigest()
    first = send(mara, data, sha256=digest, taken_on="2026-05-13").json()
    again = send(mara, data, sha256=digest).json()
    assert first == {"id": first["id"], "new": True, "taken": "2026-05-13", "note": None}
    assert again == {**first, "new": False}
    answer = mara.get(f"/photo/{first['id']}?small")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("image/")
    assert answer.headers["cache-control"] == "private, no-store"
    assert sign_in(base, "tom").get(f"/photo/{first['id']}").status_code == 404
    assert sign_in(base, "sam").get(f"/photo/{first['id']}").status_code == 404
    assert sign_in(base, "dana").get(f"/photo/{first['id']}").status_code == 200
    assert mara.get(f"/photo/{'0' * 32}").status_code == 404
    laid = f"/photo/{first['id']}?on={first['id']}"
    assert mara.get(laid).status_code == 200
    assert mara.get(f"/photo/{first['id']}?on={'0' * 32}").status_code == 404
    assert sign_in(base, "tom").get(laid).status_code == 404
    assert fetch(f"{base}{laid}").status_code == 401
    assert fetch(f"{base}/photo/{first['id']}").status_code == 401


def test_a_photo_for_another_client_does_not_arrive_there(base: str, folder: Path) -> None:
    with Archive.open(folder) as archive:
        mara_id, tom_id = (practice.client_id(archive, who) for who in ("mara", "tom"))
    own = send(sign_in(base, "tom"), photo(11), client=mara_id).json()["id"]
    assert sign_in(base, "tom").get(f"/photo/{own}").status_code == 200
    assert sign_in(base, "mara").get(f"/photo/{own}").status_code == 404
    assert send(sign_in(base, "dana"), photo(12), client=tom_id).status_code == 200
    assert send(sign_in(base, "dana"), photo(12), client="0" * 32).status_code == 404
    n_files = len(list((folder / "photos").rglob("*")))
    assert send(sign_in(base, "sam"), photo(13), client=tom_id).status_code == 403
    assert len(list((folder / "photos").rglob("*"))) == n_files


def test_upload_refusals(mara: Site) -> None:
    assert send(mara, photo(8), sha256="0" * 64).status_code == 422
    assert send(mara, b"<html>" * 40).json()["error"].startswith("This file is not a photo.")
    assert send(mara, photo(8), view="elbow").status_code == 422
    assert send(mara, photo(8), taken_on="2126-05-13").status_code == 422
    assert mara.post("/api/photos", data={"view": "crown"}).status_code == 400
    assert send(mara, photo(9), owner="somebody else").status_code == 401


def test_a_fault_of_ours_is_said_without_its_text(base: str, folder: Path) -> None:
    with Archive.open(folder) as archive:
        in_the_way = folder / "photos" / practice.client_id(archive, "ben")
    in_the_way.touch()
    answer = send(sign_in(base, "ben"), photo(9))
    in_the_way.unlink()
    assert answer.status_code == 500
    assert answer.json() == {"error": OUR_FAULT}
    assert "content-security-policy" in answer.headers


def test_body_limits(mara: Site) -> None:
    assert send(mara, b"\xff\xd8\xff" + bytes(MOST_BYTES - 3)).status_code == 422
    too_large = send(mara, b"\xff\xd8\xff" + bytes(MOST_BYTES + 65536))
    assert (too_large.status_code, list(too_large.json())) == (413, ["error"])
    form = {"name": "x" * OTHER_BODY_BYTES, "password": "y"}
    assert mara.post("/account/login", data=form).status_code == 413


def test_body_is_counted_without_a_declared_length(base: str, mara: Site) -> None:
    def parts() -> Iterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="photos"; filename="a"\r\n\r\n'
        for _ in range(27):
            yield bytes(1024 * 1024)

    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = mara.post("/api/photos", data=parts(), headers=kind)
    assert answer.status_code == 413


def test_cut_body_leaves_nothing(base: str, mara: Site) -> None:
    host, port = base.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as raw:
        cookie = "; ".join(f"{k}={v}" for k, v in mara.cookies.items())
        head = f"POST /api/photos HTTP/1.1\r\nHost: {host}:{port}\r\nOrigin: {base}\r\n"
        head += f"Cookie: {cookie}\r\nContent-Length: 9999\r\n"
        raw.sendall((head + "Content-Type: multipart/form-data; boundary=b\r\n\r\n--b").encode())
    time.sleep(0.3)
    assert mara.get("/help-list").status_code == 200


def stream(base: str, site: Site | None) -> str:
    url = base.replace("http", "ws") + "/_stcore/stream"
    cookies = site.cookies.items() if site else ()
    cookie = "; ".join(f"{k}={v}" for k, v in cookies)
    with connect(url, additional_headers={"Cookie": cookie, "Origin": base}) as socket_:
        if site:
            threading.Timer(0.3, site.post, ("/account/logout",)).start()
        began = time.monotonic()
        try:
            while True:
                socket_.recv(timeout=15)
        except ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd else None
            return f"{code} after {time.monotonic() - began:.1f}"


def test_socket_needs_a_session(base: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        stream(base, None)
    assert refused.value.response.status_code == 403


def test_signing_out_closes_the_open_socket(base: str) -> None:
    site = sign_in(base, "tom")
    code, _, seconds = stream(base, site).split()
    assert code == "4401"
    assert float(seconds) < 2
    assert site.get("/", headers=HTML).status_code == 303


@pytest.mark.parametrize("path", ["//x", "/\\x", "http://x", "", None, "/a\r\nb"])
def test_onward_stays_here(path: str | None) -> None:
    assert safe_onward(path) == "/"
    assert safe_onward("/photos") == "/photos"
