"""Default deny in front of every page, photo, upload and WebSocket."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

import streamlit
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tracker.intake import MOST_BYTES
from tracker.records import Viewer
from tracker.web.services import COOKIE

ViewerFor = Callable[[str], Viewer | None]

OPEN_PATHS: Final = frozenset(
    {"/account/login", "/account/logout", "/account/font", "/help-list", "/_stcore/health"}
)
CORE_PATHS: Final = frozenset(
    {"/_stcore/health", "/_stcore/host-config", "/_stcore/script-health-check", "/_stcore/stream"}
)
DATA_PREFIXES: Final = ("/api/", "/photo/", "/export/", "/_stcore/", "/static/", "/media/")
SHUT_PREFIXES: Final = ("/_stcore/", "/auth/", "/oauth2callback", "/component/", "/app/static/")
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})

BODY_LIMITS: Final[Mapping[str, int]] = {"/api/photos": MOST_BYTES + 64 * 1024}
OTHER_BODY_BYTES: Final = 64 * 1024
# A refusal sent while the browser is still writing reaches it as a broken connection, so the
# rest of the body is read and thrown away first, up to this much.
DRAIN_BYTES: Final = 64 * 1024 * 1024

LOOK_AGAIN_SECONDS: Final = 0.5
RECEIVE_SECONDS: Final = 60.0
DRAIN_SECONDS: Final = 20.0
LOG: Final = logging.getLogger(__name__)
REVOKED: Final = 4401

SIGN_IN_AGAIN: Final = "Please sign in again."
TOO_LARGE: Final = "This photo is too large (limit 25 MB)."
OTHER_SITE: Final = "This request came from another site."


class BodyTooLargeError(Exception):
    """The body passed its limit while it was being received."""


def inline_script_hashes() -> list[str]:
    """CSP hashes of the inline scripts in the index.html of the installed Streamlit."""
    index = Path(streamlit.__file__).parent / "static" / "index.html"
    scripts = re.findall(rb"<script>(.*?)</script>", index.read_bytes(), re.DOTALL)
    digests = (base64.b64encode(hashlib.sha256(text).digest()) for text in scripts)
    return [f"'sha256-{digest.decode()}'" for digest in digests]


def security_headers() -> dict[str, str]:
    """The headers every answer carries."""
    policy = (
        "default-src 'self'",
        f"script-src 'self' blob: {' '.join(inline_script_hashes())}",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
    return {
        "Content-Security-Policy": "; ".join(policy),
        "Permissions-Policy": "camera=(self), geolocation=()",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "SAMEORIGIN",
    }


def session_token(headers: Headers) -> str | None:
    """The session cookie's value, if there is one."""
    try:
        cookies = SimpleCookie("; ".join(headers.getlist("cookie")))
    except CookieError:
        return None
    return cookies[COOKIE].value if COOKIE in cookies else None


def from_this_site(headers: Headers) -> bool:
    """Whether a request that changes something comes from one of our own pages."""
    origin, fetch_site = headers.get("origin"), headers.get("sec-fetch-site")
    if origin is None and fetch_site is None:
        return False
    if fetch_site not in (None, "same-origin", "none"):
        return False
    return origin is None or urlsplit(origin).netloc == headers.get("host")


