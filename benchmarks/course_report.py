"""The rates and the power of the rules in force: a part of `make validate`.

`python -m benchmarks.course_report` works them out alone, writes the package's data and prints the
chapter; no photo is drawn.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import courses, reassurance, weekly_photos
from benchmarks.courses import DAYS, FADES, FOUND, REPEATABILITIES
from tracker import rules

FILE = Path(__file__).parent.parent / "tracker" / "data" / "false_alarm_rates.json"


def main() -> None:
    """Simulate, write, print."""
    for line in chapter():
        print(line)


def chapter() -> Iterator[str]:
    """The chapter of the report; the package's data are written beside it."""
    told = courses.simulate()
    kept = {
        "basis": f"{courses.N_CLIENTS} simulated clients, weekly photos, noise of drawn photos",
        "rule_version": rules.RULE_VERSION,
        "rates": told["rates"],
        "least_fade_per_week": told["least_fade_per_week"],
    }
    FILE.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", "utf-8")
    yield from ("## False alarms", "", *_noise(), "", *_rates(told), "", *_power(told), "")
    yield from (*reassurance.table(), "")
    asks = "; ".join(f"{size} of the peak: {n:.1%}" for size, n in told["flare_asks"].items())
    yield f"Redness that comes back on day 9 asks the questions at that day's photo. {asks}."
    once, twice = told["asked_for_nothing"]
    yield (
        f"Of clients on usual courses {once:.1%} are asked by any weekly photo of half a year, "
        f"{twice:.1%} at twice the noise."
    )
    yield from ("", "No rate on real clients is known.")


def _noise() -> Iterator[str]:
    told = json.loads(weekly_photos.FILE.read_text("utf-8"))
    yield from (
        f"Rule version {rules.RULE_VERSION}. {courses.N_CLIENTS:,} simulated clients a case,",
        f"{courses.N_VIEWS} views each, photos every week until day {DAYS[-1]}, "
        f"{courses.MISSED:.0%} of weeks missed.",
        f"Noise as in {told['n_series']} drawn series of {told['n_weeks']} weeks of scalps that do "
        "not change, through the",
        f"whole pipeline ({told['refused']:.1%} of photos refused):",
        "",
        "| measurand | SD | autocorrelation | outliers | their SD over the noise's |",
        "| --- | --- | --- | --- | --- |",
    )
    for name, row in told["measurands"].items():
        yield (
            f"| {name} | {row['sd']:.3g} | {row['autocorrelation']:.2f} "
            f"| {row['outlier_share']:.1%} | {row['outlier_sd']:.1f} |"
        )


def _rates(told: dict[str, Any]) -> Iterator[str]:
    yield from (
        "`usual`: courses between the timeline's 10th and 90th percentile, each client at the own",
        "quantile; `unchanged`: scalps that stay as they were. Share who ever see the finding, in",
        "any view:",
        "",
        "| finding | course | noise | watch (practice only) | flag | flag before day 28 |",
        "| --- | --- | --- | --- | --- | --- |",
    )
    for name, rates in told["cases"].items():
        kind, course, times = name.split()
        yield (
            f"| {kind} | {course} | {times} x | {rates['watch']:.2%} | {rates['flag']:.2%} "
            f"| {rates['flag_while_healing']:.2%} |"
        )


def _power(told: dict[str, Any]) -> Iterator[str]:
    yield from (
        "Share of fading clients flagged within 26 weeks of the baseline's last photo, by fade and",
        f"by repeatability of a photo. The fade begins on day {courses.FADES_FROM_DAY}, amid the "
        "baseline's days:",
        "",
    )
    titles = {"usual": "on top of the usual course", "unchanged": "in all"}
    for course, title in titles.items():
        head = " | ".join(f"{cv:.0%}" for cv in REPEATABILITIES)
        yield from (f"| fade {title} | {head} |", "| --- |" + " --- |" * len(REPEATABILITIES))
        for fade, found in zip(FADES, told["power"][course], strict=True):
            yield f"| {fade:.2%} a week | " + " | ".join(f"{share:.3f}" for share in found) + " |"
        yield ""
    yield from (
        f"Below {told['least_fade_per_week']:.1%} a week in all it cannot be told from the usual "
        "course within half a year",
        f"(found for fewer than {FOUND:.0%} at the noise above).",
    )


if __name__ == "__main__":
    main()
