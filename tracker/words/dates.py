"""How dates, numbers and rates are said."""

from __future__ import annotations

from datetime import date

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")


def day_month(when: date, today: date | None = None) -> str:
    """`29 May`, with the year only when it is not today's."""
    said = f"{when.day} {_MONTHS[when.month - 1]}"
    return said if today is None or when.year == today.year else f"{said} {when.year}"


def weekday(when: date) -> str:
    """`Wednesday 13 May`."""
    return f"{_DAYS[when.weekday()]} {day_month(when)}"


def relative(when: date, today: date) -> str:
    """`today`, `yesterday` or the date."""
    names = {0: "today", 1: "yesterday"}
    return names.get((today - when).days, day_month(when, today))


def ordinal(number: int) -> str:
    """`second`; from the seventh on `7th`."""
    return _ORDINALS[number - 1] if number <= len(_ORDINALS) else f"{number}th"


def rounded(value: float, digits: int = 2) -> str:
    """A number without a trailing zero too many, with a real minus sign."""
    return f"{value:.{digits}f}".replace("-", "−")


def give_or_take(value: float, half_width: float, digits: int = 2) -> str:
    """`0.98, give or take 0.05`."""
    return f"{rounded(value, digits)}, give or take {rounded(half_width, digits)}"


def one_in(rate: float) -> str:
    """`1 client in 90`, or that there was none."""
    return f"1 client in {round(1 / rate)}" if rate > 0 else "no client"


def photos(number: int) -> str:
    """`1 photo`, `3 photos`."""
    return f"{number} photo" if number == 1 else f"{number} photos"


def capital(text: str) -> str:
    """The text with a capital first letter, the rest as it was."""
    return text[:1].upper() + text[1:]
