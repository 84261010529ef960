"""Compare, for a client: what changed between two days."""

import streamlit as st

from tracker.web import identity, parts
from tracker.words import pages

who = identity.viewer("client")
TODAY = identity.services().today()

client = parts.followed(who)
parts.title(pages.COMPARE_TITLE)
views = parts.by_view(client.course.photos)
with st.container(border=True, key="card-compare"):
    view = parts.choose_view(list(views), key="compare-view")
    parts.compare(views.get(view, []), TODAY, key=f"compare-{view}")
