"""The postbox: every message that was confirmed is kept, whoever came at the same moment and whatever went wrong."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.channels import Inbound
from bot.postbox import Postbox
from clinic.contacts import Contact
from clinic.database import Database
from clinic.facility import Facility
from clinic.inbound_table import InboundMessage


@pytest.fixture
def box(database: Database, facility: Facility, now: datetime) -> Postbox:
    return Postbox(database, facility.limits, lambda: now)


def said(number: int, *, phone: int | None = None, text: str = "halo") -> Inbound:
    sender = phone if phone is not None else number
    return Inbound(f"SM{number:032d}", "sms", f"+62812{sender:08d}", text)


def kept(database: Database) -> tuple[int, int]:
    """Messages and contacts in the database."""
    with database.reading() as db:
        counted = (select(func.count(table.id)) for table in (InboundMessage, Contact))
        messages, contacts = (db.scalar(each) or 0 for each in counted)
    return messages, contacts


def test_what_is_confirmed_is_committed(box: Postbox) -> None:
    received = box.keep(said(1))
    assert (True, (1, 1)) == (received.is_new, kept(box.database))


def test_many_at_once_are_each_kept_once(box: Postbox) -> None:
    with ThreadPoolExecutor(16) as pool:
        results = list(pool.map(lambda number: box.keep(said(number % 100, phone=number % 10)), range(200)))
    assert (100, (100, 10)) == (sum(each.is_new for each in results), kept(box.database))
    assert 100 == len({each.inbound_id for each in results})


class CountedDatabase:
    """Counts commits, and lets the first one wait until it is told to go on."""

    def __init__(self, database: Database) -> None:
        self.database, self.commits, self.go_on = database, 0, threading.Event()

    @contextmanager
    def transaction(self) -> Any:
        self.commits += 1
        if self.commits == 1:
            assert self.go_on.wait(20)
        with self.database.transaction() as db:
            yield db


def test_those_who_come_while_one_is_written_share_the_next_commit(box: Postbox) -> None:
    counted = CountedDatabase(box.database)
    slow = replace(box, database=counted)  # type: ignore[arg-type]  # it has the one method that is used
    with ThreadPoolExecutor(16) as pool:
        results = [pool.submit(slow.keep, said(number)) for number in range(12)]
        while len(slow._waiting) < 11:
            threading.Event().wait(0.01)
        counted.go_on.set()
        assert all(result.result(timeout=20).is_new for result in results)
    assert (2, (12, 12)) == (counted.commits, kept(box.database))


def test_one_that_cannot_be_kept_keeps_nobody_else_out(box: Postbox) -> None:
    counted = CountedDatabase(box.database)
    slow = replace(box, database=counted)  # type: ignore[arg-type]  # it has the one method that is used
    broken = replace(said(50), address=None)  # type: ignore[arg-type]  # no reader of ours makes such a one
    with ThreadPoolExecutor(16) as pool:
        good = [pool.submit(slow.keep, said(number)) for number in range(5)]
        bad = pool.submit(slow.keep, broken)
        while len(slow._waiting) < 5:
            threading.Event().wait(0.01)
        counted.go_on.set()
        assert all(result.result(timeout=20).is_new for result in good)
        with pytest.raises(Exception, match="None|NULL|null"):
            bad.result(timeout=20)
    assert 5 == kept(box.database)[0]


def test_a_database_that_fails_is_told_to_everybody_who_waited_and_the_next_try_is_kept(box: Postbox) -> None:
    class Failing:
        @contextmanager
        def transaction(self) -> Any:
            raise OSError("disk full")
            yield

    failing = replace(box, database=Failing())  # type: ignore[arg-type]  # it has the one method that is used
    with pytest.raises(OSError, match="disk full"):
        failing.keep(said(1))
    assert (0, True) == (kept(box.database)[0], box.keep(said(1)).is_new)
