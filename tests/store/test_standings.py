"""Kept standings hold only for the same data, instrument, rules and day."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.store.makers import NOW, SYSTEM, make_measurement, make_outcome, make_photo
from tracker.records import (
    Answer,
    BorderLoss,
    Choice,
    Client,
    Judgement,
    PlanVersion,
    Treatment,
    new_id,
)
from tracker.store import (
    Store,
    answers,
    borders,
    choices,
    clients,
    judgements,
    measurements,
    photos,
    plans,
    standings,
)

DAY = date(2026, 7, 1)


def writes(store: Store, client: Client) -> dict[str, Callable[[], object]]:
    photo, outcome_of = make_photo(client), make_photo(client)
    photos.add_photo(store, SYSTEM, outcome_of)
    outcome = make_outcome(outcome_of)
    practice_id, client_id = client.practice_id, client.id
    answer = Answer(new_id(), practice_id, client_id, NOW, ("fever_chills",), "urgent_today")
    treatment = Treatment(new_id(), practice_id, client_id, DAY, "all")
    judged = Judgement(
        practice_id, client_id, "patchiness", "top", DAY, 1, "confirmed", "", "Dana", NOW
    )
    own = PlanVersion(practice_id, client_id, {}, "", "Dana", NOW)
    return {
        "photo": lambda: photos.add_photo(store, SYSTEM, photo),
        "date": lambda: photos.confirm_date(store, SYSTEM, photo.id, DAY, now=NOW),
        "outcome": lambda: measurements.add_outcome(
            store, SYSTEM, outcome, [make_measurement(outcome)]
        ),
        "treatment": lambda: clients.add_treatment(store, SYSTEM, treatment),
        "answer": lambda: answers.add_answer(store, SYSTEM, answer),
        "closing": lambda: answers.close_answer(store, SYSTEM, answer.id, now=NOW),
        "own plan": lambda: plans.add_plan(store, SYSTEM, own),
        "plan": lambda: plans.add_plan(store, SYSTEM, replace(own, client_id=None)),
        "judgement": lambda: judgements.add_judgement(store, SYSTEM, judged),
        "choice": lambda: choices.add_choice(
            store, SYSTEM, Choice(practice_id, None, "x", True, "Dana", NOW)
        ),
        "border": lambda: borders.add_border_loss(
            store, SYSTEM, BorderLoss(practice_id, client_id, DAY, "left", True, "Dana", NOW)
        ),
        "deletion": lambda: photos.delete_photo(store, SYSTEM, photo.id, now=NOW),
    }


def test_every_write_about_a_client_makes_their_standing_out_of_date(
    store: Store,
    client: Client,
) -> None:
    edition = standings.Edition("3", 1, DAY)
    for name, write in writes(store, client).items():
        version = standings.data_versions(store, SYSTEM)[client.id]
        kept = standings.Kept(client.id, client.practice_id, version, {"day": 1})
        standings.keep(store, SYSTEM, edition, [kept])
        assert client.id in standings.current(store, SYSTEM, edition), name
        write()
        assert standings.current(store, SYSTEM, edition) == {}, name


@pytest.mark.parametrize(
    "changes", [{"instrument": "4"}, {"rule_version": 2}, {"as_of": date(2026, 7, 2)}]
)
def test_another_edition_is_not_read(
    store: Store,
    client: Client,
    changes: dict[str, Any],
) -> None:
    edition = standings.Edition("3", 1, DAY)
    kept = standings.Kept(client.id, client.practice_id, 0, {})
    standings.keep(store, SYSTEM, edition, [kept])
    assert standings.current(store, SYSTEM, edition) == {client.id: {}}
    assert standings.current(store, SYSTEM, replace(edition, **changes)) == {}
