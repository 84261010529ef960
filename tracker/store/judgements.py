"""What practitioners decided about findings: each decision stays, the newest counts."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from tracker.records import Actor, Judgement
from tracker.store import Store
from tracker.store.audit import record
from tracker.store.clients import client_in
from tracker.store.rows import all_of, columns_of, values_of
from tracker.store.schema import judgement
from tracker.store.scope import own_practice, photo_rows, require_own_practice, require_staff
from tracker.store.touch import touched

Key = tuple[str, str, str, object]


def add_judgement(store: Store, actor: Actor, new: Judgement) -> None:
    """Keep a decision, audited."""
    require_staff(actor, "practitioner", "owner")
    require_own_practice(actor, new.practice_id)

    def work(connection: Connection) -> None:
        client_in(connection, actor, new.client_id)
        connection.execute(insert(judgement), values_of(new))
        touched(connection, new.client_id)
        detail = {
            "kind": new.kind,
            "view": new.view,
            "since": new.since.isoformat(),
            "rule_version": new.rule_version,
            "reason": new.reason,
        }
        subject = f"client:{new.client_id}"
        record(
            connection, actor, f"finding {new.decision}", subject,
            practice_id=new.practice_id, at=new.made_at, detail=detail,
        )  # fmt: skip

    store.write(work)


def judgements(store: Store, actor: Actor, client_id: str) -> tuple[Judgement, ...]:
    """Return the decision that counts of each finding of a client."""
    rows = select(*columns_of(judgement, Judgement)).where(
        judgement.c.client_id == client_id, photo_rows(actor, judgement)
    )
    return _newest(store.read(all_of(Judgement, rows.order_by(judgement.c.id))))


def counts(store: Store, actor: Actor, practice_id: str, rule_version: int) -> tuple[int, int]:
    """Return how many findings of a rule version were confirmed and how many dismissed."""
    require_staff(actor, "practitioner", "owner")
    rows = select(*columns_of(judgement, Judgement)).where(
        judgement.c.practice_id == practice_id,
        judgement.c.rule_version == rule_version,
        own_practice(actor, judgement),
    )
    found = _newest(store.read(all_of(Judgement, rows.order_by(judgement.c.id))))
    confirmed = sum(each.decision == "confirmed" for each in found)
    return confirmed, len(found) - confirmed


def _newest(every: tuple[Judgement, ...]) -> tuple[Judgement, ...]:
    by_finding: dict[Key, Judgement] = {(j.client_id, j.kind, j.view, j.since): j for j in every}
    return tuple(by_finding.values())
