"""The icons: as paths for our components, as CSS masks for HTML."""

from __future__ import annotations

import json
from typing import Final
from urllib.parse import quote

from tracker.web.plain import asset

ICONS: Final[dict[str, str]] = json.loads(asset("icons.json"))


def icon_css() -> str:
    """One class per icon, drawn in the colour of the text around it."""
    rules = [
        # Streamlit has icons of that class too, but no span.
        "span.icon { display: inline-block; width: 18px; height: 18px; flex: none; "
        "background: currentColor; vertical-align: -3px; }"
    ]
    for name, path in ICONS.items():
        # The font's own coordinates run upwards.
        svg = (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 -960 960 960">'
            f'<path transform="scale(1 -1)" d="{path}"/></svg>'
        )
        url = f"url('data:image/svg+xml,{quote(svg)}')"
        rules.append(f".i-{name} {{ mask: {url} center / contain no-repeat; }}")
    return "\n".join(rules)
