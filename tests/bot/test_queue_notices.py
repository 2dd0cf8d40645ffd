"""Changed sessions: everyone who holds a number there is told once, whatever breaks off, and staff see whom to call."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.queue_notices import change_session, concerned, finish_changes, tell_change, undo_session_change
from clinic.contacts import opt_out
from clinic.conversations import Conversation, load_state
from clinic.database import Database
from clinic.facility import Facility
from clinic.queue import Ticket, check_in, tickets_of
from clinic.queue_sessions import add_change
from clinic.queue_table import QueueEntry, QueuePush, SessionChange
from flows.state import state_from_json
from tests.bot.queue_phones import NOON, TOMORROW, Phones, texts, variables

SIDS = {name: "HX" + letter * 32 for name, letter in (("queue_closed", "d"), ("queue_late", "e"), ("notice", "f"))}


@pytest.fixture
def phones(database: Database, facility: Facility) -> Phones:
    return Phones(database, facility)


def change(phones: Phones, *, kind: str = "closed", minutes: int | None = None, session: str | None = None) -> int:
    return change_session(
        phones.services,
        poli="gigi",
        day=TOMORROW,
        session=session,
        kind=kind,
        late_minutes=minutes,
        reason="rapat",
        staff_id=None,
        now=phones.now,
    )


def last_change(phones: Phones) -> SessionChange:
    with phones.database.reading() as db:
        row = db.scalar(select(SessionChange).order_by(SessionChange.id.desc()))
        assert row is not None
        return row


def contact_of(phones: Phones, ticket: Ticket) -> int:
    with phones.database.reading() as db:
        found = db.scalar(select(QueueEntry.contact_id).where(QueueEntry.id == ticket.id))
        assert found is not None
        return found


def test_a_closed_poli_is_told_to_everybody_who_waits_there_and_nobody_else(phones: Phones) -> None:
    phones.take(1, name="Siti Aminah")
    phones.take(2, name="Budi Contoh")
    phones.take(3, poli="umum")
    assert 2 == change(phones)
    assert 2 == len(phones.sent())
    assert texts(phones.sent())[0].startswith("Maaf, poli Gigi tutup Selasa 24 Nov. Antrian B1 Siti")
    assert last_change(phones).told_at is not None
    assert 0 == finish_changes(phones.services, now=phones.now)


def test_only_the_session_that_changes_is_concerned(phones: Phones, facility: Facility) -> None:
    rooms = [session.name for session in facility.sessions_on("umum", TOMORROW)]
    assert ["pagi", "siang"] == rooms
    phones.take(1, poli="umum", session="pagi")
    phones.take(2, poli="umum", session="siang")
    told = change_session(
        phones.services, poli="umum", day=TOMORROW, session="siang", kind="late", late_minutes=30, reason="-",
        staff_id=None, now=phones.now,
    )  # fmt: skip
    assert 1 == told
    (text,) = texts(phones.sent())
    assert "Dokter poli Umum terlambat kira-kira 30 menit" in text
    assert "A2" in text
    assert "jam 1 siang" in text


def test_a_family_on_one_phone_reads_one_message_about_all_its_numbers(phones: Phones) -> None:
    tickets = [phones.take(1, name=name) for name in ("Siti", "Budi", "Rohani")]
    assert 3 == change(phones)
    (message,) = phones.sent()
    assert all(f"{ticket.code} " in message.text for ticket in tickets)


def test_who_has_no_phone_or_said_stop_is_for_staff_to_call(phones: Phones, facility: Facility) -> None:
    reached, stopped, without = phones.take(1), phones.take(2), phones.take(None)
    with phones.database.transaction() as db:
        opt_out(db, contact_of(phones, stopped), now=phones.now)
    with phones.database.reading() as db:
        found = concerned(db, facility, poli="gigi", day=TOMORROW, session=None, now=phones.now)
    assert {reached.id: True, stopped.id: False, without.id: False} == {
        each.entry_id: each.can_be_told for each in found
    }
    assert 1 == change(phones)
    assert 1 == len(phones.sent())


def test_a_newer_change_is_told_again_and_the_same_one_never(phones: Phones) -> None:
    phones.take(1)
    assert 1 == change(phones, kind="late", minutes=30)
    assert 0 == tell_change(phones.services, last_change(phones).id, now=phones.now)
    phones.now += timedelta(minutes=20)
    assert 1 == change(phones, kind="late", minutes=60)
    assert ["30 menit", "60 menit"] == [text.split("kira-kira ")[1][:8] for text in texts(phones.sent())]


def test_eight_at_once_tell_everybody_once(phones: Phones) -> None:
    for phone in range(1, 7):
        phones.take(phone)
    with phones.database.transaction() as db:
        change_id = add_change(
            db, poli="gigi", day=TOMORROW, session=None, kind="closed", reason="-", staff_id=None, now=phones.now
        )
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda _: tell_change(phones.services, change_id, now=phones.now), range(8)))
    assert 6 == sum(told)
    assert 6 == len(phones.sent())


def test_what_a_dead_process_left_untold_is_told_by_the_next_look(phones: Phones) -> None:
    tickets = [phones.take(phone) for phone in range(1, 4)]
    with phones.database.transaction() as db:
        change_id = add_change(
            db, poli="gigi", day=TOMORROW, session=None, kind="closed", reason="-", staff_id=None, now=phones.now
        )
        db.add(
            QueuePush(entry_id=tickets[0].id, kind="change", occurrence=change_id, created_at=phones.now)
        )  # told before
    assert 2 == finish_changes(phones.services, now=phones.now)
    assert 0 == finish_changes(phones.services, now=phones.now)
    assert 2 == len(phones.sent())


def test_who_took_the_number_back_meanwhile_is_not_told(phones: Phones) -> None:
    first = phones.take(1)
    phones.take(2)
    with phones.database.transaction() as db:
        entry = db.get(QueueEntry, first.id)
        assert entry is not None
        entry.state = "cancelled"
    assert 1 == change(phones)


# --- the offer of another day -------------------------------------------------------------------------------------


def test_where_nothing_else_is_open_the_question_for_another_day_is(phones: Phones) -> None:
    ticket = phones.take(1)
    with_conversation(phones, ticket)
    assert 1 == change(phones)
    (message,) = phones.sent()
    assert ["Rabu 25 Nov pagi", "Rabu 25 Nov siang", "Batal"] == message.choices
    with phones.database.reading() as db:
        state = state_from_json(load_state(db, contact_of(phones, ticket)))
        assert "called_off" == state.flow
        assert [ticket.id] == [each.id for each in held(phones, ticket)]


def test_the_number_stays_until_another_is_chosen(phones: Phones) -> None:
    ticket = phones.take(1)
    with_conversation(phones, ticket)
    change(phones)
    assert [ticket.id] == [each.id for each in held(phones, ticket)]


def test_an_open_question_is_closed_when_the_poli_opens_after_all(phones: Phones) -> None:
    ticket = phones.take(1)
    with_conversation(phones, ticket)
    change(phones)
    assert undo_session_change(phones.services, last_change(phones).id, staff_id=None, now=phones.now)
    assert "Poli Gigi jadi buka Selasa 24 Nov. Antrian B1 Siti tetap ada" in texts(phones.sent())[-1]
    with phones.database.reading() as db:
        assert state_from_json(load_state(db, contact_of(phones, ticket))).flow is None


@pytest.mark.parametrize("by", ["staff", "just wrote"])
def test_who_talks_with_somebody_reads_how_to_change_the_day_later(phones: Phones, by: str) -> None:
    ticket = phones.take(1)
    with_conversation(phones, ticket, handled_by="staff" if by == "staff" else "bot", unanswered=by != "staff")
    assert 1 == change(phones)
    assert texts(phones.sent())[0].endswith("Mau ganti hari? Balas GANTI HARI.")


def held(phones: Phones, ticket: Ticket) -> tuple[Ticket, ...]:
    with phones.database.reading() as db:
        return tickets_of(db, contact_of(phones, ticket), facility=phones.facility, from_day=TOMORROW)


def with_conversation(phones: Phones, ticket: Ticket, *, handled_by: str = "bot", unanswered: bool = False) -> None:
    with phones.database.transaction() as db:
        db.add(
            Conversation(
                contact_id=contact_of(phones, ticket), state={}, handled_by=handled_by, has_unanswered=unanswered
            )
        )


# --- taken back ---------------------------------------------------------------------------------------------------


def test_a_late_doctor_who_is_on_time_after_all_is_told_only_to_who_was_told(phones: Phones) -> None:
    phones.take(1)
    change(phones, kind="late", minutes=60)
    change_id = last_change(phones).id
    phones.now += timedelta(minutes=5)
    later = later_number(phones)
    with phones.database.transaction() as db:
        db.add(QueueEntry(**later))
    assert undo_session_change(phones.services, change_id, staff_id=None, now=phones.now)
    assert not undo_session_change(phones.services, change_id, staff_id=None, now=phones.now)
    assert 2 == len(phones.sent())
    assert "tidak jadi terlambat" in texts(phones.sent())[-1]
    assert 0 == tell_change(phones.services, change_id, now=phones.now)


def later_number(phones: Phones) -> dict[str, object]:
    ticket = phones.take(9, poli="umum")
    contact = contact_of(phones, ticket)
    return {
        "poli": "gigi", "day": TOMORROW, "session": "pagi", "number": 40, "person_id": ticket.person_id,
        "contact_id": contact, "via": "sms", "state": "waiting", "taken_at": phones.now, "rank": 40000, "calls": 0,
    }  # fmt: skip


def test_undoing_what_nobody_was_told_tells_nobody(phones: Phones) -> None:
    phones.take(None)
    assert 0 == change(phones)
    assert undo_session_change(phones.services, last_change(phones).id, staff_id=None, now=phones.now)
    assert [] == phones.sent()


# --- when and how -------------------------------------------------------------------------------------------------


def test_on_the_day_itself_it_goes_out_at_once_and_for_later_days_not_at_night(phones: Phones) -> None:
    phones.take(1)
    phones.at("21:30", day=NOON.date())
    change(phones, kind="late", minutes=30)
    phones.at("06:40")
    change(phones, kind="late", minutes=45)
    night, morning = phones.sent()
    assert "08:00" == f"{night.not_before.astimezone(phones.facility.zone):%H:%M}"
    assert phones.now == morning.not_before
    assert morning.useless_after > phones.now + timedelta(hours=4)


def test_after_a_day_whatsapp_takes_the_template_and_no_question_stays_open(
    database: Database, facility: Facility
) -> None:
    phones = Phones(database, facility.model_copy(update={"whatsapp_templates": SIDS}))
    ticket = phones.take(1, channel="whatsapp", hours_ago=30)
    with_conversation(phones, ticket)
    change(phones)
    change(phones, kind="late", minutes=30)
    assert undo_session_change(phones.services, last_change(phones).id, staff_id=None, now=phones.now)
    closed, late, undone = phones.sent()
    assert [SIDS["queue_closed"], SIDS["queue_late"], SIDS["notice"]] == [
        (each.template or {})["sid"] for each in (closed, late, undone)
    ]
    assert {"Gigi", "Selasa 24 Nov", "B1 Siti"} <= set(variables(closed).values())
    assert "30" in variables(late).values()
    with database.reading() as db:
        assert state_from_json(load_state(db, contact_of(phones, ticket))).flow is None


def test_who_is_at_the_counter_already_is_told_as_well(phones: Phones) -> None:
    ticket = phones.take(1)
    phones.at("07:50")
    with phones.database.transaction() as db:
        check_in(db, ticket.id, facility=phones.facility, now=phones.now, actor="staff:1")
    assert 1 == change(phones, kind="late", minutes=30)
