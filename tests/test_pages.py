"""Every page for every role, with the real store; also the wrong role and another's client."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from html import escape
from unittest.mock import patch

import pytest
from streamlit.testing.v1 import AppTest

from tests import practice
from tests.practice import PASSWORD, PLANS, SYSTEM, email
from tests.test_course import state
from tracker import desk, previews, roster
from tracker.archive import Archive
from tracker.errors import AccessDenied, NotFound, StoreFailed
from tracker.records import Outcome, Treatment, Viewer, new_id
from tracker.refit import Fit
from tracker.store import answers, audit, clients, measurements, photos, plans
from tracker.web import parts
from tracker.web.application import SCRIPT
from tracker.web.house import Household, household
from tracker.web.places import PAGES
from tracker.web.services import Services, install
from tracker.words import feel, guide, pages, stage, verdicts
from tracker.words import photos as photo_words
from tracker.words import plan as plan_words
from tracker.words import worksheet as sheet_words

CLIENT_PAGES = ("today", "progress", "photos", "compare", "feel", "guide")
STAFF_PAGES = ("queue", "clients", "client", "touchups", "practice", "plan", "worksheet")
ALLOWED = {"mara": CLIENT_PAGES, "dana": STAFF_PAGES, "sam": ("touchups",)}


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Household]:
    """A practice whose worker never starts."""
    folder = tmp_path_factory.mktemp("pages") / "practice"
    practice.make(folder)
    made = household(folder)
    install(made.services)
    yield made
    install(None)
    made.archive.close()


@pytest.fixture(scope="module")
def house(opened: Household) -> Services:
    return opened.services


@pytest.fixture(scope="module")
def archive(opened: Household) -> Archive:
    return opened.archive


@pytest.fixture(scope="module")
def token_of(house: Services) -> Callable[[str], str]:
    """Signing in, once each: a password takes its time."""
    return lru_cache(lambda who: house.sign_in(email(who), PASSWORD, "test") or "")


@pytest.fixture
def as_who(token_of: Callable[[str], str]) -> Iterator[Callable[[str], None]]:
    """Makes the pages see somebody's cookie for the rest of the test."""
    with patch("tracker.web.identity.token", return_value=None) as seen:

        def become(who: str) -> None:
            seen.return_value = token_of(who)

        yield become


Visit = Callable[..., AppTest]


@pytest.fixture
def visit(as_who: Callable[[str], None]) -> Visit:
    """Opens a page the way the browser does: by the script, then the page."""

    def opens(who: str, page: str, **query: str) -> AppTest:
        as_who(who)
        at = AppTest.from_file(str(SCRIPT), default_timeout=30)
        for key, value in query.items():
            at.query_params[key] = value
        at.run()
        return at.switch_page(f"../pages/{page}.py").run()

    return opens


def bare(page: str) -> AppTest:
    """A page's file run as the script itself, as an address opened first might do."""
    return AppTest.from_file(str(PAGES / f"{page}.py"), default_timeout=30).run()


def viewer_of(house: Services, token: str) -> Viewer:
    viewer = house.viewer_for(token)
    assert viewer is not None
    return viewer


def html_of(at: AppTest) -> str:
    return "\n".join(str(each.proto.body) for each in at.get("html"))


def said_errors(at: AppTest) -> list[str]:
    return [str(e.value) for e in at.error]


@pytest.mark.parametrize(
    ("who", "page"),
    [(who, page) for who in PLANS for page in CLIENT_PAGES]
    + [(who, page) for who in ("dana", "sam") for page in ALLOWED[who]],
)
def test_every_page_of_ones_own(visit: Visit, who: str, page: str) -> None:
    at = visit(who, page)
    assert not at.exception
    assert said_errors(at) == []
    assert len(at.title) == 1


@pytest.mark.parametrize("who", PLANS)
def test_practitioner_sees_a_client(visit: Visit, archive: Archive, who: str) -> None:
    at = visit("dana", "client", client=practice.client_id(archive, who))
    assert not at.exception
    assert at.title[0].value == PLANS[who].name


@pytest.mark.parametrize("page", sorted({*CLIENT_PAGES, *STAFF_PAGES}))
def test_a_page_opened_first_asks_who_is_looking(
    house: Services, as_who: Callable[[str], None], page: str
) -> None:
    at = bare(page)
    assert (said_errors(at), len(at.title)) == ([pages.SIGN_IN_AGAIN], 0)
    for who, own in ALLOWED.items():
        if page not in own:
            as_who(who)
            at = bare(page)
            assert (said_errors(at), len(at.title)) == ([pages.NOT_YOURS], 0)


