"""Parts several pages draw: the frame of a page, charts, photos, open answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from html import escape

import streamlit as st

from tracker import charts, desk, figures, questions, readings
from tracker.desk import Followed
from tracker.errors import NotFound, StoreFailed
from tracker.figures import Measure
from tracker.records import Fit, PhotoState, Viewer
from tracker.timeline import Phase
from tracker.web import blocks, identity, places
from tracker.web.components import before_after, drawing
from tracker.words import camera, dates, feel, guide, pages, photos, stage, verdicts

_YES = verdicts.ANSWERED_YES
LOOK_AGAIN_SECONDS = 5
NARROW, WIDE = (326, 262), (610, 320)


def followed(viewer: Viewer, client_id: str | None = None) -> Followed:
    """A client's course; the script stops with a sentence when it cannot be had."""
    house = identity.services()
    wanted = client_id or viewer.client_id or ""
    try:
        return desk.client_course(house.store, viewer, wanted, house.today(), version=house.version)
    except NotFound:
        st.error(pages.NO_SUCH_CLIENT)
    except StoreFailed:
        st.error(pages.OUR_FAULT)
    st.stop()


def title(text: str, above: str = "") -> None:
    """The page's one h1, with a quiet line above it."""
    with st.container(gap=None):
        if above:
            st.html(blocks.p(above, "s mute"))
        st.title(text, anchor=False)


def urgent(one: Followed, today: date, *, for_client: bool) -> None:
    """The open answers, before everything else."""
    for answer in one.open_answers:
        labels = readings.answer_labels(answer.yes)
        first, *more = questions.texts(answer.yes, one.timeline)
        shown = verdicts.Pill("urgent", feel.ACT[answer.level]) if for_client else _YES
        told = f"{feel.WAS_TOLD} {first}" if not for_client else first
        wait = blocks.p(feel.MORNING, "s") + blocks.p(feel.OPEN_UNTIL, "xs mute")
        with st.container(border=True, key=f"card-urgent-{answer.id}"):
            st.html(
                blocks.pill(shown)
                + f'<p class="{"big" if for_client else ""}">{escape(told)}</p>'
                + "".join(blocks.p(each) for each in more)
                + blocks.p(feel.answered_yes(labels, for_client=for_client), "s")
                + blocks.p(feel.answered_on(answer.answered_at.date(), today), "s mute")
                + (wait if for_client else "")
            )


def do_and_avoid(phase: Phase) -> None:
    """A stage's two lists, with the technical words in them explained."""
    for heading, icon, lines in (
        (stage.DO, "check", phase.do),
        (stage.AVOID, "back_hand", phase.avoid),
    ):
        shown = [dates.capital(line) for line in lines]
        st.html(f"<h3>{heading}</h3>" + blocks.bullets(icon, shown))
    explained((*phase.do, *phase.avoid))


def explained(lines: Sequence[str]) -> None:
    """The technical words in lines just shown, in plain words."""
    if found := guide.terms(lines):
        st.html(blocks.terms(found))


def offer_questions(asked: str | None) -> None:
    """The five questions, asked for by a redness above the band or just offered."""
    with st.container(border=True, key="card-ask"):
        st.html(blocks.h2(feel.ASK_HEADING) + blocks.p(asked or feel.ASK_OFFER))
        if st.button(feel.TITLE, key="to-feel", width="stretch"):
            places.go("feel")


def measuring(one: Followed) -> None:
    """How far measuring has come, while it goes on."""
    done, total = one.waiting
    if done < total:
        _progress(one.client.id, done)


@st.fragment(run_every=LOOK_AGAIN_SECONDS)
def _progress(client_id: str, shown: int) -> None:
    """Look again by itself; a change draws the whole page anew."""
    house, viewer = identity.services(), identity.viewer()
    done, total = desk.measured(house.store, viewer, client_id, version=house.version)
    if done != shown:
        st.rerun()
    st.html(blocks.status(photos.measuring(done, total)))


def chart(one: Followed, measure: Measure, view: str, *, for_client: bool) -> None:
    """One chart with its legend and its table; an empty place says why."""
    drawn = figures.chart_of(one, measure, view, for_client=for_client)
    if drawn is None:
        st.html(blocks.p(readings.no_photos(one, one.course.as_of)))
        return
    if not drawn.marks and not drawn.band:
        st.html(blocks.p(pages.NO_VALUES[measure]))
        return
    st.html(blocks.p(drawn.verdict) + blocks.p(drawn.caption, "xs mute"))
    drawing(charts.draw(drawn, *NARROW), charts.draw(drawn, *WIDE), key=f"chart-{measure}")
    st.html(blocks.legend((name, pages.LEGEND[name]) for name in charts.legend(drawn)))
    if said := readings.least_change_sentence(one, measure, view, for_client=for_client):
        st.html(blocks.p(said, "s"))
    if drawn.marks:
        with st.expander(pages.SHOW_TABLE):
            st.html(blocks.table(pages.TABLE_HEAD, charts.as_table(drawn), drawn.caption))


