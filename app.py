"""The web application, for `streamlit run app.py` and `uvicorn app:app` in this folder.

`smp-tracker serve` is the same with its own port, address and data folder.
"""

import streamlit as st

from tracker.web.application import SCRIPT, parts

# `streamlit run` reads this file without running it and looks for this very assignment; a name
# imported from elsewhere would be served as a bare script, without gate and routes.
app = st.App(SCRIPT, **parts())
