"""Passwords and sign-ins: argon2id, tokens of which only the hash is kept, a brake on guessing."""

from __future__ import annotations

import hashlib
import secrets
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from tracker.records import Account, Role, System, Viewer, new_id
from tracker.store import Store
from tracker.store import accounts as rows

SIGNING_IN = System("signing in")
LEAST_PASSWORD = 8
_HASHER = PasswordHasher()
# Checked when nobody has the address, so that an unknown name takes as long as a wrong password.
_NOBODY = _HASHER.hash(secrets.token_hex())
_FREE_TRIES = 5
_MOST_REMEMBERED = 10_000
_LONGEST_EMAIL = 254
_LONGEST_WAIT = timedelta(minutes=15)
_STAFF, _CLIENT = timedelta(hours=12), timedelta(days=30)


@dataclass
class Brake:
    """Five free tries for an account from one address, then each wait twice as long, at most 15
    minutes; and fifty for an address whatever the account. A stranger's tries from elsewhere never
    shut the owner out.
    """

    _tries: dict[str, tuple[int, datetime]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def allows(self, email: str, address: str, now: datetime) -> bool:
        """Whether a try counts now; it is counted as failed until it is forgiven."""
        keys = {f"{address} {email}": _FREE_TRIES, address: _FREE_TRIES * 10}
        with self._lock:
            self._forget(now)
            if any(self._wait(key, free, now) for key, free in keys.items()):
                return False
            for key in keys:
                self._tries[key] = (self._tries.get(key, (0, now))[0] + 1, now)
        return True

    def forgive(self, email: str, address: str) -> None:
        """The password was right."""
        with self._lock:
            self._tries.pop(f"{address} {email}", None)

    def _wait(self, key: str, free: int, now: datetime) -> timedelta:
        n, last = self._tries.get(key, (0, now))
        if n < free:
            return timedelta(0)
        pause = min(timedelta(seconds=2 ** min(n - free, 10)), _LONGEST_WAIT)
        return max(last + pause - now, timedelta(0))

    def _forget(self, now: datetime) -> None:
        if len(self._tries) > _MOST_REMEMBERED:
            fresh = {k: v for k, v in self._tries.items() if now - v[1] < timedelta(hours=1)}
            self._tries = dict(list(fresh.items())[-_MOST_REMEMBERED:])


def new_account(
    practice_id: str,
    email: str,
    name: str,
    role: Role,
    password: str,
    *,
    now: datetime,
    client_id: str | None = None,
) -> Account:
    """An account with its password hashed."""
    if len(password) < LEAST_PASSWORD:
        raise ValueError(f"a password needs at least {LEAST_PASSWORD} characters")
    hashed = _HASHER.hash(password)
    return Account(new_id(), practice_id, email, name, role, client_id, hashed, None, now)


def sign_in(
    store: Store, brake: Brake, email: str, password: str, *, address: str, now: datetime
) -> str | None:
    """A new token for the right password, else None: alike for whatever was wrong."""
    email = email.strip().lower()
    if len(email) > _LONGEST_EMAIL or not brake.allows(email, address, now):
        return None
    account = rows.account_by_email(store, SIGNING_IN, email)
    known = account.password_hash if account and not account.disabled_at else None
    try:
        _HASHER.verify(known or _NOBODY, password)
    except VerificationError:
        return None
    if account is None or known is None:
        return None
    brake.forgive(email, address)
    token = secrets.token_urlsafe(32)
    expires = now + (_CLIENT if account.role == "client" else _STAFF)
    rows.add_session(store, SIGNING_IN, account, hash_of(token), now=now, expires_at=expires)
    return token


def viewer_for(store: Store, token: str, *, now: datetime) -> Viewer | None:
    """Who a token belongs to, while it is live."""
    return rows.viewer_by_token_hash(store, SIGNING_IN, hash_of(token), now=now) if token else None


def sign_out(store: Store, token: str, *, now: datetime) -> None:
    """End a sign-in for good."""
    rows.revoke_session(store, SIGNING_IN, hash_of(token), now=now)


def hash_of(token: str) -> str:
    """What of a token is kept."""
    return hashlib.sha256(token.encode()).hexdigest()
