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
_NOBODY = _HASHER.hash("nobody")
_FREE_TRIES = 5
_LONGEST_WAIT = timedelta(minutes=15)
_STAFF, _CLIENT = timedelta(hours=12), timedelta(days=30)


@dataclass
class Brake:
    """Five free tries for an address, then each wait twice as long, at most 15 minutes."""

    _failures: dict[str, tuple[int, datetime]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, email: str, now: datetime) -> timedelta:
        """How long until the next try counts."""
        with self._lock:
            n, last = self._failures.get(email, (0, now))
        if n < _FREE_TRIES:
            return timedelta(0)
        pause = min(timedelta(seconds=2 ** min(n - _FREE_TRIES, 10)), _LONGEST_WAIT)
        return max(last + pause - now, timedelta(0))

    def failed(self, email: str, now: datetime) -> None:
        """Remember a wrong password."""
        with self._lock:
            n, _ = self._failures.get(email, (0, now))
            self._failures[email] = (n + 1, now)

    def succeeded(self, email: str) -> None:
        """Forget what went before."""
        with self._lock:
            self._failures.pop(email, None)


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


def sign_in(store: Store, brake: Brake, email: str, password: str, *, now: datetime) -> str | None:
    """A new token for the right password, else None: alike for whatever was wrong."""
    email = email.strip().lower()
    if brake.wait(email, now):
        return None
    account = rows.account_by_email(store, SIGNING_IN, email)
    try:
        _HASHER.verify((account and account.password_hash) or _NOBODY, password)
    except VerificationError:
        account = None
    if account is None or account.disabled_at is not None:
        brake.failed(email, now)
        return None
    brake.succeeded(email)
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
