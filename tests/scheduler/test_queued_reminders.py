"""What is queued for whom: once, to the right phone, and nothing for those who said stop."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.reminder_questions import tell_staff
from bot.reminders import plan_reminders, queue_reminders
from clinic.cases import list_cases
from clinic.contacts import opt_out, unlink_person
from clinic.database import Database
from clinic.facility import Facility
from clinic.outbox import OutboxMessage
from clinic.programmes import Reminder, answer_reminder, end_enrolment, enrol, last_open_reminder, record_dose
from scheduler.clock import Clock, Job
from tests.scheduler.register import (
    DUE_TODAY,
    ENROLLED_AT,
    add_person,
    add_phone,
    deliver,
    family,
    follow_infants,
    link,
    messages,
    new_database,
    reminders,
)
from tests.scheduler.wonorejo import INFANTS, PRESSURE, WITA, WONOREJO, at, make_facility

PROGRAMMES = (INFANTS, PRESSURE)
SCHEDULERS = 8


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = new_database(tmp_path)
    yield database
    database.close()


def _queue(database: Database, now: str, facility: Facility = WONOREJO) -> list[str]:
    queued = queue_reminders(database, facility, PROGRAMMES, now=at(now))
    return [line.reminder.occurrence for line in queued]


def _reasons(database: Database, now: str = "2026-11-24 07:00") -> list[str]:
    with database.reading() as db:
        return [line.reason for line in plan_reminders(db, WONOREJO, PROGRAMMES, now=at(now))]


def test_a_reminder_and_its_message_are_written_together(database: Database) -> None:
    child, phone = family(database)
    assert _queue(database, "2026-11-24 08:00") == ["2026-11-24/0"]
    (message,), (reminder,) = messages(database), reminders(database)
    assert message.key == f"reminder:{child}:imunisasi_bayi:P9M:2026-11-24/0"
    assert (message.contact_id, message.channel, message.not_before) == (phone, "sms", at("2026-11-24 08:00"))
    assert message.useless_after == at("2026-11-24 11:00")
    assert (reminder.outbox_id, reminder.contact_id, reminder.item) == (message.id, phone, "P9M")
    assert (reminder.visit_on, reminder.poli, reminder.answer) == (date(2026, 11, 24), "kia", None)


def test_sending_twice_sends_once(database: Database) -> None:
    family(database)
    assert len(_queue(database, "2026-11-24 08:00")) == 1
    assert _queue(database, "2026-11-24 08:00") == []
    assert _queue(database, "2026-11-24 08:05") == []
    assert len(messages(database)) == len(reminders(database)) == 1


def test_eight_schedulers_started_by_mistake_send_once(database: Database) -> None:
    for number in range(5):
        child = add_person(database, f"Anak {number}", "2026-02-24")
        link(database, add_phone(database, f"+6281155510{number}"), child)
        follow_infants(database, child)
    rounds = [threading.Semaphore(0) for _ in range(SCHEDULERS)]
    start = threading.Barrier(SCHEDULERS)

    def job(number: int) -> Job:
        def run() -> None:
            if number not in began:
                began.add(number)
                start.wait(20)
            queue_reminders(database, WONOREJO, PROGRAMMES, now=DUE_TODAY)
            rounds[number].release()

        return Job("reminders", run, every_seconds=0.05)

    began: set[int] = set()
    clocks = [Clock([job(number)], zone=WITA) for number in range(SCHEDULERS)]
    for clock in clocks:
        clock.start()
    done = [done.acquire(timeout=60) for done in rounds]
    for clock in clocks:
        clock.shutdown()
    assert done == [True] * SCHEDULERS
    assert len(messages(database)) == len(reminders(database)) == 5


def test_a_reminder_that_exists_already_sends_nothing_even_without_its_message(database: Database) -> None:
    family(database)
    _queue(database, "2026-11-24 08:00")
    with database.transaction() as db:
        db.query(Reminder).update({"outbox_id": None})
        db.query(OutboxMessage).delete()
    assert _queue(database, "2026-11-24 08:01") == []
    assert messages(database) == []


def test_a_reminder_is_queued_shortly_before_it_may_go_out(database: Database) -> None:
    family(database)
    assert _queue(database, "2026-11-24 05:59") == []
    assert _queue(database, "2026-11-24 06:00") == ["2026-11-24/0"]


def test_two_children_of_one_mother_are_named_in_two_messages(database: Database) -> None:
    _, phone = family(database)
    sister = add_person(database, "Siti Santoso", "2026-02-24")
    link(database, phone, sister)
    follow_infants(database, sister)
    _queue(database, "2026-11-24 08:00")
    assert [("Budi" in m.text, "Siti" in m.text) for m in messages(database)] == [(True, False), (False, True)]


def test_one_person_in_two_programmes_gets_one_reminder_a_day(database: Database) -> None:
    child, _ = family(database)
    with database.transaction() as db:
        enrol(db, person_id=child, programme="hipertensi", anchor=date(2026, 10, 24), now=ENROLLED_AT)
    _queue(database, "2026-11-24 08:00")
    _queue(database, "2026-11-24 08:01")
    assert len(messages(database)) == 1


def test_a_recorded_dose_stops_what_was_planned(database: Database) -> None:
    child, _ = family(database)
    assert _reasons(database) == ["due today: MR1, IPV2 at 9 months"]
    with database.transaction() as db:
        for item in ("MR1", "IPV2"):
            record_dose(
                db,
                person_id=child,
                programme="imunisasi_bayi",
                item=item,
                given_on=date(2026, 11, 23),
                proof="said",
            )
    assert _reasons(database) == []


def test_an_ended_enrolment_is_not_reminded_of(database: Database) -> None:
    child, _ = family(database)
    with database.transaction() as db:
        end_enrolment(db, person_id=child, programme="imunisasi_bayi", reason="moved", now=ENROLLED_AT)
    assert _reasons(database) == []


def test_who_said_stop_or_has_no_phone_is_listed_and_gets_nothing(database: Database) -> None:
    child, phone = family(database)
    with database.transaction() as db:
        opt_out(db, phone, now=DUE_TODAY - timedelta(days=1))
    assert _reasons(database) == ["no contact: due today: MR1, IPV2 at 9 months"]
    assert _queue(database, "2026-11-24 08:00") == []
    with database.transaction() as db:
        unlink_person(db, contact_id=phone, person_id=child, now=DUE_TODAY)
    assert _reasons(database) == ["no contact: due today: MR1, IPV2 at 9 months"]


def test_the_phone_with_the_best_proof_is_written_to(database: Database) -> None:
    child, mother = family(database)
    aunt = add_phone(database, "+62811555002")
    link(database, aunt, child, proof="claimed")
    _queue(database, "2026-11-24 08:00")
    assert [message.contact_id for message in messages(database)] == [mother]


def test_whatsapp_within_its_day_gets_free_text(database: Database) -> None:
    _whatsapp_family(database, hours_ago=2)
    _queue(database, "2026-11-24 08:00", _with_template())
    (message,) = messages(database)
    assert (message.channel, message.template) == ("whatsapp", None)
    assert "*Datang sebelum jam 11 siang*" in message.text


def test_whatsapp_after_its_day_gets_the_approved_template(database: Database) -> None:
    _whatsapp_family(database, hours_ago=48)
    _queue(database, "2026-11-24 08:00", _with_template())
    (message,) = messages(database)
    assert message.template is not None
    assert message.template["sid"] == "HX" + "0" * 32
    assert message.template["variables"]["2"] == "Rina"


def test_whatsapp_after_its_day_without_a_template_gives_way_to_sms(database: Database) -> None:
    _whatsapp_family(database, hours_ago=48, sms_too=True)
    _queue(database, "2026-11-24 08:00")
    assert [message.channel for message in messages(database)] == ["sms"]


def test_an_answer_is_heard_by_the_next_plan(database: Database) -> None:
    _, phone = family(database)
    _queue(database, "2026-11-23 08:00")
    deliver(database)
    with database.transaction() as db:
        open_one = last_open_reminder(db, phone, now=at("2026-11-23 09:00"))
        assert open_one is not None
        answer_reminder(db, open_one.id, "other_day", now=at("2026-11-23 09:00"))
    assert _reasons(database, "2026-11-24 07:00") == []
    assert _reasons(database, "2026-12-01 07:00") == ["7 days late: MR1, IPV2 at 9 months"]


def test_each_of_two_children_can_be_answered_for(database: Database) -> None:
    brother, phone = family(database)
    sister = add_person(database, "Siti Santoso", "2026-02-24")
    link(database, phone, sister)
    follow_infants(database, sister)
    _queue(database, "2026-11-24 08:00")
    deliver(database)
    answered: list[int] = []
    with database.transaction() as db:
        while (open_one := last_open_reminder(db, phone, now=at("2026-11-24 09:00"))) is not None:
            answered.append(open_one.person_id)
            answer_reminder(db, open_one.id, "coming", now=at("2026-11-24 09:00"))
    assert sorted(answered) == [brother, sister]


def test_the_plan_names_nobody_unless_asked(database: Database) -> None:
    family(database)
    with database.reading() as db:
        (line,) = plan_reminders(db, WONOREJO, PROGRAMMES, now=at("2026-11-24 07:00"))
    assert "Budi" not in str(line.as_row(show_identity=False))
    assert "Budi" in line.as_row(show_identity=True)["text"]


def test_staff_hear_once_about_a_child_that_no_reminder_reached(database: Database) -> None:
    family(database)
    told = [tell_staff(database, WONOREJO, PROGRAMMES, now=at(f"2026-12-{day} 07:15")) for day in (24, 25, 25, 26)]
    assert told == [0, 1, 0, 0]
    with database.reading() as db:
        (case,) = list_cases(db, state="open", limit=10, offset=0)
    assert case.text == "Sudah diingatkan, belum tercatat: Campak-Rubela 1, Polio suntik 2. Mohon dihubungi."
    assert _reasons(database, "2026-12-24 07:00") == ["30 days late: MR1, IPV2 at 9 months"]


def test_what_staff_hear_about_is_no_reminder_to_answer(database: Database) -> None:
    _, phone = family(database)
    _queue(database, "2026-12-24 08:00")
    deliver(database)
    tell_staff(database, WONOREJO, PROGRAMMES, now=at("2026-12-25 07:15"))
    with database.reading() as db:
        open_one = last_open_reminder(db, phone, now=at("2026-12-25 09:00"))
    assert open_one is not None and open_one.item == "P9M"


def test_staff_hear_once_what_a_mother_says_is_done(database: Database) -> None:
    _, phone = family(database)
    _queue(database, "2026-11-24 08:00")
    deliver(database)
    with database.transaction() as db:
        open_one = last_open_reminder(db, phone, now=at("2026-11-24 09:00"))
        assert open_one is not None
        answer_reminder(db, open_one.id, "done", now=at("2026-11-24 09:00"))
    assert [tell_staff(database, WONOREJO, PROGRAMMES, now=at(f"2026-11-24 {hour}:00")) for hour in (10, 11)] == [1, 0]
    with database.reading() as db:
        (case,) = list_cases(db, state="open", limit=10, offset=0)
    assert case.text == "Kata keluarga sudah: Campak-Rubela 1, Polio suntik 2. Mohon dicocokkan dan dicatat."


def _whatsapp_family(database: Database, *, hours_ago: int, sms_too: bool = False) -> None:
    child = add_person(database, "Rina", "2026-02-24")
    wrote = DUE_TODAY - timedelta(hours=hours_ago)
    phone = add_phone(database, "+62811555003", channel="whatsapp", wrote=wrote)
    if sms_too:
        assert add_phone(database, "+62811555003", channel="sms", wrote=wrote - timedelta(days=9)) == phone
    link(database, phone, child)
    follow_infants(database, child)


def _with_template() -> Facility:
    return make_facility(whatsapp_templates={"reminder_today": "HX" + "0" * 32})
