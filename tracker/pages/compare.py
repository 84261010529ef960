"""Compare, for a client: what changed between two days."""

import streamlit as st

from tracker.web import identity, parts
from tracker.words import pages

who = identity.viewer("client")
TODAY = identity.services().today()

client = parts.followed(who)
parts.title(pages.COMPARE_TITLE)
dated = client.course.photos
counts = {s.photo.view: len(parts.of_view(dated, s.photo.view)) for s in dated}
views = sorted(counts, key=lambda name: -counts[name])
with st.container(border=True, key="card-compare"):
    view = parts.choose_view(views, key="compare-view")
    parts.compare(parts.of_view(dated, view), TODAY, key=f"compare-{view}")
