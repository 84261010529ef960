"""Which rows an actor can see or touch: one place that every query takes its WHERE from."""

from sqlalchemy import ColumnElement, Table, and_, false, true

from tracker.errors import AccessDenied
from tracker.records import Actor, Role, System, Viewer

_SEES_CLIENTS: frozenset[Role] = frozenset({"client", "practitioner", "scheduler", "owner"})
_SEES_PHOTOS: frozenset[Role] = frozenset({"client", "practitioner", "owner"})


def own_practice(actor: Actor, table: Table) -> ColumnElement[bool]:
    """Rows of the actor's practice; the system sees all practices."""
    return true() if isinstance(actor, System) else table.c.practice_id == actor.practice_id


def client_rows(
    actor: Actor, table: Table, client_column: str = "client_id"
) -> ColumnElement[bool]:
    """Rows about clients: names, dates, treatments."""
    return _rows(actor, table, client_column, _SEES_CLIENTS)


def photo_rows(actor: Actor, table: Table) -> ColumnElement[bool]:
    """Rows about photos and what was measured in them."""
    return _rows(actor, table, "client_id", _SEES_PHOTOS)


def require_staff(actor: Actor, *roles: Role) -> None:
    """Raise AccessDenied unless it is the system or somebody of these roles."""
    if isinstance(actor, Viewer) and actor.role not in roles:
        raise AccessDenied("You may not do this.")


def require_sender(actor: Actor) -> None:
    """Raise AccessDenied unless this is somebody who may add photos."""
    require_staff(actor, "client", "practitioner", "owner")


def require_system(actor: Actor) -> None:
    """Raise AccessDenied unless it is the program itself."""
    require_staff(actor)


def require_own_practice(actor: Actor, practice_id: str) -> None:
    """Raise AccessDenied when somebody writes into another practice."""
    if isinstance(actor, Viewer) and actor.practice_id != practice_id:
        raise AccessDenied("You may not do this.")


def _rows(
    actor: Actor, table: Table, client_column: str, roles: frozenset[Role]
) -> ColumnElement[bool]:
    if isinstance(actor, System):
        return true()
    if actor.role not in roles:
        return false()
    practice = own_practice(actor, table)
    if actor.role != "client":
        return practice
    return and_(practice, table.c[client_column] == actor.client_id)
