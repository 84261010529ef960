"""The guidance to read: the founding article by phase, in our own words, its terms explained."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

TITLE = "How to look after your scalp"
INTRO = (
    "So that the result keeps looking natural. Your practitioner's instructions come first: skin "
    "type, needle depth and technique differ."
)
STAGES = "Stage by stage"
YOU_ARE_HERE = "you are here"
SEES, DO, AVOID = "What many people see", "Do", "Avoid"
ASK = "Tell your practitioner about"
SEEK = "Contact a health professional about"
PLAIN_WORDS = "In plain words"
WHY_INTRO = (
    "Retold from “How should you care for your scalp after Scalp Micropigmentation to keep the "
    "results looking natural?”, the article this tracker began with."
)
HELP_LINK = "When to seek help: the whole list"
READ_ALL = "Read the whole guidance"
TO_TODAY = "Back to Today"
TEMPORARY_TITLE = "Your pigment is temporary"
TEMPORARY = (
    "Temporary pigment lightens much sooner than the lasting kind. Many people have it touched up "
    "after 6 to 18 months, and it is often gone after 2 to 3 years. What is said here about the "
    "first weeks counts for it too; how dark it should be later is not known, so the tracker shows "
    "your photos and does not judge its darkness."
)


@dataclass(frozen=True)
class Section:
    """One part of the guidance; `days` in words."""

    title: str
    days: str
    text: tuple[str, ...]
    do: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()


SECTIONS = (
    Section(
        "What was done to the skin",
        "",
        (
            "Scalp micropigmentation (SMP) places dots of pigment in the upper dermis with very "
            "fine needles: thousands of micro-piercings. Nothing is cut, unlike in a hair "
            "transplant, yet each piercing is a small, controlled injury, and that is why days "
            "are counted.",
            "Skin then closes in a fixed order: fine scabs form, new skin grows underneath "
            "(re-epithelialisation), and the pigment settles in cells and collagen of the dermis. "
            "When this is hurried or disturbed, pigment can spread or fade.",
            "Cells called macrophages take pigment up again and again. That keeps it in place for "
            "years; how steady it looks depends on how the skin closed and on its condition.",
            "Early on the scalp reacts to rubbing and pulling, to germs and to UV radiation.",
        ),
    ),
    Section(
        "The first days",
        "about 3 to 7 days, depending on skin type and depth; the first 3 to 5 count most",
        (
            "The scalp is very sensitive now. The micro-piercings have opened the skin barrier. "
            "Until the skin is closed and the pigment is fixed, moisture can make colour “bleed” "
            "or wash it out.",
            "Many practitioners ask for 3 to 5 dry days. Not all do: some allow water at once, "
            "some only after ten days. Ask yours.",
        ),
        ("Keep the scalp clean, dry and undisturbed.",),
        ("Water, warm water too", "Shampoo", "Sweat and heavy moisture", "Touching and rubbing"),
    ),
    Section(
        "Sweat, sun and itching",
        "for several days; sun always",
        (
            "Sweat wets the fresh tissue, so that less pigment stays (poorer retention).",
            "UV radiation breaks pigment down: it fades and changes colour, also years later.",
            "Itching can mean that new skin is growing. Scratching takes pigment away and can "
            "bring bacteria in.",
        ),
        (
            "Be little active.",
            "Wear a hat, or SPF 30+ once your practitioner allows it.",
            "When it itches, pat, or use the product your practitioner named.",
        ),
        ("Workouts", "Heat and sauna", "Sun on the scalp", "Scratching"),
    ),
    Section(
        "Moisture for the skin",
        "once the skin starts to close; no ointments in the first week",
        (
            "Hydration keeps skin supple (elasticity) and lessens flaking.",
            "Heavy ointments trap sweat and bacteria on the skin.",
        ),
        (
            "Use a thin layer of a light, non-comedogenic moisturiser without harsh chemicals, "
            "sulfates or fragrance.",
        ),
        ("Too much of it", "Heavy ointments"),
    ),
    Section(
        "In the long run",
        "after the first few weeks",
        (
            "The pigment has settled when the dots look even, without patches.",
            "It still breaks down slowly in the sun. Dry, flaky skin makes dots look patchy or "
            "dull.",
        ),
        (
            "Use broad-spectrum SPF 30+ and put it on again while you are outdoors.",
            "Wash with a gentle, mild, sulfate-free shampoo.",
            "Use a light moisturiser.",
        ),
        ("Sun without protection", "Letting the skin dry out"),
    ),
    Section(
        "When to seek help",
        "at any time",
        (
            "Contact a healthcare provider promptly about excessive redness, drainage, very strong "
            "pain, fever or swelling. They can be signs of a complication that needs treatment. "
            "This is rare after qualified, sterile work.",
        ),
    ),
    Section(
        "How sure this is",
        "",
        (
            "There are few formal trials of care after SMP. Much of the above is what "
            "practitioners have found to work, and they differ about days.",
        ),
    ),
)

_TERMS = {
    r"micro-?piercing|micropigmentation": (
        "micro-piercings",
        "holes of a fine needle, too small to see one by one",
    ),
    r"dermis": ("dermis", "the living layer of skin below its surface"),
    r"re-epithelialisation": ("re-epithelialisation", "new skin closes the wound"),
    r"collagen": ("collagen", "the fibres that give skin its strength"),
    r"macrophage": ("macrophages", "clean-up cells of the body that swallow particles"),
    r"\bUV\b": ("UV radiation", "the part of sunlight that tans and burns skin"),
    r"skin barrier": ("skin barrier", "the outermost layer, which keeps water and germs out"),
    r"retention": ("retention", "how much of the pigment stays in the skin"),
    r"elasticity": ("elasticity", "how well skin stretches and springs back"),
    r"hydration": ("hydration", "water held in the skin"),
    r"non-comedogenic": ("non-comedogenic", "does not clog pores"),
    r"sulfate": ("sulfates", "strong foaming agents in many shampoos, which dry skin out"),
    r"broad-spectrum": ("broad-spectrum", "protects against both kinds of UV in sunlight"),
    r"SPF": ("SPF 30+", "sunscreen that lets less than a thirtieth of the burning rays through"),
    r"retinoid": ("retinoids", "vitamin A products that speed up peeling"),
    r"\bacids\b": ("acids", "peeling products, such as fruit or salicylic acid"),
    r"exfoliat": ("exfoliation", "rubbing or peeling off the top layer of skin"),
    r"drainage": ("drainage", "fluid that keeps coming out of the skin"),
    r"sterile": ("sterile", "free of germs"),
    r"ghosting": ("ghosting", "a word for dots that look pale for some days"),
    r"ointment": ("ointment", "a thick, greasy product that seals the skin"),
}


def terms(lines: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """The technical words in these lines with what they mean, in the order of the table."""
    text = " ".join(lines)
    return tuple(said for find, said in _TERMS.items() if re.search(rf"(?i){find}", text))


def stage_name(title: str, first: int, last: int | None, *, here: bool) -> str:
    """`Settling · day 15 to 27 · you are here`."""
    days = f"from day {first}" if last is None else f"day {first} to {last}"
    days = f"day {first}" if last == first else days
    return f"{title} · {days}" + (f" · {YOU_ARE_HERE}" if here else "")