def test_scheduler_sees_decisions_only(visit: Visit) -> None:
    said = html_of(visit("sam", "touchups"))
    assert "Jonas K." in said
    assert verdicts.touch_up_reason("open-answer") not in said
    assert "/photo/" not in said
    assert "/client?" not in said


def test_an_unknown_client_is_not_told_from_anothers(
    visit: Visit, house: Services, archive: Archive, token_of: Callable[[str], str]
) -> None:
    at = visit("dana", "client", client="0" * 32)
    assert said_errors(at) == [pages.NO_SUCH_CLIENT]
    toms = practice.client_id(archive, "tom")
    mara = viewer_of(house, token_of("mara"))
    with pytest.raises(NotFound):
        desk.client_course(house.store, mara, toms, house.today(), version=house.version)


def test_every_kind_of_course_is_in_the_practice(visit: Visit, house: Services) -> None:
    """The pages above are only worth something if all their branches were drawn."""
    everyone = roster.by_need(house.store, SYSTEM, house.today(), version=house.version)
    groups = {one.standing.group for one in roster.queue(everyone)}
    assert groups == {"answers", "look", "watch", "photos"}
    kinds = {f.kind for one in everyone for f in one.standing.findings}
    assert {"possible_fading", "redness_beyond_expected", "patchiness"} <= kinds
    assert verdicts.SETTLED in html_of(visit("mara", "progress"))


def test_an_open_answer_hides_every_as_expected(visit: Visit) -> None:
    for page in ("today", "progress"):
        said = html_of(visit("jonas", page))
        assert feel.ACT["urgent_today"] in said
        assert "As expected" not in said
        assert verdicts.REDNESS_LIKE_UNTREATED not in said


@pytest.mark.parametrize("who", PLANS)
def test_redness_never_gets_a_tick(visit: Visit, who: str) -> None:
    said = html_of(visit(who, "today"))
    for kind, text in re.findall(r'class="pill p-(\w+)">.*?</span>([^<]*)<', said):
        assert not (kind == "expected" and "redness" in text.lower())


@pytest.mark.parametrize("who", ["ali", "ben"])
def test_nothing_measured_nothing_said(visit: Visit, who: str) -> None:
    said = html_of(visit(who, "today")) + html_of(visit(who, "progress"))
    assert "As expected" not in said
    assert verdicts.SETTLED not in said


def test_waiting_photos_are_counted_and_their_date_is_asked(
    visit: Visit, house: Services, archive: Archive
) -> None:
    at = visit("mara", "photos")
    n_photos = len(PLANS["mara"].photos)
    assert photo_words.measuring(n_photos - 1, n_photos) in html_of(at)
    every = photos.photos(house.store, SYSTEM, practice.client_id(archive, "mara"))
    [unsure] = [photo for photo in every if not photo.date_confirmed]
    assert html_of(at).count(f"/photo/{unsure.id}?small&amp;soon") == 2
    at.button(key=f"yes-{unsure.id}").click().run()
    assert not at.exception
    assert photos.photo(house.store, SYSTEM, unsure.id).date_confirmed
    assert photo_words.DATES_HEADING not in [h.value for h in at.header]


def test_the_slider_says_whether_the_photos_are_aligned(
    visit: Visit, house: Services, opened: Household, token_of: Callable[[str], str]
) -> None:
    archive = opened.archive
    at = visit("tom", "compare")
    first, *_, last = photos.photos(house.store, SYSTEM, practice.client_id(archive, "tom"))
    assert pages.FITTING in html_of(at)
    tom, mara = (viewer_of(house, token_of(who)) for who in ("tom", "mara"))
    assert house.fit(mara, last.id, first.id) == "apart"
    assert house.laid(mara, last.id, first.id) is None
    previews.keep_laid(archive.folder, last, first, b"view")
    document = {"baseline": first.id, "followup": last.id, "lost_patches": []}
    outcome = Outcome(last.id, first.id, house.version, "measured", document)
    measurements.add_outcome(house.store, SYSTEM, outcome, [])
    assert pages.ALIGNED in html_of(visit("tom", "compare"))
    assert house.laid(tom, last.id, first.id) == (b"view", "image/jpeg")
    refused = Outcome(first.id, last.id, house.version, "refused", {})
    measurements.add_outcome(house.store, SYSTEM, refused, [])
    assert house.fit(tom, first.id, last.id) == "apart"
    at.selectbox(key="compare-crown-first").set_value(last.id)
    at.selectbox(key="compare-crown-second").set_value(first.id).run()
    assert pages.NOT_ALIGNED in html_of(at)


