"""The plan, for the practice: its own days and levels, or one client's."""

from typing import Any

import streamlit as st

from tracker import desk, plan
from tracker.errors import NotFound, PlanRefused, Refused
from tracker.records import PlanVersion
from tracker.store import clients, plans
from tracker.timeline import Timeline, default_timeline
from tracker.web import blocks, identity, parts
from tracker.words import pages
from tracker.words import plan as words

who = identity.viewer("practitioner", "owner")
house = identity.services()
client_id = st.query_params.get("client") or None
BASE = default_timeline()
if client_id is not None:
    try:
        client = clients.client(house.store, who, client_id)
    except NotFound:
        st.error(pages.NO_SUCH_CLIENT)
        st.stop()
    BASE = desk.practice_timeline(house.store, who, who.practice_id)
VERSIONS = plans.versions(house.store, who, who.practice_id, client_id)
NOW = plan.merged(BASE, VERSIONS[-1].changes) if VERSIONS else BASE


def days_of(timeline: Timeline) -> dict[str, Any]:
    """The form's numbers: first days of stages, aftercare, visits and levels."""
    first_days: dict[str, int] = {}
    st.html(blocks.h2(words.STAGES) + blocks.p(words.STAGES_HELP, "s mute"))
    shown = st.columns(2)
    for number, (phase, base) in enumerate(zip(timeline.phases[1:], BASE.phases[1:], strict=True)):
        first_days[phase.key] = shown[number % 2].number_input(
            f"{phase.title}, {words.BEGINS}", 0, None, phase.start_day,
            help=words.default_help(base.start_day), key=f"start-{phase.key}",
        )  # fmt: skip
    wanted = plan.starting(BASE, first_days)
    st.html(blocks.h2(words.AFTERCARE) + blocks.p(words.AFTERCARE_HELP, "s mute"))
    shown = st.columns(2)
    for number, (own, base_own) in enumerate(zip(timeline.aftercare, BASE.aftercare, strict=True)):
        wanted[plan.aftercare_path(own.key)] = shown[number % 2].number_input(
            own.label, 0, None, own.day,
            help=words.default_help(base_own.day, own.reported), key=f"day-{own.key}",
        )  # fmt: skip
    st.html(blocks.h2(words.VISITS))
    shown = st.columns(2)
    for number, path in enumerate((plan.SPACING, plan.ASSESS, plan.INCLUDED)):
        wanted[path] = shown[number % 2].number_input(
            words.FIELDS[path], 0, None, plan.value_at(timeline, path),
            help=words.default_help(plan.value_at(BASE, path)), key=f"gate-{number}",
        )  # fmt: skip
    names = zip(shown, (words.REVIEW_FIRST, words.REVIEW_LAST), range(2), strict=True)
    wanted[plan.REVIEW] = [
        column.number_input(name, 0, None, plan.value_at(timeline, plan.REVIEW)[n], key=f"rev-{n}")
        for column, name, n in names
    ]
    wanted[plan.REFRESH] = shown[0].number_input(
        words.FIELDS[plan.REFRESH], 0.0, None, plan.value_at(timeline, plan.REFRESH), 0.05,
        help=words.default_help(plan.value_at(BASE, plan.REFRESH)), key="refresh",
    )  # fmt: skip
    return wanted


def texts_of(timeline: Timeline) -> dict[str, Any]:
    """The form's own lines of what to do and to avoid."""
    st.html(blocks.h2(words.TEXTS) + blocks.p(words.TEXTS_HELP, "s mute"))
    wanted: dict[str, Any] = {}
    for phase in timeline.phases:
        with st.expander(phase.title):
            for name, label in (("do", words.DO), ("avoid", words.AVOID)):
                lines = st.text_area(
                    label, "\n".join(getattr(phase, name)), key=f"{name}-{phase.key}", height=140
                )
                wanted[plan.phase_path(phase.key, name)] = lines.splitlines()
    return wanted


def save(changes: dict[str, Any], reason: str) -> None:
    """Put a version in force; what is refused says why."""
    new = PlanVersion(who.practice_id, client_id, changes, reason, who.name, house.now())
    try:
        desk.save_plan(house.store, who, new)
    except PlanRefused as refused:
        st.error(str(refused))
    except Refused:
        st.error(pages.OUR_FAULT)
    else:
        st.session_state["plan-saved"] = True
        for key in list(st.session_state):
            if str(key).partition("-")[0] in ("start", "day", "gate", "rev", "refresh", "do",
                                              "avoid", "reason"):  # fmt: skip
                del st.session_state[key]
        st.rerun()


def show_form() -> None:
    """All that can be set, and one button."""
    with st.container(border=True, key="card-plan"), st.form("plan", border=False):
        wanted = days_of(NOW) | texts_of(NOW)
        hint = words.REASON_CLIENT_HELP if client_id else None
        reason = st.text_input(words.REASON, max_chars=200, key="reason", placeholder=hint)
        if st.form_submit_button(words.SAVE, type="primary", width="stretch"):
            # What the form does not show stays.
            wanted[plan.BANDS] = plan.value_at(NOW, plan.BANDS)
            changes = plan.differing(BASE, wanted)
            if (VERSIONS and changes == VERSIONS[-1].changes) or not (VERSIONS or changes):
                st.info(words.NOTHING_NEW)
            elif client_id and changes and not reason.strip():
                st.error(words.REASON_NEEDED)
            else:
                save(changes, reason.strip())


def show_versions() -> None:
    """Every version, newest first; any of them can be put in force again."""
    with st.container(border=True, key="card-versions"):
        st.html(blocks.h2(words.VERSIONS))
        if not VERSIONS:
            st.html(blocks.p(words.NO_VERSIONS))
        for number in range(len(VERSIONS), 0, -1):
            version = VERSIONS[number - 1]
            newest = number == len(VERSIONS)
            told = plan.told(BASE, version.changes) or (words.DEFAULTS_AGAIN,)
            st.html(
                f"<h3>{blocks.text(words.version(number, newest))}</h3>"
                + blocks.p(words.made(version.made_at, version.made_by, version.reason), "s mute")
                + blocks.bullets("check", told)
            )
            if not newest and st.button(words.USE_AGAIN, key=f"use-{number}"):
                save(version.changes, words.WENT_BACK)
        if VERSIONS and VERSIONS[-1].changes and st.button(words.TO_DEFAULTS, key="use-0"):
            save({}, words.TO_DEFAULTS)


back = "/practice" if client_id is None else blocks.client_link(client_id)
st.html(blocks.link(pages.BACK, back, "s"))
parts.title(words.OF_PRACTICE if client_id is None else words.of_client(client.name))
st.html(blocks.p(words.INTRO if client_id is None else words.OF_CLIENT_INTRO))
st.html(blocks.p(words.FIXED, "s mute"))
if st.session_state.pop("plan-saved", False):
    st.success(words.SAVED)
left, right = st.columns([7, 5], gap="medium")
with left:
    show_form()
with right:
    show_versions()
