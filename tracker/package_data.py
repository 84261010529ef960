"""What ships with the package as JSON: the timeline, repeatability, false-alarm rates. Pure."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any


def document(name: str) -> dict[str, Any]:
    """One of the package's JSON documents, by file name."""
    found: dict[str, Any] = json.loads(files("tracker").joinpath("data", name).read_text("utf-8"))
    return found
