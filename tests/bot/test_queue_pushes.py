"""Queue pushes in the outbox: to the phone that took the number, once, and nothing to who wants none."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from bot.channels.segments import count_segments
from bot.queue_news import News
from bot.queue_pushes import plan_pushes, push_jobs, push_news, queue_pushes, what_to_bring
from clinic.contacts import opt_out
from clinic.conversations import hand_to_staff
from clinic.database import Database
from clinic.facility import Facility
from clinic.outbox import PRIORITIES
from clinic.queue import call_next, cancel_number, check_in
from clinic.queue_table import QueueEntry, QueuePush
from clinic.queue_told import holders_on, note_told
from tests.bot.queue_phones import NOON, TOMORROW, Phones, texts, variables

SIDS = {
    name: "HX" + letter * 32 for name, letter in (("queue_before", "a"), ("queue_leave", "b"), ("queue_moved", "c"))
}


@pytest.fixture
def phones(database: Database, facility: Facility) -> Phones:
    return Phones(database, facility)


def push(phones: Phones) -> int:
    return queue_pushes(phones.database, phones.facility, now=phones.now)


def pushes_kept(database: Database) -> int:
    with database.reading() as db:
        return db.scalar(select(func.count()).select_from(QueuePush)) or 0


def test_the_evening_before_the_phone_that_took_the_number_reads_what_to_bring(phones: Phones) -> None:
    phones.take(1, name="Siti Aminah")
    phones.at("16:59", day=NOON.date())
    assert 0 == push(phones)
    phones.at("17:00", day=NOON.date())
    assert 1 == push(phones)
    assert 0 == push(phones)
    (message,) = phones.sent()
    assert "Besok Siti ke poli Gigi. Antrian B1, kira-kira jam 8-8.25." in message.text
    assert "Bawa KTP atau Kartu Keluarga" in message.text
    assert PRIORITIES["notice"] == message.priority
    assert phones.now.replace(hour=19) == message.useless_after


def test_only_who_was_here_before_is_asked_for_the_old_card(phones: Phones) -> None:
    ticket = phones.take(1)
    with phones.database.transaction() as db:
        holder = holders_on(db, phones.facility, poli="gigi", day=TOMORROW)[0]
        assert what_to_bring(phones.facility, holder) == phones.facility.requirements["pasien_baru"]
        earlier = QueueEntry(
            poli="gigi", day=date(2026, 11, 2), session="pagi", number=1, person_id=ticket.person_id, contact_id=None,
            via="counter", state="done", taken_at=NOON, rank=1000, calls=1,
        )  # fmt: skip
        db.add(earlier)
        db.flush()
        holder = holders_on(db, phones.facility, poli="gigi", day=TOMORROW)[0]
        assert what_to_bring(phones.facility, holder) == phones.facility.requirements["pasien_lama"]
    infant = replace(holder, birth_date=TOMORROW - timedelta(days=200))
    assert what_to_bring(phones.facility, infant) == phones.facility.requirements["bayi"]


def test_what_makes_the_sms_too_long_is_left_out(phones: Phones) -> None:
    long = phones.facility.model_copy(update={"requirements": {"pasien_baru": "surat " * 30}})
    phones.facility = long
    phones.take(1)
    phones.at("17:00", day=NOON.date())
    push(phones)
    (message,) = phones.sent()
    assert "surat surat" not in message.text
    assert 1 == count_segments(message.text).segments


def test_time_to_leave_is_said_once_and_dies_with_the_turn(phones: Phones) -> None:
    phones.take(1)
    phones.at("08:00")
    assert 1 == push(phones)
    phones.at("08:01")
    assert 0 == push(phones)
    (message,) = phones.sent()
    assert message.text.startswith("Waktunya berangkat. Antrian B1 Siti di poli Gigi: habis ini")
    assert message.useless_after <= phones.now + timedelta(minutes=40)


@pytest.mark.parametrize("what", ["opted out", "is there", "called", "gave it back", "counter"])
def test_nobody_is_pushed_who(phones: Phones, what: str) -> None:
    ticket = phones.take(None if what == "counter" else 1)
    phones.at("08:00")
    with phones.database.transaction() as db:
        entry = db.get(QueueEntry, ticket.id)
        assert entry is not None
        if what == "opted out":
            assert entry.contact_id is not None
            opt_out(db, entry.contact_id, now=phones.now)
        if what == "is there":
            check_in(db, ticket.id, facility=phones.facility, now=phones.now, actor="staff:1")
        if what == "called":
            call_next(db, "gigi", TOMORROW, facility=phones.facility, now=phones.now)
        if what == "gave it back":
            cancel_number(db, ticket.id, facility=phones.facility, now=phones.now)
    assert 0 == push(phones)
    assert [] == phones.sent()
    assert 0 == pushes_kept(phones.database)


def test_while_staff_talk_with_somebody_they_are_still_told_to_leave(phones: Phones) -> None:
    phones.take(1)
    phones.at("08:00")
    with phones.database.transaction() as db:
        contact_id = db.scalar(select(QueueEntry.contact_id))
        assert contact_id is not None
        hand_to_staff(db, contact_id, until=phones.now + timedelta(hours=4))
    assert 1 == push(phones)


def test_eight_workers_at_once_push_everything_once(phones: Phones) -> None:
    for phone in range(1, 7):
        phones.take(phone)
    phones.at("08:00")
    with ThreadPoolExecutor(8) as pool:
        queued = list(pool.map(lambda _: push(phones), range(8)))
    due = [message.key for message in phones.sent()]
    assert sum(queued) == len(due) == len(set(due)) == pushes_kept(phones.database) > 2


class PowerCut(Exception):
    """The process ends here."""


def test_a_process_that_dies_between_push_and_message_leaves_neither(phones: Phones) -> None:
    ticket = phones.take(1)
    phones.at("08:00")
    with pytest.raises(PowerCut), phones.database.transaction() as db:
        assert note_told(db, ticket.id, "leave", now=phones.now)
        raise PowerCut
    assert 0 == pushes_kept(phones.database)
    assert 1 == push(phones)


def test_the_push_goes_where_the_contact_writes_and_as_template_when_a_day_has_passed(
    database: Database, facility: Facility
) -> None:
    phones = Phones(database, facility.model_copy(update={"whatsapp_templates": SIDS}))
    phones.take(1, channel="whatsapp", hours_ago=0)
    phones.take(2, channel="whatsapp", hours_ago=20)
    phones.at("17:00", day=NOON.date())
    assert 2 == push(phones)
    fresh, old = phones.sent()
    assert ["whatsapp", "whatsapp"] == [fresh.channel, old.channel]
    assert fresh.template is None
    assert "*B1*" in fresh.text
    assert old.template is not None and SIDS["queue_before"] == old.template["sid"]
    assert {"Puskesmas Wonorejo", "Siti", "Gigi", "B2", "Selasa 24 Nov"} <= set(variables(old).values())
    phones.at("08:00")
    assert 1 <= push(phones)
    leaving = [message for message in phones.sent() if ":leave:" in message.key and message.template is not None]
    assert SIDS["queue_leave"] == (leaving[0].template or {})["sid"]


def test_without_a_template_the_same_phone_gets_an_sms(phones: Phones) -> None:
    phones.take(1, channel="whatsapp", hours_ago=30)
    phones.at("17:00", day=NOON.date())
    assert 1 == push(phones)
    assert "sms" == phones.sent()[0].channel


def test_the_worker_pushes_by_itself(phones: Phones) -> None:
    phones.take(1)
    phones.at("08:00")
    jobs = {job.name: job for job in push_jobs(phones.services)}
    assert {"queue pushes", "queue changes"} == set(jobs)
    for job in jobs.values():
        assert 60 == job.every_seconds
        job.run()
    assert 1 == len(phones.sent())


def test_every_push_fits_one_sms_with_the_longest_names(phones: Phones) -> None:
    phones.take(1, name="Nurhidayatullahwatiningsih", poli="kia")
    phones.at("08:00")
    with phones.database.reading() as db:
        (planned,) = plan_pushes(db, phones.facility, now=phones.now)
    for kind, is_later in (("leave", False), ("moved", True), ("moved", False), ("evening", False)):
        news: News = push_news(phones.facility, replace(planned, kind=kind, is_later=is_later), now=phones.now)
        assert news.prompts
    queue_pushes(phones.database, phones.facility, now=phones.now)
    assert [1] == [count_segments(text).segments for text in texts(phones.sent())]
