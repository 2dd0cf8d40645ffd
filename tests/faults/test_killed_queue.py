"""SIGKILL at every step of a turn that takes a number, and of a call: one number, one reply, one call."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from bot.bursts import next_burst
from bot.turn import handle
from clinic.audit import record
from clinic.conversations import claim_next
from clinic.database import Database, open_database
from clinic.facility import Facility
from clinic.identity import IdentityKeeper
from clinic.inbound import unanswered
from clinic.messages import list_messages
from clinic.queue import QueueEntry, RoomBusy, SessionCounter, call_next
from clinic.queue_table import QueueEvent
from tests.clinic.counter import MONDAY, Counter
from tests.transcripts.runner import Stage, prepare

pytestmark = pytest.mark.slow
EIGHT = "2026-11-23T08:00+08:00"
LEASE = 30
FEWEST_STEPS = 10
"""A turn and a call do more than that; fewer would mean that nobody was killed in the middle."""


def killed_at(step: int, url: str, work: Callable[[Database], Any]) -> bool:
    """Do the work in a process of its own, which is killed before its statement or commit of that count.

    False when it had fewer steps and came to its end.
    """
    child = os.fork()
    if child == 0:
        try:
            _die_at(step, url, work)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def _die_at(step: int, url: str, work: Callable[[Database], Any]) -> None:
    database, steps = open_database(url), count(1)

    def look(*_given: Any) -> None:
        if next(steps) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(database.engine, "before_cursor_execute", look)
    event.listen(database.engine, "commit", look)
    work(database)


def every_step(template: Path, folder: Path, work: Callable[[Database], Any], check: Callable[[Database], None]) -> int:
    """Kill at the first step, the second and so on, each on a fresh copy, and look after each; how many there are."""
    for step in count(1):
        for old in folder.glob("killed.db*"):
            old.unlink()
        shutil.copy(template, folder / "killed.db")
        url = f"sqlite:///{folder}/killed.db"
        was_killed = killed_at(step, url, work)
        with closing(open_database(url)) as database:
            check(database)
        if not was_killed:
            return step - 1
    raise AssertionError("no work is endless")


@pytest.fixture
def template(migrated_file: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(migrated_file, tmp_path / "template.db"))


def test_a_turn_killed_at_any_step_gives_one_number_and_one_reply(
    template: Path, tmp_path: Path, facility: Facility, keeper: IdentityKeeper
) -> None:
    with closing(open_database(f"sqlite:///{template}")) as database:
        stage = _stage(database, facility, keeper)
        prepare(stage)
        stage.hear("antri gigi besok buat budi", media=())

    def take(database: Database) -> None:
        _answer(_stage(database, facility, keeper), seconds=20)

    def check(database: Database) -> None:
        _answer(_stage(database, facility, keeper), seconds=20 + LEASE + 1)
        with database.reading() as db:
            numbers = db.execute(select(QueueEntry.number, QueueEntry.state)).all()
            events = db.scalars(select(QueueEvent.kind)).all()
            replies = [row for row in list_messages(db, limit=50) if row.direction == "out"]
            taken = db.scalars(select(SessionCounter.taken)).all()
        assert [(1, "waiting")] == [tuple(number) for number in numbers]
        assert (["taken"], [1], 1) == (list(events), list(taken), len(replies))
        assert "B1" in replies[0].text

    assert every_step(template, tmp_path, take, check) > FEWEST_STEPS


def test_a_call_killed_at_any_step_calls_nobody_twice(
    template: Path, tmp_path: Path, facility: Facility, now: datetime
) -> None:
    with closing(open_database(f"sqlite:///{template}")) as database, database.transaction() as db:
        for _ in range(2):
            Counter(db, facility, now).take_new(day=MONDAY)

    def call(database: Database) -> str:
        with database.transaction() as db:
            try:
                called = call_next(db, "gigi", MONDAY, facility=facility, now=now, actor="staff:1")
            except RoomBusy as busy:
                return f"busy with {busy.code}"
            assert called is not None
            record(db, actor="staff:1", action="call", subject=f"queue_entry:{called.id}", now=now)
            return called.code

    def check(database: Database) -> None:
        assert call(database) in ("B1", "busy with B1")
        with database.reading() as db:
            states = db.scalars(select(QueueEntry.state).order_by(QueueEntry.number)).all()
            calls = db.scalars(select(QueueEvent.entry_id).where(QueueEvent.kind == "called")).all()
        assert (["called", "waiting"], 1) == (list(states), len(calls))

    assert every_step(template, tmp_path, call, check) > FEWEST_STEPS // 2


def _stage(database: Database, facility: Facility, keeper: IdentityKeeper) -> Stage:
    return Stage(database, facility, keeper, {"given": "family", "now": EIGHT})


def _answer(stage: Stage, *, seconds: int) -> None:
    """What a worker does with the next message; nothing when none is left."""
    stage.now += timedelta(seconds=seconds)
    with stage.database.transaction() as db:
        claimed = claim_next(db, worker="script", now=stage.now, lease_seconds=LEASE)
        burst = next_burst(unanswered(db, claimed.contact_id)) if claimed is not None else None
    if burst is not None:
        handle(stage.talk, burst, worker="script")