def test_questions_one_at_a_time(visit: Visit) -> None:
    at = visit("tom", "feel")
    assert not any(box.value for box in at.checkbox)
    at.checkbox(key="tick-severe_illness").check().run()
    assert "Call your local emergency number" in html_of(at)
    assert 'role="alert"' in html_of(at)
    at.checkbox(key="tick-severe_illness").uncheck().run()
    at.button(key="none").click().run()
    at.button(key="yes").click().run()
    at.button(key="back").click().run()
    at.button(key="yes").click().run()
    assert at.title[0].value.startswith("Is there pus")
    for _ in range(2):
        at.button(key="no" if at.button[0].key == "yes" else "none").click().run()
    at.button(key="none").click().run()
    assert at.title[0].value.startswith("Do you have a weakened immune system")
    with patch("tracker.store.answers.add_answer", side_effect=StoreFailed("planted")):
        at.button(key="no").click().run()
    assert not at.exception
    assert "should be checked by a health professional today" in html_of(at)
    assert feel.NOT_SAVED in html_of(at)


def test_answers_are_saved_and_closed(
    visit: Visit, house: Services, archive: Archive, token_of: Callable[[str], str]
) -> None:
    elena = practice.client_id(archive, "elena")
    at = visit("elena", "feel")
    at.checkbox(key="tick-breathing_face_swelling").check().run()
    at.button(key="next").click().run()
    assert feel.SAVED in html_of(at)
    [kept] = answers.open_answers(house.store, SYSTEM, elena)
    assert kept.level == "emergency"
    viewer = viewer_of(house, token_of("elena"))
    with pytest.raises(AccessDenied):
        answers.close_answer(house.store, viewer, kept.id, now=house.now())
    visit("dana", "client", client=elena).button(key=f"close-{kept.id}").click().run()
    assert answers.open_answers(house.store, SYSTEM, elena) == ()


def test_a_practices_plan_is_used_by_every_page_and_can_be_taken_back(
    visit: Visit, house: Services, archive: Archive
) -> None:
    at = visit("dana", "plan")
    at.number_input(key="day-first_rinse").set_value(2)
    at.number_input(key="start-settling").set_value(8)
    at.button[0].click().run()
    assert "no day left" in said_errors(at)[0]
    at.number_input(key="start-settling").set_value(16)
    at.text_input(key="reason").set_value("our own pigment")
    at.button[0].click().run()
    assert not at.exception
    assert [each.value for each in at.success] == [plan_words.SAVED]
    mara = practice.client_id(archive, "mara")
    one = desk.client_course(house.store, SYSTEM, mara, house.today(), version=house.version)
    assert one.timeline.phase(15).key == "pale_phase"
    said = html_of(visit("jonas", "today"))
    assert escape(stage.PLAN_OWN) in said
    assert stage.PLAN_UNSET not in said
    at = visit("dana", "plan")
    assert "First lukewarm rinse, pat dry: 2 instead of 4" in html_of(at)
    assert "our own pigment" in html_of(at)
    at.button(key="use-0").click().run()
    assert stage.PLAN_UNSET in html_of(visit("jonas", "today"))
    assert len(plans.versions(house.store, SYSTEM, one.client.practice_id)) == 2


def test_a_client_has_days_of_their_own_for_a_reason(
    visit: Visit, house: Services, archive: Archive
) -> None:
    ali = practice.client_id(archive, "ali")
    at = visit("dana", "plan", client=ali)
    at.number_input(key="day-razor").set_value(20)
    at.button[0].click().run()
    assert said_errors(at) == [plan_words.REASON_NEEDED]
    at.text_input(key="reason").set_value("dry skin")
    at.button[0].click().run()
    assert not at.exception
    assert "Razor, no scabs left: 20 instead of 10" in html_of(visit("dana", "client", client=ali))
    assert PLANS["ali"].name in html_of(visit("dana", "practice"))
    ben = practice.client_id(archive, "ben")
    for who, day in ((ali, 20), (ben, 10)):
        one = desk.client_course(house.store, SYSTEM, who, house.today(), version=house.version)
        assert {a.key: a.day for a in one.timeline.aftercare}["razor"] == day