def cameras(one: Followed, view: str, today: date) -> None:
    """Which cameras took a view's photos, where that matters."""
    if lines := readings.cameras(one, view, today):
        st.html(f"<h3>{camera.HEADING}</h3>" + blocks.bullets("photo_camera", lines))


def thumbnail(state: PhotoState, today: date) -> str:
    """A photo's small view, or its place while it waits."""
    alt = readings.photo_alt(state, today)
    return blocks.thumbnail(state.photo.id, alt, ready=state.verdict is not None)


def days(states: Sequence[PhotoState], today: date) -> None:
    """The photos of one view by day, newest first."""
    shown = "".join(
        f"<figure>{thumbnail(s, today)}"
        f'<figcaption class="xs mute">{escape(pages.day(s.day))}</figcaption></figure>'
        for s in reversed(states)
    )
    st.html(f'<div class="days" tabindex="0" role="group" aria-label="{pages.DAYS_HEADING}">'
            f"{shown}</div>")  # fmt: skip


def photo_list(states: Sequence[PhotoState], today: date) -> None:
    """Every photo with its result or its refusal, newest first."""
    lines = (
        blocks.photo_line(
            thumbnail(state, today),
            photos.view_name(state.photo.view),
            readings.photo_note(state, today),
            readings.list_pill(state),
            readings.list_sentence(state),
        )
        for state in reversed(states)
    )
    with st.container(border=True, key="card-photos"):
        st.html(blocks.photo_lines(lines))


def compare(states: Sequence[PhotoState], today: date, *, key: str) -> None:
    """Two photos of one view to choose and lay over each other."""
    if len(states) < 2:
        st.html(blocks.p(pages.COMPARE_NEEDS_TWO))
        return
    by_id = {s.photo.id: s for s in states}
    ids = list(by_id)

    def named(photo_id: str) -> str:
        return readings.photo_note(by_id[photo_id], today)

    left, right = st.columns(2)
    first = by_id[left.selectbox(pages.COMPARE_FIRST, ids, 0, named, key=f"{key}-first")]
    second = by_id[
        right.selectbox(pages.COMPARE_SECOND, ids, len(ids) - 1, named, key=f"{key}-second")
    ]
    if first is second:
        st.html(blocks.p(pages.SAME_PHOTO))
        return
    fit = _fit(first, second)
    before_after(
        f"/photo/{first.photo.id}",
        f"/photo/{second.photo.id}" + (f"?on={first.photo.id}" if fit == "laid" else ""),
        pages.move_between(first.day, second.day),
        alts=(readings.photo_alt(first, today), readings.photo_alt(second, today)),
        names=(pages.day(first.day), pages.day(second.day)),
        key=f"{key}-slider",
    )
    if fit == "waiting":
        _fitting(first, second)
    else:
        st.html(blocks.p(pages.ALIGNED if fit == "laid" else pages.NOT_ALIGNED, "s mute"))


def _fit(first: PhotoState, second: PhotoState) -> Fit:
    """Whether the second photo is laid on the first; only single dots tell how they fit."""
    if not first.level == second.level == "dot":
        return "apart"
    return identity.services().fit(identity.viewer(), second.photo.id, first.photo.id)


@st.fragment(run_every=LOOK_AGAIN_SECONDS)
def _fitting(first: PhotoState, second: PhotoState) -> None:
    """Look again by itself until the two photos are fitted together, or are known not to fit."""
    if _fit(first, second) != "waiting":
        st.rerun()
    st.html(blocks.status(pages.FITTING))


def by_view(states: Sequence[PhotoState]) -> dict[str, list[PhotoState]]:
    """Photos by view; first the view whose photos can best be laid on each other, by their dots."""
    views = {s.photo.view: of_view(states, s.photo.view) for s in states}
    counts = {name: (sum(s.level == "dot" for s in own), len(own)) for name, own in views.items()}
    return {
        name: views[name] for name in sorted(views, key=lambda name: counts[name], reverse=True)
    }


def of_view(states: Sequence[PhotoState], view: str | None) -> list[PhotoState]:
    """The photos of one view."""
    return [s for s in states if s.photo.view == view]


def choose_view(views: Sequence[str], *, key: str) -> str:
    """The view to show; no choice is drawn where there is none."""
    if len(views) < 2:
        return views[0] if views else ""
    chosen = st.selectbox(pages.VIEW_LABEL, views, format_func=photos.view_name, key=key)
    return str(chosen)