class _Body:
    """Counts the body while it is received, and can throw the rest of it away."""

    def __init__(self, receive: Receive, headers: Headers, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        declared = headers.get("content-length", "")
        self.too_large = declared.isdigit() and int(declared) > limit
        self._seen = 0
        self._ended = False

    async def receive(self) -> Message:
        """The next message, or BodyTooLargeError."""
        message = await self._next()
        if self._seen > self._limit:
            self.too_large = True
            raise BodyTooLargeError
        return message

    async def drain(self) -> None:
        """Read on until the end of the body, within reason."""
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                while not self._ended and self._seen <= DRAIN_BYTES:
                    await self._next()

    async def _next(self) -> Message:
        # Only a body that is still coming must hurry; afterwards this waits for the browser to go.
        limit = None if self._ended else RECEIVE_SECONDS
        try:
            async with asyncio.timeout(limit):
                message = await self._receive()
        except TimeoutError:
            message = {"type": "http.disconnect"}
        self._seen += len(message.get("body", b""))
        self._ended = message["type"] != "http.request" or not message.get("more_body", False)
        return message


class _Socket:
    """A WebSocket that ends when its session does."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._next: asyncio.Future[Message] | None = None
        self.dead = asyncio.Event()

    async def receive(self) -> Message:
        """The next message; a disconnect once the session is dead."""
        if self._next is None:
            self._next = asyncio.ensure_future(self._receive())
        death = asyncio.ensure_future(self.dead.wait())
        both: set[asyncio.Future[Any]] = {self._next, death}
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        death.cancel()
        if self.dead.is_set():
            return {"type": "websocket.disconnect", "code": REVOKED}
        message, self._next = self._next.result(), None
        return message

    async def send(self, message: Message) -> None:
        """Pass on what the app says, until the session is dead."""
        if not self.dead.is_set():
            await self._send(message)

    async def kill(self) -> None:
        """Close towards the browser; the app is told by `receive`."""
        self.dead.set()
        await self._send({"type": "websocket.close", "code": REVOKED})

    def stop(self) -> None:
        """Leave no task behind."""
        if self._next is not None:
            self._next.cancel()


class Gate:
    """ASGI middleware: nothing passes without a live session but the open paths."""

    def __init__(self, app: ASGIApp, viewer_for: ViewerFor) -> None:
        self._app = app
        self._viewer_for = viewer_for
        self._headers = security_headers()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send each kind of connection its own way."""
        if scope["type"] == "http":
            await self._http(scope, receive, self._with_headers(send))
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        body = _Body(receive, headers, BODY_LIMITS.get(scope["path"], OTHER_BODY_BYTES))
        refusal = await self._refusal(scope, headers, body)
        if refusal is None:
            started = _Started(send)
            try:
                await self._app(scope, body.receive, started.send)
                return
            except BodyTooLargeError:
                if started.started:
                    raise
                refusal = _too_large()
        await body.drain()
        await refusal(scope, receive, send)

    async def _refusal(self, scope: Scope, headers: Headers, body: _Body) -> Response | None:
        path, method = scope["path"], scope["method"]
        if path.startswith(SHUT_PREFIXES) and path not in CORE_PATHS:
            return PlainTextResponse("Not found", 404)
        if method not in SAFE_METHODS and not from_this_site(headers):
            return JSONResponse({"error": OTHER_SITE}, 403)
        scope["viewer"] = await self._viewer(session_token(headers))
        if scope["viewer"] is None and path not in OPEN_PATHS:
            return _sign_in(scope, headers)
        return _too_large() if body.too_large else None

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        token = session_token(Headers(scope=scope))
        viewer = await self._viewer(token)
        if viewer is None or scope["path"] not in CORE_PATHS:
            await receive()
            await send({"type": "websocket.close", "code": REVOKED})
            return
        scope["viewer"] = viewer
        socket = _Socket(receive, send)
        watch = asyncio.create_task(self._watch(token, viewer, socket))
        try:
            await self._app(scope, socket.receive, socket.send)
        finally:
            watch.cancel()
            socket.stop()

    async def _watch(self, token: str | None, viewer: Viewer, socket: _Socket) -> None:
        """Look the session up again and again; a changed person counts as another session."""
        # Polling finds a session ended by another process, too.
        try:
            while await self._viewer(token) == viewer:
                await asyncio.sleep(LOOK_AGAIN_SECONDS)
        except Exception:
            # Who cannot be looked up is nobody.
            LOG.exception("a session could not be looked up")
        await socket.kill()

    async def _viewer(self, token: str | None) -> Viewer | None:
        return await asyncio.to_thread(self._viewer_for, token) if token else None

    def _with_headers(self, send: Send) -> Send:
        async def wrapped(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        return wrapped


class _Started:
    """Remembers whether an answer has begun."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.started = False

    async def send(self, message: Message) -> None:
        self.started = True
        await self._send(message)


def _too_large() -> Response:
    return JSONResponse({"error": TOO_LARGE}, 413)


def _sign_in(scope: Scope, headers: Headers) -> Response:
    """401 for data; the sign-in page for somebody who opens a page."""
    path = scope["path"]
    wants_page = scope["method"] == "GET" and "text/html" in headers.get("accept", "")
    if not wants_page or path.startswith(DATA_PREFIXES):
        return JSONResponse({"error": SIGN_IN_AGAIN}, 401)
    onward = "" if path == "/" else f"?next={quote(path, safe='/')}"
    return RedirectResponse(f"/account/login{onward}", 303, {"Cache-Control": "no-store"})
