"""How I feel, for a client: do I need help, how soon."""

from html import escape

import streamlit as st

from tracker import questions
from tracker.errors import Refused
from tracker.questions import Question
from tracker.records import Answer, new_id
from tracker.store import answers
from tracker.timeline import default_timeline
from tracker.web import blocks, identity, parts
from tracker.words import feel, verdicts

who = identity.viewer("client")
house = identity.services()
TIMELINE = default_timeline()
state = st.session_state.setdefault("feel", {"at": 0, "yes": [], "done": None})


def move(to: int) -> None:
    """Go to another question; what was answered stays."""
    state["at"] = to


def answer(question: Question, yes: bool) -> None:
    """A plain yes or no, then the next question."""
    others = [sign for sign in state["yes"] if sign not in question.signs]
    state["yes"] = others + (list(question.signs) if yes else [])
    move(state["at"] + 1)


def tick(sign: str) -> None:
    """Keep one tick, also when its question is left and comes back."""
    others = [each for each in state["yes"] if each != sign]
    state["yes"] = others + ([sign] if st.session_state[f"tick-{sign}"] else [])


def finish() -> None:
    """Save the answers; their text is shown whether that works or not."""
    yes = tuple(sorted(state["yes"]))
    level = questions.level(yes, TIMELINE)
    new = Answer(new_id(), who.practice_id, who.client_id or "", house.now(), yes, level)
    try:
        answers.add_answer(house.store, who, new)
        saved = True
    except Refused:
        saved = False
    state["done"] = {"yes": yes, "level": level, "saved": saved}


def restart() -> None:
    """Start over, with nothing ticked."""
    st.session_state["feel"] = {"at": 0, "yes": [], "done": None}


def said(yes: tuple[str, ...], level: str) -> str:
    """The answer's card: act, what to do, what was answered."""
    first, *more = questions.texts(yes, TIMELINE)
    shown = verdicts.Pill("urgent" if yes else "plain", feel.ACT[level])
    labels = [questions.label(sign, TIMELINE) for sign in yes]
    return (
        blocks.pill(shown)
        + f'<p class="big">{escape(first)}</p>'
        + "".join(blocks.p(each) for each in more)
        + (blocks.p(feel.answered_yes(labels), "s") if labels else "")
    )


def ask(question: Question, number: int, total: int) -> None:
    """One question; nothing is ticked in advance."""
    parts.title(question.ask, f"{feel.step(number, total)} · {feel.DURATION}")
    if len(question.signs) == 1:
        st.button(feel.YES, on_click=answer, args=(question, True), width="stretch", key="yes")
        st.button(feel.NO, on_click=answer, args=(question, False), width="stretch", key="no")
    else:
        ticks(question)
    if number > 1:
        st.button(feel.BACK, on_click=move, args=(number - 2,), type="tertiary", key="back")
    st.html(blocks.p(feel.DECIDES, "s mute"))


def ticks(question: Question) -> None:
    """Several signs of one question, and what a tick in the first one says at once."""
    for sign in question.signs:
        name = f"tick-{sign}"
        st.checkbox(
            questions.label(sign, TIMELINE), sign in state["yes"], key=name, on_change=tick,
            args=(sign,), width="stretch",
        )  # fmt: skip
    yes = tuple(sign for sign in question.signs if sign in state["yes"])
    if yes and question.ends_at_yes:
        with st.container(border=True, key="card-urgent-now"):
            st.html(blocks.alert(said(yes, questions.level(yes, TIMELINE))))
        st.button(feel.CONTINUE, on_click=finish, type="primary", width="stretch", key="next")
    elif yes:
        st.button(feel.CONTINUE, on_click=move, args=(state["at"] + 1,), type="primary",
                  width="stretch", key="next")  # fmt: skip
    else:
        st.button(feel.NONE_OF_THESE, on_click=move, args=(state["at"] + 1,), width="stretch",
                  key="none")  # fmt: skip


def result() -> None:
    """What the answers mean: how soon to act."""
    done = state["done"]
    st.title(feel.TITLE, anchor=False)
    with st.container(border=True, key="card-urgent-done" if done["yes"] else "card-done"):
        st.html(blocks.alert(said(tuple(done["yes"]), done["level"])))
    if done["level"] != "emergency":
        with st.container(border=True, key="card-emergency"):
            st.html(blocks.h2(feel.EMERGENCY_HEADING) + blocks.p(feel.EMERGENCY_SIGNS))
    if done["saved"]:
        st.html(blocks.p(feel.SAVED, "s") + blocks.p(feel.MORNING))
    else:
        st.html(blocks.alert(blocks.p(feel.NOT_SAVED)))
    st.html(blocks.p(feel.CANNOT_TELL_INFECTED, "s mute"))
    st.button(feel.AGAIN, on_click=restart, key="again")


every = questions.asked(questions.questions(TIMELINE), state["yes"])
if state["done"] is None and state["at"] >= len(every):
    finish()
with st.container(key="question"):
    if state["done"] is not None:
        result()
    else:
        ask(every[state["at"]], state["at"] + 1, len(every))
