"""One client, for the practice: is the finding true."""

import streamlit as st

from tracker import desk, figures, plan, readings
from tracker.desk import Followed
from tracker.errors import Refused
from tracker.figures import MEASURANDS
from tracker.findings import Finding
from tracker.records import BorderLoss, Decision, Judgement, Treatment, new_id
from tracker.rules import RULE_VERSION
from tracker.store import answers, borders, clients, judgements, plans
from tracker.web import blocks, identity, parts
from tracker.words import dates, feel, pages, photos, verdicts
from tracker.words import plan as plan_words
from tracker.words import worksheet as sheet_words

who = identity.viewer("practitioner", "owner")
house = identity.services()
TODAY = house.today()
COUNTS = judgements.counts(house.store, who, who.practice_id, RULE_VERSION)


def show_answers(one: Followed) -> None:
    """Open answers first; closing one records that a professional has looked."""
    parts.urgent(one, TODAY, for_client=False)
    for answer in one.open_answers:
        if st.button(feel.CLOSE, key=f"close-{answer.id}"):
            answers.close_answer(house.store, who, answer.id, now=house.now())
            st.rerun()


def show_finding(one: Followed, found: Finding, number: int) -> None:
    """A finding, its numbers, how often it is a false alarm, and the two buttons."""
    shown = verdicts.NEEDS_A_LOOK if found.level == "flag" else verdicts.WATCH
    key = f"card-look-{number}" if found.level == "flag" else f"card-watch-{number}"
    view = photos.view_name(found.view).lower() if found.view else ""
    confirmed = found in one.standing.confirmed
    fading = found.kind == "possible_fading"
    with st.container(border=True, key=key):
        st.html(
            blocks.pill(verdicts.SEEN_TOO if confirmed else shown)
            + blocks.h2(verdicts.finding_title(found.topic, view))
            + blocks.p(readings.finding_sentence(found, TODAY))
            + blocks.p(readings.rate(found), "s mute")
            + (blocks.p(readings.power("darkness") or "", "s mute") if fading else "")
            + blocks.p(verdicts.decided_here(*COUNTS), "s mute")
            + f"<h3>{pages.EVIDENCE}</h3>"
            + blocks.bullets("show_chart", readings.evidence(found))
        )
        if found.kind == "photo_quality":
            return
        if not confirmed and st.button(verdicts.I_SEE_IT, type="primary", key=f"see-{number}"):
            decide(one, found, "confirmed", "")
        with st.expander(verdicts.NOT_SO), st.form(f"dismiss-{number}", border=False):
            reason = st.text_input(verdicts.WHY_NOT, max_chars=200, key=f"why-{number}")
            if st.form_submit_button(verdicts.DISMISS, width="stretch"):
                if reason.strip():
                    decide(one, found, "dismissed", reason.strip())
                else:
                    st.error(verdicts.WHY_NEEDED)


def show_dismissed(one: Followed) -> None:
    """What was dismissed, and the way back."""
    if not one.standing.dismissed:
        return
    with st.expander(verdicts.DISMISSED):
        for number, found in enumerate(one.standing.dismissed):
            view = photos.view_name(found.view).lower() if found.view else ""
            st.html(
                f"<h3>{blocks.text(verdicts.finding_title(found.topic, view))}</h3>"
                + blocks.p(readings.finding_sentence(found, TODAY), "s")
            )
            if st.button(verdicts.I_SEE_IT, key=f"again-{number}"):
                decide(one, found, "confirmed", "")


def decide(one: Followed, found: Finding, decision: Decision, reason: str) -> None:
    """Keep what the practitioner decided."""
    new = Judgement(
        one.client.practice_id, one.client.id, found.kind, found.view, found.since, RULE_VERSION,
        decision, reason, who.name, house.now(),
    )  # fmt: skip
    try:
        judgements.add_judgement(house.store, who, new)
    except Refused:
        st.error(pages.OUR_FAULT)
    else:
        st.rerun()


def show_course(one: Followed) -> None:
    """The verdict with its reason, and the touch-up plan."""
    with st.container(border=True, key="card-verdict"):
        sentence = readings.course_sentence(one.standing, TODAY, for_client=False)
        st.html(
            blocks.pill(readings.course_pill(one.standing, for_client=False))
            + blocks.p(sentence)
            + f"<h3>{pages.TOUCH_UP_HEADING}</h3>"
            + blocks.p(readings.touch_up(one.standing, TODAY))
            + f"<p>{blocks.link(sheet_words.OPEN, blocks.worksheet_link(one.client.id))}</p>"
        )
        parts.measuring(one)


