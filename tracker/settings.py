"""The one table of Streamlit settings, and what it says as a config.toml."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

TOKENS: Final[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "web" / "assets" / "tokens.json").read_text(encoding="utf-8")
)

_SERVER: Final[dict[str, Any]] = {
    "browser.gatherUsageStats": False,
    "client.showErrorDetails": "none",
    "client.toolbarMode": "minimal",
    "global.developmentMode": False,
    "server.disconnectedSessionTTL": 900,
    "server.enableAgentApi": False,
    "server.enableCORS": True,
    "server.enableStaticServing": False,
    "server.enableXsrfProtection": True,
    "server.fileWatcherType": "none",
    "server.headless": True,
    "server.maxUploadSize": 25,
    "server.trustedUserHeaders": {},
}


def _theme() -> dict[str, Any]:
    """The theme options, light and dark, from the design tokens."""
    theme: dict[str, Any] = TOKENS["streamlit_theme"]
    options = {f"theme.{key}": value for key, value in theme.items() if key != "per_scheme"}
    for scheme in ("light", "dark"):
        for key, token in theme["per_scheme"].items():
            options[f"theme.{scheme}.{key}"] = TOKENS["color"][token][scheme]
    return options


STREAMLIT_OPTIONS: Final[dict[str, Any]] = {**_SERVER, **_theme()}
"""Options every start must have, whichever way it was started."""

PLACE_OPTIONS: Final[dict[str, Any]] = {
    "server.address": "127.0.0.1",
    "server.allowedHosts": ["localhost", "127.0.0.1"],
    "server.port": 8501,
}
"""Options that belong to the machine; a start may give its own."""


def data_folder() -> Path:
    """Where everything is kept: `SMP_TRACKER_DATA`, else `practice` in the current folder."""
    return Path(os.environ.get("SMP_TRACKER_DATA", "practice"))


def differences(get: Mapping[str, Any]) -> list[str]:
    """Name the options whose value in `get` is not the table's."""
    return [key for key, value in STREAMLIT_OPTIONS.items() if get[key] != value]


def as_toml() -> str:
    """Both tables as the text of `.streamlit/config.toml`."""
    sections: dict[str, list[str]] = {}
    for key, value in sorted({**STREAMLIT_OPTIONS, **PLACE_OPTIONS}.items()):
        section, name = key.rsplit(".", 1)
        # An empty table cannot be written inline here: Streamlit flattens tables into keys.
        if value != {}:
            sections.setdefault(section, []).append(f"{name} = {json.dumps(value)}")
    head = "# Written by `python -m tracker.settings`; a test holds it equal to the table.\n"
    parts = ["\n".join((f"[{name}]", *lines)) for name, lines in sections.items()]
    return head + "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    print(as_toml(), end="")
