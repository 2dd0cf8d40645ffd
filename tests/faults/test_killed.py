"""SIGKILL in the middle of everything: no message is lost, no reply is doubled."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from clinic.database import open_database
from clinic.messages import MessageRow, list_messages
from tests.processes import Running, wait_until

MESSAGES = 200
WORKER_STARTED = "worker started"
SENDERS = 25
WISHES = ("0", "4", "menu")
"""Answered at once and each by itself: free words of one sender would be read together."""


@pytest.mark.slow
def test_every_message_has_exactly_one_reply_however_often_web_and_worker_are_killed(tmp_path: Path) -> None:
    running = Running(tmp_path, delay_seconds=0.2)
    dice = random.Random(20261122)
    try:
        running.start("carrier", "web", "worker")
        refused: list[int] = []
        senders = [threading.Thread(target=_write, args=(running, number, refused)) for number in range(4)]
        for sender in senders:
            sender.start()
        for name in ("worker", "web", "worker", "web", "worker", "worker"):
            time.sleep(dice.uniform(0.5, 2.0))
            _kill_and_start(running, name)
        for sender in senders:
            sender.join()
        wait_until(lambda: _replies_sent(running) >= MESSAGES, seconds=180, what="every message is answered")
        time.sleep(2)
        assert [] == refused, "the webhook took every message in the end"
        _assert_one_reply_each(running)
    finally:
        running.stop()


def _write(running: Running, writer: int, refused: list[int]) -> None:
    for number in range(writer, MESSAGES, 4):
        sender = f"+62812000{number % SENDERS:05d}"
        if not running.send(WISHES[number % len(WISHES)], sender=sender, tries=60):
            refused.append(number)
        time.sleep(0.4)


def _kill_and_start(running: Running, name: str) -> None:
    """A worker counts as started when it says so: only then is there something to be killed in the middle of."""
    log = running.folder / "worker.log"
    before = log.read_text().count(WORKER_STARTED)
    running.kill(name)
    running.start(name)
    if name == "worker":
        wait_until(lambda: log.read_text().count(WORKER_STARTED) > before, seconds=60, what="the worker starts")


def _rows(running: Running) -> tuple[MessageRow, ...]:
    database = open_database(running.database_url)
    with database.reading() as db:
        rows = list_messages(db, limit=100_000)
    database.close()
    return rows


def _replies_sent(running: Running) -> int:
    return sum(row.direction == "out" and row.sent_at is not None for row in _rows(running))


def _assert_one_reply_each(running: Running) -> None:
    rows = _rows(running)
    received = [row for row in rows if row.direction == "in"]
    replies = [row for row in rows if row.direction == "out"]
    assert MESSAGES == len(received), "each message is kept once"
    assert {"answered"} == {row.state for row in received}
    assert MESSAGES == len({row.key for row in replies}) == len(replies), "each has one reply of its own"
    taken = Counter(message.recipient for message in running.taken())
    wanted = Counter(f"whatsapp:{row.address}" for row in received)
    assert wanted == taken, "the carrier took each reply exactly once"
