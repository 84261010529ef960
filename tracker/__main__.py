"""The command line: `smp-tracker` and `python -m tracker` are the same program.

Results go to standard output, everything else to standard error. Exit 0: every photo got an
answer; 2: the call was wrong; 1: the program failed.
"""

from __future__ import annotations

import argparse
import getpass
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from tracker.accounts import LEAST_PASSWORD
from tracker.errors import Refused

if TYPE_CHECKING:
    from tracker.work import Answer, Job

_WRITTEN: set[Path] = set()
PHOTO_ENDINGS = {".jpg", ".jpeg", ".png", ".webp", ".avif", ".tif", ".tiff", ".heic", ".heif"}


class WrongCall(Exception):
    """The call's words are off; the message says how."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        print(f"{self.prog}: {message}", file=sys.stderr)
        raise SystemExit(2)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one verb and exit with its code."""
    options = _parser().parse_args(arguments)
    try:
        run: Callable[[argparse.Namespace], None] = options.run
        run(options)
    except WrongCall as wrong:
        print(f"smp-tracker {options.verb}: {wrong}", file=sys.stderr)
        raise SystemExit(2) from None
    except Refused as refused:
        print(f"smp-tracker {options.verb}: {refused}", file=sys.stderr)
        raise SystemExit(1) from None
    except BrokenPipeError:
        # The reader of our output has gone: nothing is left to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as fault:
        print(f"smp-tracker {options.verb}: {fault}", file=sys.stderr)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="smp-tracker", description=__doc__.splitlines()[0])
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")

    def verb(
        name: str, run: Callable[[argparse.Namespace], None], help: str, example: str
    ) -> argparse.ArgumentParser:
        added = verbs.add_parser(
            name, help=help, description=help, epilog=f"example:\n  smp-tracker {example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )  # fmt: skip
        added.set_defaults(run=run)
        return added

    demo = verb("demo", _demo, "make a demonstration practice (once) and serve it", "demo")
    serve = verb("serve", _serve, "serve the dashboard", "serve --data /srv/practice --port 8501")
    for added in (demo, serve):
        added.add_argument("--data", type=Path, default=None, help="folder that keeps everything")
        added.add_argument("--port", type=int, default=8501)
        added.add_argument("--address", default="127.0.0.1")

    measure = verb(
        "measure", _measure, "measure single photos, one JSON line each",
        "measure sample_images/alex/*.jpg --overlay marked/",
    )  # fmt: skip
    measure.add_argument("photos", nargs="+", metavar="PHOTO")
    measure.add_argument("--scale", type=float, metavar="PX_PER_MM")
    measure.add_argument("--region", type=Path, metavar="FILE.json")

    compare = verb(
        "compare", _compare, "the same scalp on later days against one baseline",
        "compare 'day 28.jpg' 'day 42.jpg' 'day 60.jpg'",
    )  # fmt: skip
    compare.add_argument("baseline", metavar="BASELINE")
    compare.add_argument("followups", nargs="+", metavar="FOLLOWUP")
    for added in (measure, compare):
        added.add_argument("--dots", action="store_true", help="add every dot")
        added.add_argument("--overlay", type=Path, metavar="DIR", help="draw what was found")
        added.add_argument("--workers", type=int, default=None, metavar="N")

    follow = verb(
        "follow", _follow, "a dated series of one client",
        "follow sample_images/alex --treated-on 2026-05-02 --as-of 2026-07-02",
    )  # fmt: skip
    follow.add_argument("folder", type=Path, metavar="FOLDER")
    follow.add_argument("--treated-on", action="append", required=True, metavar="DATE[:AREA]")
    follow.add_argument("--hair-loss", action="store_true", help="new hair loss at the border")
    follow.add_argument("--pigment", choices=("permanent", "temporary"), default="permanent")
    follow.add_argument("--as-of", metavar="DATE")
    follow.add_argument("--report", type=Path, metavar="FILE.pdf")
    follow.add_argument("--timelapse", type=Path, metavar="FILE.webp", help="aligned, animated")
    follow.add_argument("--workers", type=int, default=None, metavar="N")

    card = verb("card", _card, "the printable calibration card", "card card.pdf")
    card.add_argument("file", type=Path, metavar="FILE.pdf")

    users = verb(
        "users", _users, "who can sign in; with an address, add somebody",
        "users dana@example.org --name 'Dana M.' --role owner --practice 'Harbour SMP'",
    )  # fmt: skip
    users.add_argument("email", nargs="?", metavar="EMAIL")
    users.add_argument("--data", type=Path, default=None, help="folder that keeps everything")
    users.add_argument("--name")
    users.add_argument("--practice")
    roles = ("client", "practitioner", "scheduler", "owner", "operator")
    users.add_argument("--role", choices=roles, default="client")
    users.add_argument("--treated-on", action="append", default=[], metavar="DATE", help="client's")

    phantom = verb(
        "phantom", _phantom, "draw photographs with known truth", "phantom drawn/ --seed 7"
    )
    phantom.add_argument("folder", type=Path, metavar="FOLDER")
    phantom.add_argument("--seed", type=int, default=1)
    phantom.add_argument("--dates", type=int, default=6, metavar="N", help="1 to 10")
    phantom.add_argument("--samples", action="store_true", help="the demonstration's clients")
    return parser


def _measure(options: argparse.Namespace) -> None:
    from tracker import work

    if options.scale is not None and not 0 < options.scale < 1000:
        raise WrongCall(f"--scale must be between 0 and 1000 px per mm, got {options.scale}")
    _folder(options.overlay)
    outline = _outline(options.region) if options.region else None
    jobs = [
        work.Job(
            str(path),
            work.FileSource(path),
            options.scale,
            outline,
            options.dots,
            with_overlay=bool(options.overlay),
        )
        for path in _photo_paths(options.photos)
    ]
    for job, answer in _in_order(jobs, options.workers):
        print(json.dumps(answer.document), flush=True)
        _keep_overlay(options.overlay, job, answer.overlay)


def _compare(options: argparse.Namespace) -> None:
    from analysis import pipeline
    from tracker import documents, pair_overlay, work

    _folder(options.overlay)
    paths = list(_photo_paths([options.baseline]))
    if len(paths) != 1:
        raise WrongCall(f"BASELINE must be one photo, {options.baseline} holds {len(paths)}")
    paths += _photo_paths(options.followups)
    if len(paths) < 2:
        raise WrongCall("there is no FOLLOWUP in what was given")
    jobs = [work.Job(str(path), work.FileSource(path), to_compare=True) for path in paths]
    baseline: pipeline.PhotoMeasurement | None = None
    for number, (job, answer) in enumerate(_in_order(jobs, options.workers)):
        if number == 0:
            baseline = answer.measurement
            continue
        pair = pipeline.compare(baseline, answer.measurement)
        document = documents.compared(str(paths[0]), job.name, pair, with_dots=options.dots)
        print(json.dumps(document), flush=True)
        drawn = pair_overlay.draw(pair) if options.overlay else None
        _keep_overlay(options.overlay, job, drawn)


def _follow(options: argparse.Namespace) -> None:
    from tracker import following, report, timelapse

    for file in (options.report, options.timelapse):
        _folder(file.parent if file else None)
    if not options.folder.is_dir():
        raise WrongCall(f"there is no folder {options.folder}")
    as_of = _date(options.as_of, "--as-of") if options.as_of else date.today()  # noqa: DTZ011
    treatments = [following.treatment(*_treatment(text)) for text in options.treated_on]
    paths = list(_photo_paths([str(options.folder)]))
    jobs = following.jobs(paths)
    answers = [answer for _, answer in _in_order(jobs, options.workers)]
    document, views = following.follow(
        paths, answers, treatments, as_of=as_of, pigment=options.pigment,
        hair_loss=options.hair_loss,
    )  # fmt: skip
    print(json.dumps(document))
    if options.report:
        options.report.write_bytes(report.pdf(document, as_of=as_of.isoformat()))
    if options.timelapse:
        if not views:
            raise WrongCall("no two photos of a view fit on each other: there is no time-lapse")
        longest = max(views, key=lambda view: sum(view.told.laid))
        options.timelapse.write_bytes(timelapse.draw(longest, as_of))


def _card(options: argparse.Namespace) -> None:
    from tracker import card_sheet

    _folder(options.file.parent)
    if options.file.is_dir():
        raise WrongCall(f"{options.file} is a folder, a file is expected")
    options.file.write_bytes(card_sheet.pdf())


def _users(options: argparse.Namespace) -> None:
    from tracker import people
    from tracker.archive import Archive
    from tracker.records import System
    from tracker.settings import data_folder
    from tracker.store import accounts

    actor = System("command line")
    treated_on = [_date(text, "--treated-on") for text in options.treated_on]
    if options.email and not (options.name and options.practice):
        raise WrongCall("a new person needs --name and --practice")
    with Archive.open(options.data or data_folder()) as archive:
        if not options.email:
            for known in accounts.accounts(archive.store, actor):
                print(f"{known.email}\t{known.role}\t{known.name}")
            return
        now, password = datetime.now(UTC), _password()
        of = people.practice(archive, actor, options.practice, now=now)
        who = {"email": options.email, "name": options.name, "password": password, "now": now}
        if options.role == "client":
            people.add_client(archive, actor, of, treated_on=treated_on, **who)
        else:
            people.add_staff(archive, actor, of, role=options.role, **who)


def _password() -> str:
    """Typed twice on a terminal, else the first line of standard input."""
    if not sys.stdin.isatty():
        word = sys.stdin.readline().rstrip("\n")
    else:
        word = getpass.getpass("password: ")
        if getpass.getpass("again: ") != word:
            raise WrongCall("the two passwords differ")
    if len(word) < LEAST_PASSWORD:
        raise WrongCall(f"a password needs at least {LEAST_PASSWORD} characters")
    return word


def _phantom(options: argparse.Namespace) -> None:
    from tracker import samples

    _folder(options.folder)
    if not 1 <= options.dates <= 10:
        raise WrongCall(f"--dates must be 1 to 10, got {options.dates}")
    chosen = (
        samples.SAMPLES
        if options.samples
        else (samples.one_sample(options.seed, n_dates=options.dates, treated_on=date(2026, 5, 2)),)
    )
    samples.draw_samples(options.folder, chosen, told=lambda path: print(path, flush=True))


def _serve(options: argparse.Namespace) -> None:
    from tracker.web import application

    application.serve(options.data, options.address, options.port)


def _demo(options: argparse.Namespace) -> None:
    from tracker import demo
    from tracker.web import application

    folder = options.data or Path("demonstration")
    now = datetime.now(UTC)
    demo.prepare(folder, now=now, told=lambda line: print(line, file=sys.stderr, flush=True))
    application.serve(folder, options.address, options.port, demonstration=True)


def _in_order(jobs: Sequence[Job], n_workers: int | None) -> Iterator[tuple[Job, Answer]]:
    """Answers in the order of the photos, with progress on standard error."""
    from tracker import work

    if not jobs:
        raise WrongCall("there are no photos in what was given")
    if n_workers is None:
        n_workers = min(len(jobs), os.cpu_count() or 1)
    if n_workers < 1:
        raise WrongCall(f"--workers must be at least 1, got {n_workers}")
    early: dict[int, tuple[Job, Answer]] = {}
    place = {id(job): number for number, job in enumerate(jobs)}
    told = 0
    for done, pair in enumerate(work.measure_all(jobs, n_workers=n_workers), start=1):
        if sys.stderr.isatty():
            print(f"\rmeasured {done} of {len(jobs)}", end="", file=sys.stderr, flush=True)
        early[place[id(pair[0])]] = pair
        while told in early:
            yield early.pop(told)
            told += 1
    if sys.stderr.isatty():
        print(file=sys.stderr)


def _keep_overlay(folder: Path | None, job: Job, drawn: bytes | None) -> None:
    """Write `NAME.overlay.jpg`; a second photo of the same name gets a number."""
    if folder is None or drawn is None:
        return
    name = Path(job.name).name
    for number in count(1):
        mark = "" if number == 1 else f".{number}"
        target = folder / f"{name}{mark}.overlay.jpg"
        if target not in _WRITTEN:
            break
    _WRITTEN.add(target)
    target.write_bytes(drawn)


def _folder(path: Path | None) -> None:
    """Make a folder before any work is done, or say that it cannot be."""
    if path is None:
        return
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WrongCall(f"{path} cannot be a folder: {error.strerror}") from None


def _photo_paths(given: Sequence[str]) -> Iterator[Path]:
    """Files as they are, folders as the photos in them; a missing one is a wrong call."""
    for name in given:
        path = Path(name)
        if path.is_dir():
            yield from sorted(p for p in path.iterdir() if p.suffix.lower() in PHOTO_ENDINGS)
        elif path.exists():
            yield path
        else:
            raise WrongCall(f"there is no file {name}")


def _outline(path: Path) -> tuple[tuple[float, float], ...]:
    """A region file: {"outline": [[x, y], ...]} or the list itself."""
    try:
        document = json.loads(path.read_text("utf-8"))
        points = document["outline"] if isinstance(document, dict) else document
        outline = tuple((float(x), float(y)) for x, y in points)
    except (OSError, ValueError, TypeError, KeyError):
        raise WrongCall(f"{path} holds no outline: [[x, y], ...] in px is expected") from None
    if not all(abs(v) < 1e6 for point in outline for v in point):
        raise WrongCall(f"{path} holds an outline with a point that is in no photo")
    if len(outline) < 3:
        raise WrongCall(f"{path} holds an outline of fewer than three points")
    return outline


def _treatment(text: str) -> tuple[date, str]:
    day, _, area = text.partition(":")
    return _date(day, "--treated-on"), area or "all"


def _date(text: str, option: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise WrongCall(f"{option} must be a date like 2026-05-01, got {text}") from None


if __name__ == "__main__":
    main()