def show_treatments(one: Followed) -> None:
    """The treatments, and a small form for another one."""
    with st.container(border=True, key="card-treatments"):
        st.html(blocks.h2(pages.TREATMENTS_HEADING))
        if one.treatments:
            rows = [
                (str(number), dates.day_month(t.treated_on, TODAY), t.area)
                for number, t in enumerate(one.treatments, start=1)
            ]
            st.html(blocks.table(pages.TREATMENT_HEAD, rows[::-1]))
            st.html(blocks.p(readings.next_layer(one, TODAY), "s mute"))
        else:
            st.html(blocks.p(pages.NO_TREATMENTS))
        with st.expander(pages.ADD_TREATMENT), st.form("treatment", border=False):
            when = st.date_input(pages.TREATED_ON, TODAY, max_value=TODAY, format="DD/MM/YYYY")
            area = st.text_input(pages.AREA, pages.AREA_DEFAULT, max_chars=80)
            if st.form_submit_button(pages.SAVE, type="primary", width="stretch"):
                add(Treatment(new_id(), one.client.practice_id, one.client.id, when, area))


def show_plan(one: Followed) -> None:
    """Whether this client has days of their own, and the way to them."""
    own = plans.versions(house.store, who, who.practice_id, one.client.id)
    practice = desk.practice_timeline(house.store, who, who.practice_id)
    told = plan.told(practice, own[-1].changes) if own else ()
    with st.container(border=True, key="card-own-plan"):
        st.html(
            blocks.h2(plan_words.CLIENT_PLAN)
            + blocks.p(plan_words.OWN_DAYS if told else plan_words.FOLLOWS_PRACTICE)
            + (blocks.bullets("check", told) if told else "")
            + f"<p>{blocks.link(plan_words.OPEN_PLAN, blocks.plan_link(one.client.id))}</p>"
        )


def show_border(one: Followed) -> None:
    """New hair loss at the border: entered by a person, a reason of its own."""
    seen = borders.border_loss_of(house.store, who, one.client.id)
    with st.container(border=True, key="card-border"):
        st.html(blocks.h2(verdicts.BORDER_HEADING))
        if seen is not None:
            said = verdicts.border_seen(seen.place, seen.seen_on, seen.made_by, TODAY)
            st.html(blocks.p(said))
            if st.button(verdicts.BORDER_BACK, key="border-back"):
                enter(one, seen.place, there=False)
            return
        for moved in one.course.hair_moved:
            st.html(blocks.p(readings.hair_moved_back(moved, TODAY)))
        st.html(blocks.p(verdicts.BORDER_NONE, "s mute"))
        with st.expander(verdicts.BORDER_ADD), st.form("border", border=False):
            place = st.text_input(verdicts.BORDER_PLACE, max_chars=80, key="border-place")
            if st.form_submit_button(verdicts.BORDER_SAVE, width="stretch") and place.strip():
                enter(one, place.strip(), there=True)


def enter(one: Followed, place: str, *, there: bool) -> None:
    """Keep what was seen, or that it is taken back."""
    new = BorderLoss(
        one.client.practice_id, one.client.id, TODAY, place, there, who.name, house.now()
    )
    try:
        borders.add_border_loss(house.store, who, new)
    except Refused:
        st.error(pages.OUR_FAULT)
    else:
        st.rerun()


def add(new: Treatment) -> None:
    """Keep a treatment; what goes wrong is said in place."""
    try:
        clients.add_treatment(house.store, who, new)
    except Refused:
        st.error(pages.OUR_FAULT)
    else:
        st.rerun()


def show(one: Followed) -> None:
    """The whole page of one client."""
    parts.title(one.client.name, pages.after_treatment(one.course.day, len(one.treatments)))
    show_answers(one)
    views = figures.views(one.course)
    left, right = st.columns([7, 5], gap="medium")
    with left:
        show_course(one)
        for number, found in enumerate(one.standing.findings):
            show_finding(one, found, number)
        show_dismissed(one)
        view = parts.choose_view(views, key="client-view")
        with st.container(border=True, key="card-compare"):
            st.html(blocks.h2(pages.BEFORE_AFTER_HEADING))
            parts.compare(parts.of_view(one.course.photos, view), TODAY, key=f"client-{view}")
        show_treatments(one)
        show_border(one)
        show_plan(one)
    with right:
        for measure in MEASURANDS if views else ():
            with st.container(border=True, key=f"card-{measure}"):
                st.html(blocks.h2(pages.MEASUREMENTS[measure], photos.view_name(view).lower()))
                parts.chart(one, measure, view, for_client=False)
        if views:
            parts.cameras(one, view, TODAY)
        st.header(pages.PHOTOS_HEADING, anchor=False)
        if one.photos:
            parts.photo_list(one.photos, TODAY)
        else:
            st.html(blocks.p(pages.NO_PHOTOS_CLIENT))


wanted = st.query_params.get("client", "")
if wanted:
    st.html(blocks.link(pages.BACK_TO_CLIENTS, "/clients", "s"))
    show(parts.followed(who, wanted))
else:
    parts.title(pages.PLACES["client"])
    st.html(blocks.p(pages.NO_CLIENT_CHOSEN) + blocks.link(pages.BACK_TO_CLIENTS, "/clients"))
