"""Accounts and sign-ins; only hashes of passwords and tokens ever come here."""

from datetime import datetime

from sqlalchemy import insert, select, update

from tracker.records import Account, Actor, System, Viewer, require_aware
from tracker.store import Store
from tracker.store.rows import all_of, columns_of, first_of, values_of
from tracker.store.schema import account, session
from tracker.store.scope import own_practice, require_own_practice, require_staff, require_system


def add_account(store: Store, actor: Actor, new: Account) -> None:
    """Add an account; an address that has one already is a Conflict."""
    require_staff(actor, "owner")
    require_own_practice(actor, new.practice_id)
    values = values_of(new) | {"email": new.email.lower()}
    store.write(lambda connection: connection.execute(insert(account).values(values)))


def account_by_email(store: Store, actor: Actor, email: str) -> Account | None:
    """Return the account of an address, for signing in."""
    require_system(actor)
    rows = select(*columns_of(account, Account)).where(account.c.email == email.lower())
    return store.read(first_of(Account, rows))


def accounts(store: Store, actor: Actor) -> tuple[Account, ...]:
    """Return the accounts of the actor's practice, by address."""
    require_staff(actor, "owner")
    rows = select(*columns_of(account, Account)).where(own_practice(actor, account))
    return store.read(all_of(Account, rows.order_by(account.c.email)))


def disable_account(store: Store, actor: Actor, account_id: str, *, now: datetime) -> None:
    """Shut an account; its sign-ins are dead at once."""
    require_staff(actor, "owner")
    change = update(account).where(account.c.id == account_id, own_practice(actor, account))
    store.write(lambda connection: connection.execute(change.values(disabled_at=now)))


def add_session(
    store: Store,
    actor: Actor,
    signed_in: Account,
    token_hash: str,
    *,
    now: datetime,
    expires_at: datetime,
) -> None:
    """Remember a sign-in by the hash of its token."""
    require_system(actor)
    row = insert(session).values(
        token_hash=token_hash,
        practice_id=signed_in.practice_id,
        account_id=signed_in.id,
        created_at=now,
        expires_at=expires_at,
    )
    store.write(lambda connection: connection.execute(row))


def viewer_by_token_hash(
    store: Store, actor: Actor, token_hash: str, *, now: datetime
) -> Viewer | None:
    """Return who is signed in with this token: live, not expired, not disabled."""
    require_system(actor)
    require_aware("now", now)
    who = [account.c.practice_id, account.c.role, account.c.client_id, account.c.name]
    rows = (
        select(account.c.id.label("account_id"), *who)
        .join(session, session.c.account_id == account.c.id)
        .where(session.c.token_hash == token_hash, session.c.expires_at > now)
        .where(session.c.revoked_at.is_(None), account.c.disabled_at.is_(None))
    )
    return store.read(first_of(Viewer, rows))


def revoke_session(store: Store, actor: Actor, token_hash: str, *, now: datetime) -> None:
    """End a sign-in; people can end only their own."""
    change = update(session).where(session.c.token_hash == token_hash)
    change = change.where(session.c.revoked_at.is_(None))
    if not isinstance(actor, System):
        change = change.where(session.c.account_id == actor.account_id)
    store.write(lambda connection: connection.execute(change.values(revoked_at=now)))
