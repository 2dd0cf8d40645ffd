"""Run: one whole chaos from an empty folder to a verdict."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from clinic.database import Database, open_database
from clinic.facility_file import load_facility
from clinic.migrate import migrate
from tests.chaos.centre import enrol_people, write_centre
from tests.chaos.compare import Answers, Happened
from tests.chaos.killing import Killing, lives_for
from tests.chaos.records import StatusWatch, read_records, reminders_made, waits_for_retry, what_moves
from tests.chaos.script import Script, references, write_script
from tests.chaos.writing import Writing
from tests.postgres import running_postgres
from tests.processes import wait_until
from tests.twilio_fake.running import SapaWithFake

SECONDS_PER_KILL = 4.0
QUIET_WITHIN = 420.0
BATCHES = 4
"""In so many parts people are enrolled, so that reminders are made all the time."""


@dataclass(frozen=True)
class Size:
    """How big a run is."""

    seed: int
    messages: int = 2000
    reminders: int = 2000
    kills: int = 100
    workers: int = 2
    seconds: float | None = None

    @property
    def lasts(self) -> float:
        return self.seconds or max(30.0, self.kills * SECONDS_PER_KILL)


@contextmanager
def database_url(kind: str, folder: Path) -> Iterator[str]:
    """An empty database of this kind."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/sapa.db"
    else:
        with running_postgres() as url:
            yield url


def run(size: Size, *, folder: Path, url: str, say: Callable[[str], None]) -> Happened:
    """Start everything, let the seed's trouble happen, wait until it is quiet, and gather what is known."""
    now = datetime.now(UTC)
    script = write_script(size.seed, messages=size.messages, reminders=size.reminders, seconds=size.lasts)
    config = write_centre(folder, now=now)
    database = open_database(url)
    migrate(database)
    sapa = SapaWithFake(folder, database_url=url, config=config, seed=size.seed, seconds=size.lasts)
    names = ("worker", *(f"worker-{number}" for number in range(2, size.workers + 1)))
    try:
        sapa.start("fake")
        sapa.push_templates()
        sapa.start("web", *names)
        answers = _reference(sapa)
        say(f"{len(answers)} ways of writing tried while all is well; now {size.lasts:.0f} s of trouble")
        happened = _trouble(size, script, sapa, database, answers, say)
    finally:
        sapa.stop()
        database.close()
    return happened


def _reference(sapa: SapaWithFake) -> Answers:
    """What everybody is to get, as somebody gets it while nothing is wrong."""
    patients = references()
    Writing(sapa, patients).run()
    wanted = sum(len(patient.texts) for patient in patients)
    wait_until(lambda: len(sapa.journal.messages()) >= wanted, seconds=180, what="all ways of writing are answered")
    bodies: dict[str, list[str]] = {}
    for taken in sapa.journal.messages():
        bodies.setdefault(taken.number, []).append(taken.body)
    answers = {(patient.channel, patient.texts): tuple(bodies[patient.number]) for patient in patients}
    wrong = [way for way, got in answers.items() if len(way[1]) != len(got)]
    assert not wrong, f"not one answer each, although nothing was wrong: {wrong}"
    return answers


def _trouble(
    size: Size,
    script: Script,
    sapa: SapaWithFake,
    database: Database,
    answers: Answers,
    say: Callable[[str], None],
) -> Happened:
    lives = lives_for(size.seed, workers=size.workers, kills=size.kills, seconds=size.lasts)
    killing, watch = Killing(sapa, lives), StatusWatch(database)
    sapa.tell_fake("begin")
    enrolling = threading.Thread(
        target=_enrol, args=(script, sapa.config, database, size.lasts), name="enrol", daemon=True
    )
    for part in (watch, killing, enrolling):
        part.start()
    sent = Writing(sapa, script.patients).run()
    for part in (enrolling, killing):
        part.join()
    sapa.tell_fake("calm")
    say(f"{len(sent)} messages written, {sum(killing.counts().values())} kills; now waiting until all is quiet")
    _wait_until_quiet(sapa, database, len(script.reminded), say)
    watch.stop()
    say(f"statuses were looked at {watch.looks} times")
    return Happened(
        script=script,
        sent=sent,
        answers=answers,
        messages=sapa.journal.messages(),
        requests=sapa.journal.requests(),
        callbacks=sapa.journal.callbacks(),
        records=read_records(database),
        backwards=tuple(watch.backwards),
        kills=dict(killing.counts()),
    )


def _enrol(script: Script, config: Path, database: Database, seconds: float) -> None:
    facility = load_facility(config)
    for batch in range(BATCHES):
        people = script.reminded[batch::BATCHES]
        enrol_people(database, facility, people, now=datetime.now(UTC))
        time.sleep(seconds / (BATCHES + 1))


def _wait_until_quiet(sapa: SapaWithFake, database: Database, reminders: int, say: Callable[[str], None]) -> None:
    """Until nothing moves and every reminder is made, or the time is over: what is not there then is lost."""
    end, said = time.monotonic() + QUIET_WITHIN, 0.0
    while time.monotonic() < end:
        left = what_moves(database)
        left |= {"statuses": sapa.callbacks_left(), "again": waits_for_retry(database)}
        left["reminders"] = reminders - reminders_made(database)
        left = {name: count for name, count in left.items() if count}
        if not left:
            return
        if time.monotonic() - said > 15:
            said = time.monotonic()
            say("  still " + ", ".join(f"{name} {count}" for name, count in left.items()))
        time.sleep(1.0)
