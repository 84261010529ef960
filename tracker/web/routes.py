"""Our own HTTP routes; the gate has already looked the viewer up."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from starlette.datastructures import FormData, UploadFile
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tracker.timeline import default_timeline
from tracker.web.gate import SIGN_IN_AGAIN, session_token
from tracker.web.plain import FONT, help_page, login_page
from tracker.web.services import COOKIE, RefusedError, Services, Upload, Viewer

LOG: Final = logging.getLogger(__name__)
# Argon2 is slow on purpose: of its own threads, so that guessing never holds up a page.
_SIGNING_IN: Final = ThreadPoolExecutor(2, "signing-in")

WRONG: Final = "That name and password do not fit together."
NO_PHOTO: Final = "No photo arrived. Please choose it again."
OUR_FAULT: Final = "Something went wrong on our side. What you saved is kept."
NO_STORE: Final = {"Cache-Control": "no-store"}
LOCAL_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def routes(services: Callable[[], Services]) -> list[Route]:
    """All routes of ours, bound to the given services."""
    own = _Routes(services)
    return [
        Route("/account/login", own.login_form, methods=["GET"]),
        Route("/account/login", own.login, methods=["POST"]),
        Route("/account/logout", own.logout, methods=["POST"]),
        Route("/api/photos", own.add_photo, methods=["POST"]),
        Route("/photo/{id}", own.photo, methods=["GET"]),
        Route("/export/worksheet/{id}", own.worksheet, methods=["GET"]),
        Route("/account/font", own.font, methods=["GET"]),
        Route("/help-list", own.help_list, methods=["GET"]),
    ]


class _Routes:
    """The handlers."""

    def __init__(self, services: Callable[[], Services]) -> None:
        self._opened = services

    @property
    def _services(self) -> Services:
        """Opened when the app starts, after the routes are made."""
        return self._opened()

    async def login_form(self, request: Request) -> Response:
        """The form, or onward when somebody is signed in already."""
        onward = safe_onward(request.query_params.get("next"))
        if request.scope["viewer"] is not None:
            return RedirectResponse(onward, 303, NO_STORE)
        text = login_page(onward=onward, demo=self._services.demo_accounts)
        return HTMLResponse(text, headers=NO_STORE)

    async def login(self, request: Request) -> Response:
        """Check the password off the event loop and start a session."""
        form = await request.form(max_files=0, max_fields=4)
        name, password, onward = (_text(form, key) or "" for key in ("name", "password", "next"))
        address = request.client.host if request.client else ""
        token = await asyncio.get_running_loop().run_in_executor(
            _SIGNING_IN, self._services.sign_in, name.strip(), password, address
        )
        if token is None:
            text = login_page(
                error=WRONG,
                name=name,
                onward=safe_onward(onward),
                demo=self._services.demo_accounts,
            )
            return HTMLResponse(text, 401, NO_STORE)
        answer = RedirectResponse(safe_onward(onward), 303, NO_STORE)
        _set_cookie(answer, request, token)
        return answer

    async def logout(self, request: Request) -> Response:
        """End the session here and in the store."""
        token = session_token(request.headers)
        if token:
            await asyncio.to_thread(self._services.sign_out, token)
        answer = RedirectResponse("/account/login", 303, NO_STORE)
        answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
        return answer

    async def add_photo(self, request: Request) -> Response:
        """Take one photo; "saved" is said only after the store has it."""
        try:
            async with request.form(max_files=1, max_fields=8) as form:
                upload, owner = await _upload(form), _text(form, "owner")
        except ClientDisconnect:
            return Response(status_code=400)
        # Chosen by one person, sent after another signed in within the same browser.
        if owner is not None and owner != request.scope["viewer"].account_id:
            return JSONResponse({"error": SIGN_IN_AGAIN}, 401, NO_STORE)
        if upload is None:
            return JSONResponse({"error": NO_PHOTO}, 400, NO_STORE)
        return await self._taken(request.scope["viewer"], upload)

    async def _taken(self, viewer: Viewer, upload: Upload) -> Response:
        try:
            taken = await asyncio.to_thread(self._services.accept, viewer, upload)
        except RefusedError as refusal:
            error = {"error": str(refusal), "name": upload.name}
            return JSONResponse(error, refusal.status, NO_STORE)
        except Exception:
            # Answered here: Starlette's own 500 would pass outside the gate, without its headers.
            LOG.exception("a photo was not taken")
            return JSONResponse({"error": OUR_FAULT}, 500, NO_STORE)
        return JSONResponse(taken, headers=NO_STORE)

    async def photo(self, request: Request) -> Response:
        """One photo of the viewer's own, as it is or laid on another; all others do not exist."""
        viewer, wanted = request.scope["viewer"], request.path_params["id"]
        on = request.query_params.get("on")
        if on is not None:
            found = await asyncio.to_thread(self._services.laid, viewer, wanted, on)
        else:
            small = "small" in request.query_params
            found = await asyncio.to_thread(self._services.photo, viewer, wanted, small)
        headers = {"Cache-Control": "private, no-store"}
        if found is None:
            return JSONResponse({"error": "Not found"}, 404, headers)
        data, media_type = found
        return Response(data, media_type=media_type, headers=headers)

    async def worksheet(self, request: Request) -> Response:
        """A touch-up worksheet as PDF, for the practice; all others do not exist."""
        viewer, wanted = request.scope["viewer"], request.path_params["id"]
        names = request.query_params.get("zones", "")
        found = await asyncio.to_thread(self._services.worksheet, viewer, wanted, names)
        headers = {"Cache-Control": "private, no-store"}
        if found is None:
            return JSONResponse({"error": "Not found"}, 404, headers)
        return Response(found, media_type="application/pdf", headers=headers)

    async def font(self, request: Request) -> Response:
        """The font of the open pages."""
        headers = {"Cache-Control": "public, max-age=86400"}
        return FileResponse(FONT, media_type="font/woff2", headers=headers)

    async def help_list(self, request: Request) -> Response:
        """Open to all."""
        return HTMLResponse(help_page(default_timeline()))


def safe_onward(path: str | None) -> str:
    """A path on this site to go to after signing in; anything else becomes the first page."""
    fine = path is not None and path.isprintable() and path.startswith("/")
    if not fine or path is None or path.startswith("//") or "\\" in path:
        return "/"
    return path


def _text(form: FormData, key: str) -> str | None:
    value = form.get(key)
    return value if isinstance(value, str) and value else None


async def _upload(form: FormData) -> Upload | None:
    file = form.get("photos")
    if not isinstance(file, UploadFile):
        return None
    return Upload(
        data=await file.read(),
        name=file.filename or "photo",
        view=_text(form, "view") or "",
        sha256=_text(form, "sha256"),
        taken_on=_text(form, "taken_on"),
        client=_text(form, "client"),
    )


def _set_cookie(answer: Response, request: Request, token: str) -> None:
    secure = request.url.hostname not in LOCAL_HOSTS
    answer.set_cookie(COOKIE, token, path="/", httponly=True, secure=secure, samesite="strict")