def test_the_guidance_is_there_by_phase_with_its_terms(visit: Visit) -> None:
    at = visit("jonas", "guide")
    said = html_of(at)
    for section in guide.SECTIONS:
        assert section.title in said
    for term in ("re-epithelialisation", "non-comedogenic", "UV radiation", "macrophages"):
        assert f"<dt>{term}</dt>" in said
    opened = [each.label for each in at.expander if guide.YOU_ARE_HERE in each.label]
    assert opened == ["Pale or patchy-looking phase ('ghosting') · day 8 to 14 · you are here"]
    assert "/help-list" in said


def test_in_shadow_mode_findings_go_to_practitioners_only(
    visit: Visit, house: Services, archive: Archive
) -> None:
    elena = practice.client_id(archive, "elena")
    one = desk.client_course(house.store, SYSTEM, elena, house.today(), version=house.version)
    flag = one.standing.findings[0]
    assert flag.level == "flag"
    pill = verdicts.NEEDS_A_LOOK.text
    assert pill not in html_of(visit("elena", "today")) + html_of(visit("elena", "progress"))
    assert pill in html_of(visit("dana", "client", client=elena))
    # The questions are asked for all the same.
    assert one.course.redness_day is not None
    assert verdicts.redness_prompt(one.course.redness_day) in html_of(visit("elena", "today"))
    at = visit("dana", "practice")
    assert not at.toggle(key="shown").value
    at.toggle(key="shown").set_value(True).run()
    assert verdicts.SHADOW_ON in html_of(at)
    assert pill in html_of(visit("elena", "today"))
    deeds = audit.deeds(house.store, SYSTEM)
    assert [d.detail["value"] for d in deeds if d.action == "choose"] == [True]
    visit("dana", "practice").toggle(key="shown").set_value(False).run()
    assert pill not in html_of(visit("elena", "today"))


def test_a_finding_is_dismissed_or_confirmed_and_leaves_the_queue(
    visit: Visit, house: Services, archive: Archive
) -> None:
    tom = practice.client_id(archive, "tom")

    def group() -> str | None:
        everyone = roster.by_need(house.store, SYSTEM, house.today(), version=house.version)
        return next(one.standing.group for one in everyone if one.client.id == tom)

    assert group() == "watch"
    at = visit("dana", "client", client=tom)
    dismiss = next(b for b in at.button if b.label == verdicts.DISMISS)
    dismiss.click().run()
    assert said_errors(at) == [verdicts.WHY_NEEDED]
    at.text_input(key="why-0").set_value("a scar")
    next(b for b in at.button if b.label == verdicts.DISMISS).click().run()
    assert group() is None
    one = desk.client_course(house.store, SYSTEM, tom, house.today(), version=house.version)
    assert [f.kind for f in one.standing.dismissed] == ["patchiness"]
    assert one.standing.verdict == "cannot tell"
    assert one.standing.touch_up.decision != "worth a review"
    at = visit("dana", "client", client=tom)
    at.button(key="again-0").click().run()
    assert verdicts.decided_here(1, 0) in html_of(at)
    assert verdicts.SEEN_TOO.text in html_of(at)
    assert verdicts.own_count(1, 0) in html_of(visit("dana", "practice"))
    said = [d.detail["reason"] for d in audit.deeds(house.store, SYSTEM) if "finding" in d.action]
    assert said == ["a scar", ""]


def test_lists_are_read_and_worked_out_again_when_something_was_written(
    house: Services, archive: Archive
) -> None:
    today, version = house.today(), house.version
    first = roster.by_need(house.store, SYSTEM, today, version=version)
    with patch("tracker.roster.client_course", side_effect=AssertionError("worked out")):
        assert roster.by_need(house.store, SYSTEM, today, version=version) == first
        assert roster.refresh(house.store, today, version=version) == 0
    assert roster.refresh(house.store, today + timedelta(days=1), version=version) == len(PLANS)
    roster.refresh(house.store, today, version=version)
    ben = practice.client_id(archive, "ben")
    client = clients.client(house.store, SYSTEM, ben)
    new = Treatment(new_id(), client.practice_id, ben, today, "all")
    clients.add_treatment(house.store, SYSTEM, new)
    assert roster.refresh(house.store, today, version=version) == 1
    after = roster.by_need(house.store, SYSTEM, today, version=version)
    assert {one.client.id: one.standing.day for one in after}[ben] == 0
    with patch("tracker.roster.RULE_VERSION", 10**6):
        assert roster.refresh(house.store, today, version=version) == len(PLANS)


