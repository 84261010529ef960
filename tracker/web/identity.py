"""Who is looking: the one question every page asks first."""

from __future__ import annotations

from typing import Final

import streamlit as st

from tracker.records import Role, Viewer
from tracker.web.services import COOKIE, Services, installed
from tracker.words import pages as words

_OWNER: Final = "_owner"


def token() -> str | None:
    """The session token of this browser, as it stood when the socket opened."""
    value = st.context.cookies.get(COOKIE)
    # AppTest hands back a mock here.
    return value if isinstance(value, str) else None


def services() -> Services:
    """The program behind the pages; stops the script when it is not there."""
    found = installed()
    if found is None:
        st.error(words.NOT_STARTED)
        st.stop()
    return found


def viewer(*roles: Role) -> Viewer:
    """The signed-in person, looked up again in every run; otherwise the script stops."""
    known = services().viewer_for(token() or "")
    if known is None:
        st.error(words.SIGN_IN_AGAIN)
        st.stop()
    # Streamlit hands a session to whoever reconnects with its id, in another account too.
    if st.session_state.get(_OWNER, known.account_id) != known.account_id:
        st.session_state.clear()
    st.session_state[_OWNER] = known.account_id
    if roles and known.role not in roles:
        st.error(words.NOT_YOURS)
        st.stop()
    return known
