"""Unclear messages: kept once, decided by staff, taken back, and gone with the message's words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, update

from clinic.contacts import Contact, link_person, unlink_person
from clinic.database import Database, Session
from clinic.inbound_table import InboundMessage
from clinic.people import add_person
from clinic.staff import add_staff
from clinic.unclear_export import LabelledMessage, all_names, labelled_messages, mark_exported
from clinic.unclear_messages import (
    UnclearMessage,
    UnclearView,
    count_open_unclear,
    dismiss_message,
    label_message,
    note_unclear,
    reopen_unclear,
    unclear_view,
    unclear_views,
)
from tests.clinic.hands import KEEPER, PHONE, a_message, at_once

PASSWORD = "kucing-oranye-lari"  # pragma: allowlist secret


@dataclass
class Bench:
    """A centre with one member of staff, and short ways to note and decide."""

    database: Database
    now: datetime
    staff_id: int = 0
    count: int = 0

    def note(self, text: str = "mboh lah", *, address: str = PHONE, band: str = "low") -> int:
        """The id of an unclear message with these words."""
        self.count += 1
        with self.database.transaction() as db:
            inbound_id = a_message(db, self.now, provider_id=f"SM{self.count}", address=address, text=text)
            kept = note(db, inbound_id, self.now, band=band)
        assert kept is not None
        return kept

    def label(self, message_id: int, label: str, *, seen: str = "open", now: datetime | None = None) -> bool:
        at = now or self.now
        with self.database.transaction() as db:
            return label_message(db, message_id, label=label, staff_id=self.staff_id, seen=seen, now=at)

    def dismiss(self, message_id: int, *, seen: str = "open") -> bool:
        with self.database.transaction() as db:
            return dismiss_message(db, message_id, staff_id=self.staff_id, seen=seen, now=self.now)

    def reopen(self, message_id: int, *, seen: str) -> bool:
        with self.database.transaction() as db:
            return reopen_unclear(db, message_id, seen=seen)

    def view(self, message_id: int) -> UnclearView:
        with self.database.reading() as db:
            found = unclear_view(db, message_id)
        assert found is not None
        return found

    def ids(self, state: str, *, limit: int = 10, offset: int = 0) -> list[int]:
        with self.database.reading() as db:
            return [view.id for view in unclear_views(db, state=state, limit=limit, offset=offset)]

    def export(self, *, since: datetime | None = None, is_all: bool = False) -> list[LabelledMessage]:
        """What an export takes; it is marked as exported."""
        with self.database.transaction() as db:
            taken = labelled_messages(db, since=since, is_all=is_all)
            mark_exported(db, (message.id for message in taken), now=self.now)
        return list(taken)


def note(db: Session, inbound_id: int, now: datetime, *, band: str = "low") -> int | None:
    others = ("dues_info", "greet")
    return note_unclear(db, inbound_id, band=band, intent="membership_status", confidence=0.31, others=others, now=now)


@pytest.fixture
def bench(database: Database, now: datetime) -> Bench:
    with database.transaction() as db:
        staff = add_staff(db, username="sari", name="Sari", role="staff", password=PASSWORD, now=now)
    return Bench(database, now, staff.id)


def test_a_message_is_kept_with_what_the_bot_made_of_it(bench: Bench, now: datetime) -> None:
    view = bench.view(bench.note("kartu sy mati kah"))

    assert ("kartu sy mati kah", "whatsapp", now) == (view.text, view.channel, view.received_at)
    assert ("low", "membership_status", ("dues_info", "greet")) == (view.band, view.intent, view.others)
    assert ("open", None, None, None) == (view.state, view.label, view.labelled_by_name, view.labelled_at)


def test_a_message_is_kept_once_however_often_its_turn_is_tried(bench: Bench, now: datetime) -> None:
    kept = bench.note()
    with bench.database.transaction() as db:
        assert note(db, db.get_one(UnclearMessage, kept).inbound_id, now, band="middle") is None

    assert [kept] == bench.ids("open")
    assert "low" == bench.view(kept).band


def test_the_newest_stand_first_page_by_page(bench: Bench) -> None:
    first, second, third = (bench.note() for _ in range(3))

    assert [third, second] == bench.ids("open", limit=2)
    assert [first] == bench.ids("open", limit=2, offset=2)


def test_a_label_takes_a_message_from_those_that_wait(bench: Bench, now: datetime) -> None:
    kept, other = bench.note(), bench.note()

    assert bench.label(kept, "greet")
    view = bench.view(kept)
    assert ("labelled", "greet", "Sari", now) == (view.state, view.label, view.labelled_by_name, view.labelled_at)
    assert ([kept], [other]) == (bench.ids("labelled"), bench.ids("open"))
    with bench.database.reading() as db:
        assert 1 == count_open_unclear(db)


def test_a_label_can_be_replaced_dismissed_and_taken_back(bench: Bench) -> None:
    kept = bench.note()
    bench.label(kept, "greet")

    assert bench.label(kept, "thanks", seen="greet")
    assert "thanks" == bench.view(kept).label
    assert bench.dismiss(kept, seen="thanks")
    assert ("dismissed", None) == (bench.view(kept).state, bench.view(kept).label)
    assert bench.reopen(kept, seen="dismissed")
    assert ("open", None) == (bench.view(kept).state, bench.view(kept).labelled_by_name)


def test_the_same_label_twice_is_one_label(bench: Bench, now: datetime) -> None:
    kept = bench.note()

    assert [True, True] == [bench.label(kept, "greet"), bench.label(kept, "greet", now=now + timedelta(hours=1))]
    assert now == bench.view(kept).labelled_at


def test_what_a_colleague_decided_meanwhile_stays(bench: Bench) -> None:
    kept = bench.note()
    bench.label(kept, "greet")

    assert [False, False] == [bench.label(kept, "thanks"), bench.dismiss(kept)]
    assert not bench.reopen(kept, seen="thanks")
    assert "greet" == bench.view(kept).label


def test_of_many_who_decide_at_the_same_time_one_wins(bench: Bench) -> None:
    kept, labels = bench.note(), ["greet", "thanks", "deny", "affirm"]

    def label(db: Session, each: str) -> bool:
        return label_message(db, kept, label=each, staff_id=bench.staff_id, seen="open", now=bench.now)

    won = at_once(bench.database, label, labels)

    assert 1 == sum(won)
    assert bench.view(kept).label == labels[won.index(True)]


def test_a_message_that_does_not_exist_cannot_be_labelled(bench: Bench) -> None:
    assert not bench.label(99, "greet")


def test_words_that_are_deleted_are_nowhere_else(bench: Bench) -> None:
    kept = bench.note("rahasia sekali")
    bench.label(kept, "greet")
    with bench.database.transaction() as db:
        db.execute(update(InboundMessage).values(text=""))

    assert "" == bench.view(kept).text
    assert [] == bench.export(is_all=True)
    with bench.database.reading() as db:
        assert "rahasia" not in str(vars(db.get_one(UnclearMessage, kept)))


def test_a_message_that_is_deleted_takes_its_row_along(bench: Bench) -> None:
    bench.note()
    with bench.database.transaction() as db:
        db.execute(delete(InboundMessage))

    assert [] == bench.ids("open")


def test_an_export_gives_labelled_messages_once(bench: Bench) -> None:
    first, waits, thrown = bench.note("satu"), bench.note("dua"), bench.note("tiga")
    bench.label(first, "greet")
    bench.dismiss(thrown)

    assert [(first, "satu", "greet")] == [(each.id, each.text, each.label) for each in bench.export()]
    assert [] == bench.export()
    bench.label(waits, "thanks")
    assert [waits] == [each.id for each in bench.export()]
    assert [first, waits] == [each.id for each in bench.export(is_all=True)]


def test_a_label_that_is_corrected_after_its_export_leaves_again(bench: Bench) -> None:
    kept = bench.note()
    bench.label(kept, "greet")
    bench.export()
    bench.label(kept, "thanks", seen="greet")

    assert ["thanks"] == [each.label for each in bench.export()]


def test_an_export_may_begin_at_a_time(bench: Bench, now: datetime) -> None:
    old, new = bench.note(), bench.note()
    bench.label(old, "greet", now=now - timedelta(days=2))
    bench.label(new, "greet")

    assert [new] == [each.id for each in bench.export(since=now - timedelta(days=1))]


def test_an_export_names_whom_the_message_may_speak_of(bench: Bench, now: datetime) -> None:
    mine, others = bench.note(), bench.note(address="+6281200000002")
    with bench.database.transaction() as db:
        contact = db.query(Contact).order_by(Contact.id).first()
        assert contact is not None
        contact.profile_name = "Mama Alya"
        for name in ("Siti Aminah", "Alya"):
            person = add_person(db, name=name, keeper=KEEPER, now=now)
            link_person(db, contact_id=contact.id, person_id=person.id, role="self", proof="claimed", now=now)
        unlink_person(db, contact_id=contact.id, person_id=person.id, now=now)
        add_person(db, name="Joko", keeper=KEEPER, now=now)
    bench.label(mine, "greet")
    bench.label(others, "greet")

    assert {mine: {"Mama Alya", "Siti Aminah", "Alya"}, others: set()} == {
        each.id: set(each.names) for each in bench.export()
    }
    with bench.database.reading() as db:
        assert {"Siti Aminah", "Alya", "Joko"} == set(all_names(db))


def test_more_messages_than_one_statement_takes_are_exported_together(bench: Bench, now: datetime) -> None:
    with bench.database.transaction() as db:
        for number in range(1100):
            inbound_id = a_message(db, now, provider_id=f"X{number}", text=f"pesan {number}")
            kept = note(db, inbound_id, now)
            assert kept is not None
            row = db.get_one(UnclearMessage, kept)
            row.state, row.label, row.labelled_at = "labelled", "greet", now

    assert 1100 == len(bench.export())
    assert [] == bench.export()
