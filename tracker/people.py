"""Who belongs to a practice: the practice itself, its staff, its clients with their treatments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from tracker.accounts import SIGNING_IN, new_account
from tracker.archive import Archive
from tracker.errors import Conflict
from tracker.records import Actor, Client, Pigment, Practice, Role, Treatment, new_id
from tracker.store import accounts, clients


def practice(archive: Archive, actor: Actor, name: str, *, now: datetime) -> Practice:
    """The practice of this name, made if there is none."""
    known = [p for p in clients.practices(archive.store, actor) if p.name == name]
    if known:
        return known[0]
    made = Practice(new_id(), name, now)
    clients.add_practice(archive.store, actor, made)
    return made


def add_staff(
    archive: Archive,
    actor: Actor,
    of: Practice,
    *,
    email: str,
    name: str,
    role: Role,
    password: str,
    now: datetime,
) -> None:
    """An account for somebody who works there; an address that has one is a Conflict."""
    made = new_account(of.id, email, name, role, password, now=now)
    accounts.add_account(archive.store, actor, made)


def add_client(
    archive: Archive,
    actor: Actor,
    of: Practice,
    *,
    email: str,
    name: str,
    password: str,
    treated_on: Sequence[date],
    now: datetime,
    pigment: Pigment = "permanent",
) -> Client:
    """A client with treatments and an account; nothing is made where the address has one."""
    if accounts.account_by_email(archive.store, SIGNING_IN, email) is not None:
        raise Conflict("This address has an account already.")
    client = Client(new_id(), of.id, name, pigment, now)
    account = new_account(of.id, email, name, "client", password, now=now, client_id=client.id)
    clients.add_client(archive.store, actor, client)
    for day in treated_on:
        treatment = Treatment(new_id(), of.id, client.id, day, "all")
        clients.add_treatment(archive.store, actor, treatment)
    accounts.add_account(archive.store, actor, account)
    return client
