"""Everything the record-keeper refuses on purpose, under one base."""


class Refused(Exception):
    """An expected refusal whose message may be shown to a person."""


class AccessDenied(Refused):
    """This person may not do this."""


class NotFound(Refused):
    """It does not exist, or not for this person: the two are never told apart."""


class Conflict(Refused):
    """Another row already holds what must be unique, or a row it needs is missing."""


class StoreFailed(Refused):
    """The database could not be read or written; nothing was saved."""


class MigrationRefused(Refused):
    """The database cannot be brought to this version; it was left as it was."""


class OriginalMissing(Refused):
    """A photo's bytes are not where they were put."""


class OriginalDamaged(Refused):
    """A photo's bytes are not the ones that were put."""


class NotAccepted(Refused):
    """An upload that is not kept; `code` has its sentence in `tracker.words`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class PlanRefused(Refused):
    """A change to a plan that cannot be; the message is its reason."""
