"""Builds the one ASGI object: Streamlit, our routes, and the gate before both."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Final, TypedDict

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Route

from tracker import demo
from tracker.settings import PLACE_OPTIONS, STREAMLIT_OPTIONS, data_folder, differences
from tracker.web.gate import Gate
from tracker.web.house import Household, household
from tracker.web.routes import routes
from tracker.web.services import Services, install

SCRIPT: Final = Path(__file__).parent / "script.py"

Lifespan = Callable[[st.App], AbstractAsyncContextManager[None]]


class AppParts(TypedDict):
    """The keyword arguments of `st.App` that make it ours."""

    routes: list[Route]
    middleware: list[Middleware]
    lifespan: Lifespan


class WrongSettingsError(RuntimeError):
    """The process was started in a way that lost our settings."""


class DemonstrationError(RuntimeError):
    """The demonstration's accounts must not be served as a practice's."""


def check_settings() -> None:
    """Refuse to go on unless Streamlit has the table's settings."""
    wrong = differences({key: st.get_option(key) for key in STREAMLIT_OPTIONS})
    if wrong:
        raise WrongSettingsError(
            f"These settings are not the tracker's: {', '.join(wrong)}. "
            "Start it with `smp-tracker serve`."
        )


def parts(
    folder: Path | None = None,
    *,
    demonstration: bool = False,
    told: Callable[[int, int], None] | None = None,
) -> AppParts:
    """Everything `st.App(SCRIPT, **parts())` needs; the folder is opened when the app starts."""
    opened: list[Household] = []

    def services() -> Services:
        return opened[0].services

    @asynccontextmanager
    async def lifespan(_app: st.App) -> AsyncIterator[None]:
        check_settings()
        accounts = demo_accounts() if demonstration else ()
        home = household(folder or data_folder(), demo_accounts=accounts, told=told)
        if not demonstration and demo.is_demonstration(home.archive):
            home.archive.close()
            raise DemonstrationError(
                "This folder holds the demonstration, whose password everybody knows. "
                "Start it with `smp-tracker demo`."
            )
        opened.append(home)
        install(services())
        opened[0].start()
        try:
            yield
        finally:
            install(None)
            opened.pop().close()

    gate = Middleware(Gate, viewer_for=lambda token: services().viewer_for(token))
    return {"routes": routes(services), "middleware": [gate], "lifespan": lifespan}


def serve(folder: Path | None, address: str, port: int, *, demonstration: bool = False) -> None:
    """Serve until stopped, with every setting in the table whatever the folder and variables."""
    print(f"SMP Tracker: http://{address}:{port}", file=sys.stderr, flush=True)
    app = st.App(SCRIPT, **parts(folder, demonstration=demonstration, told=_tell))
    place = {"server.address": address, "server.port": port}
    app.run(config={**STREAMLIT_OPTIONS, **PLACE_OPTIONS, **place})


def demo_accounts() -> list[tuple[str, str]]:
    """Who can sign in to the demonstration, for its sign-in page only."""
    return [(person.email, demo.PASSWORD) for person in demo.cast()]


def _tell(measured: int, total: int) -> None:
    """Progress on the command line: one line on a terminal, tens elsewhere."""
    last = measured == total
    if sys.stderr.isatty():
        print(f"\rmeasured {measured} of {total}", end="\n" if last else "", file=sys.stderr)
    elif last or measured % 10 == 0:
        print(f"measured {measured} of {total}", file=sys.stderr, flush=True)