def test_the_worksheet_counts_missing_dots_and_minutes_and_is_printed(
    visit: Visit, house: Services, archive: Archive, token_of: Callable[[str], str]
) -> None:
    tom = practice.client_id(archive, "tom")
    at = visit("dana", "worksheet", client=tom)
    assert at.checkbox(key="zone-A").value
    assert at.selectbox(key="sheet-photo").options[0].startswith("Crown · Day ")
    assert sheet_words.pace(None) in html_of(at)
    at.number_input(key="pace").set_value(31).run()
    assert not at.exception
    assert '<td data-head="Minutes">2</td>' in html_of(at)
    last = photos.photos(house.store, SYSTEM, tom)[-1]
    dana, own = (viewer_of(house, token_of(who)) for who in ("dana", "tom"))
    printed = house.worksheet(dana, last.id, "A")
    assert printed is not None
    assert printed.startswith(b"%PDF")
    assert house.worksheet(own, last.id, "A") is None
    assert house.worksheet(dana, "0" * 32, "A") is None
    assert sheet_words.NO_ZONES in html_of(
        visit("dana", "worksheet", client=practice.client_id(archive, "mara"))
    )


def test_hair_loss_at_the_border_is_entered_and_taken_back(visit: Visit, archive: Archive) -> None:
    mara = practice.client_id(archive, "mara")
    why = verdicts.touch_up_reason("border-loss")
    at = visit("dana", "client", client=mara)
    at.text_input(key="border-place").set_value("left temple")
    next(b for b in at.button if b.label == verdicts.BORDER_SAVE and "border" in b.form_id).click()
    at.run()
    assert not at.exception
    assert why in html_of(at)
    assert why in html_of(visit("dana", "touchups"))
    at = visit("dana", "client", client=mara)
    at.button(key="border-back").click().run()
    assert why not in html_of(at)


def test_the_questions_are_offered_with_uploads_of_the_first_two_weeks(visit: Visit) -> None:
    assert feel.ASK_OFFER in html_of(visit("jonas", "photos"))
    assert feel.ASK_OFFER not in html_of(visit("tom", "photos"))


def test_bands_are_fitted_to_the_practices_clients_and_back(visit: Visit, house: Services) -> None:
    def in_force() -> list[str]:
        everyone = roster.by_need(house.store, SYSTEM, house.today(), version=house.version)
        practice_id = everyone[0].client.practice_id
        timeline = desk.practice_timeline(house.store, SYSTEM, practice_id)
        return [plan_words.bands_in_force(timeline.fitted_to)]

    said = html_of(visit("dana", "practice"))
    assert plan_words.BANDS_PRIOR in said
    assert "A fit needs 30." in said
    with patch("tracker.roster.band_fit", return_value=Fit(-0.4, 0.9, 34)):
        at = visit("dana", "practice")
        assert plan_words.BANDS_RATE in html_of(at)
        at.button(key="fit-bands").click().run()
        assert "fitted to 34 clients" in in_force()[0]
        assert "fitted it to 34" in html_of(visit("mara", "progress"))
        # A day of the plan changed later leaves the fit as it is.
        at = visit("dana", "plan")
        at.number_input(key="gate-0").set_value(21)
        next(b for b in at.button if b.label == plan_words.SAVE).click().run()
        assert "fitted to 34 clients" in in_force()[0]
        visit("dana", "practice").button(key="prior-bands").click().run()
    assert in_force() == [plan_words.BANDS_PRIOR]
    visit("dana", "plan").button(key="use-0").click().run()


def test_photos_with_dots_are_compared_first() -> None:
    states = [state(day) for day in (0, 7, 14)]
    states += [replace(state(day, view="hairline"), level="dot") for day in (0, 7)]
    views = parts.by_view(states)
    assert {view: [s.day for s in own] for view, own in views.items()} == {
        "hairline": [0, 7],
        "top": [0, 7, 14],
    }
    assert list(views) == ["hairline", "top"]
