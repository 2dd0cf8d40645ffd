"""What the modem received comes to our database once, whole or in pieces; what became of our SMS comes back."""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, select, text, update
from sqlalchemy.exc import OperationalError

from bot import modem
from bot.answering import Answering
from bot.channels.gammu import GammuChannel
from bot.channels.refusals import rule_for
from bot.gammu_mail import GammuMail
from bot.gammu_states import GammuStates
from bot.operator_notices import is_about_the_sim
from bot.settling import outgoing
from clinic import outbox
from clinic.cases import Case
from clinic.contacts import find_or_create_contact
from clinic.database import Database
from clinic.facility import Facility
from clinic.gammu_clock import clock_of
from clinic.gammu_tables import GammuStore, inbox, open_gammu_store, sentitems
from clinic.gammu_tables import outbox as outbox_table
from clinic.identity import IdentityKeeper
from clinic.inbound_table import InboundMessage
from clinic.outbox import PRIORITIES, OutboxMessage, queue_message
from clinic.outbox_claim import claim_due
from clinic.routes import route_states
from flows.catalogue import REPLIES
from tests.bot import talk_world
from tests.bot.talk_world import Clock, TalkWorld
from tests.gammu.hands import BINARY, PATIENT, UNICODE, Smsd
from tests.gammu.stores import make_sqlite

PART = "a" * 153


class Mailroom:
    """A health centre with a modem; both databases are real."""

    def __init__(self, database: Database, facility: Facility, store: GammuStore, now: datetime) -> None:
        self.database, self.facility, self.store = database, facility, store
        self.clock = Clock(now)
        self.smsd = Smsd(store)
        self.channel = GammuChannel(store)
        self.mail = self.another_mail()
        self.states = GammuStates(database, facility, self.channel, self.clock)

    def another_mail(self) -> GammuMail:
        """A second worker's, or the first one's after a kill."""
        return GammuMail(self.database, self.facility, self.channel, self.clock)

    def inbound(self) -> list[InboundMessage]:
        with self.database.reading() as db:
            return list(db.scalars(select(InboundMessage).order_by(InboundMessage.id)))

    def texts(self) -> list[str]:
        return [message.text for message in self.inbound()]

    def cases(self) -> list[Case]:
        with self.database.reading() as db:
            return list(db.scalars(select(Case).order_by(Case.id)))

    def sends(self, key: str, words: str = "Antrian Gigi: B12.", *, useful: timedelta = timedelta(hours=4)) -> str:
        """One message goes out by the modem; its provider id."""
        now = self.clock()
        with self.database.transaction() as db:
            contact, address = find_or_create_contact(db, channel="sms", address=PATIENT, profile_name=None, now=now)
            queue_message(
                db,
                key=key,
                contact_id=contact.id,
                address_id=address.id,
                channel="sms",
                text=words,
                now=now,
                useless_after=now + useful,
            )
        with self.database.transaction() as db:
            (message,) = claim_due(
                db, worker="w", now=now, limit=1, lease_seconds=60, choose=lambda _message, _last: "gammu"
            )
        accepted = self.channel.send(outgoing(message))
        with self.database.transaction() as db:
            outbox.mark_sent(db, message.id, provider_id=accepted.provider_id, now=now)
        return accepted.provider_id

    def state_of(self, provider_id: str) -> tuple[str, str | None]:
        with self.database.reading() as db:
            row = db.scalars(select(OutboxMessage).where(OutboxMessage.provider_id == provider_id)).one()
            return row.state, row.error_code


@pytest.fixture
def room(database: Database, facility: Facility, gammu_beside: GammuStore, now: datetime) -> Mailroom:
    room = Mailroom(database, facility, gammu_beside, now)
    room.smsd.beats()
    return room


def test_messages_come_in_the_order_of_arrival_and_are_marked(room: Mailroom) -> None:
    for number in range(5):
        room.smsd.receives(f"pesan {number}", sender=f"+62812000004{number}")

    assert room.mail.take_in() == 5
    assert room.texts() == [f"pesan {number}" for number in range(5)]
    assert room.smsd.unprocessed() == []
    assert room.mail.take_in() == 0


def test_a_message_remembers_by_which_route_it_came(room: Mailroom) -> None:
    room.smsd.receives("halo")
    room.mail.take_in()

    with room.database.transaction() as db:
        _, address = find_or_create_contact(db, channel="sms", address=PATIENT, profile_name=None, now=room.clock())
        assert address.route == "gammu"


def test_a_kill_between_our_commit_and_gammus_mark_changes_nothing(room: Mailroom) -> None:
    room.smsd.receives("halo")
    is_killed = [True]

    @event.listens_for(room.store.engine, "commit")
    def kill(connection: Connection) -> None:
        if is_killed:
            connection.invalidate()
            raise OperationalError("COMMIT", {}, Exception("killed"))

    assert room.mail.take_in() == 0
    assert room.texts() == ["halo"]
    is_killed.clear()
    assert len(room.smsd.unprocessed()) == 1

    room.another_mail().take_in()
    assert room.texts() == ["halo"]
    assert room.smsd.unprocessed() == []


def test_several_workers_at_once_keep_each_message_once_and_in_order(room: Mailroom) -> None:
    for number in range(20):
        room.smsd.receives(f"pesan {number}")
    mails = [room.another_mail() for _ in range(3)]
    threads = [threading.Thread(target=mail.take_in) for mail in mails]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert room.texts() == [f"pesan {number}" for number in range(20)]
    assert room.smsd.unprocessed() == []


def test_the_same_sms_read_from_the_sim_twice_is_kept_once(room: Mailroom, now: datetime) -> None:
    room.smsd.receives("halo", taken_at=datetime(2026, 11, 23, 8, 0, 0))
    room.mail.take_in()
    room.smsd.receives("halo", taken_at=datetime(2026, 11, 23, 8, 0, 0))
    room.smsd.receives("halo", taken_at=datetime(2026, 11, 23, 8, 0, 7))

    room.mail.take_in()
    assert room.texts() == ["halo", "halo"], "the third one was written seven seconds later"
    assert room.smsd.unprocessed() == []


def test_a_database_made_anew_counts_from_one_and_is_read_from_one(room: Mailroom) -> None:
    for number in range(3):
        room.smsd.receives(f"lama {number}")
    room.mail.take_in()
    room.mail.from_id = 4000
    with room.store.writing() as db:
        db.execute(inbox.delete())
        if db.dialect.name == "sqlite":
            db.execute(text("DELETE FROM sqlite_sequence"))
        else:
            db.execute(text('ALTER SEQUENCE "inbox_ID_seq" RESTART'))
    room.smsd.receives("baru")

    room.mail.take_in()
    assert room.texts()[-1] == "baru"


def test_a_message_that_gammu_joined_is_taken_whole_and_all_its_rows_are_marked(room: Mailroom) -> None:
    room.smsd.receives_joined(PATIENT, PART, "b" * 20)

    assert room.mail.take_in() == 1
    assert room.texts() == [PART + "b" * 20]
    assert room.inbound()[0].extra == {}
    assert room.smsd.unprocessed() == []


def test_a_whole_message_is_taken_at_once_when_its_last_row_is_there(room: Mailroom) -> None:
    first = room.smsd.receives(PART, header="050003A50201", ago=timedelta(0))
    assert room.mail.take_in() == 0
    assert room.smsd.unprocessed() == [first]
    room.smsd.receives("b" * 20, header="050003A50202", ago=timedelta(0))

    assert room.mail.take_in() == 1
    assert room.texts() == [PART + "b" * 20]


def test_an_emoji_that_was_cut_in_two_is_whole_again(room: Mailroom) -> None:
    raw = ("a🙏b").encode("utf-16-be").hex()
    room.smsd.receives("a🙏b", raw=raw[:8], header="050003A50201", coding=UNICODE)
    room.smsd.receives("", raw=raw[8:], header="050003A50202", coding=UNICODE)

    room.mail.take_in()
    assert room.texts() == ["a🙏b"]


def test_parts_of_two_patients_that_gammu_joined_by_their_reference_are_kept_apart(room: Mailroom) -> None:
    other = "+6281200000055"
    room.smsd.receives("aku a bagian B", raw=_hex("aku a"), header="050003A50201")
    room.smsd.receives("", raw=_hex("bagian B"), header="050003A50202", sender=other)

    room.mail.take_in()
    assert room.texts() == ["aku a", "bagian B"]
    assert [message.extra["fragment"]["missing"] for message in room.inbound()] == [[2], [1]]
    assert len({message.contact_id for message in room.inbound()}) == 2


@pytest.mark.parametrize(
    ("headers", "missing"),
    [
        pytest.param(("050003A50301", "050003A50303"), [2], id="the middle"),
        pytest.param(("060804A1A50302",), [1, 3], id="16-bit reference, both ends"),
        pytest.param(("050003A50202",), [1], id="the beginning"),
    ],
)
def test_pieces_of_a_message_that_never_got_whole_are_one_message_that_says_what_is_missing(
    room: Mailroom, headers: tuple[str, ...], missing: list[int]
) -> None:
    for number, header in enumerate(headers):
        room.smsd.receives(f"potongan {number}", header=header)

    assert room.mail.take_in() == 1
    (message,) = room.inbound()
    assert message.text == " ... ".join(f"potongan {number}" for number in range(len(headers)))
    assert message.extra["fragment"]["missing"] == missing
    assert room.smsd.unprocessed() == []


def test_pieces_wait_until_all_of_them_are_written(room: Mailroom) -> None:
    room.smsd.receives("potongan 1", header="050003A50301", ago=timedelta(seconds=1))
    room.smsd.receives("halo", sender="+6281200000055")

    assert room.mail.take_in() == 1
    assert room.texts() == ["halo"]
    assert room.smsd.unprocessed() == [1]


def test_a_piece_that_comes_late_makes_the_message_whole(room: Mailroom) -> None:
    at = datetime(2026, 11, 23, 8, 0, 0)
    room.smsd.receives("mau daftar ", header="050003A50201", taken_at=at, ago=timedelta(hours=1))
    room.mail.take_in()
    room.smsd.receives("poli gigi", header="050003A50202", taken_at=at + timedelta(seconds=4))

    room.mail.take_in()
    assert room.texts() == ["mau daftar ", "mau daftar poli gigi"]
    assert [sorted(message.extra) for message in room.inbound()] == [["fragment"], []]


def test_a_piece_is_not_joined_with_another_message_of_the_same_reference(room: Mailroom) -> None:
    at = datetime(2026, 11, 23, 8, 0, 0)
    room.smsd.receives("mau daftar ", header="050003A50201", taken_at=at, ago=timedelta(hours=1))
    room.mail.take_in()
    room.smsd.receives("poli gigi", header="050003A50202", taken_at=at + timedelta(hours=1))

    room.mail.take_in()
    assert room.texts() == ["mau daftar ", "poli gigi"]


def test_a_binary_message_is_something_that_cannot_be_read(room: Mailroom) -> None:
    room.smsd.receives("", coding=BINARY, raw="0A0B", header="050003A50201")
    room.smsd.receives("", coding=BINARY, raw="0C0D", header="050003A50202")

    room.mail.take_in()
    assert [(message.text, len(message.media)) for message in room.inbound()] == [("", 1)]
    assert room.smsd.unprocessed() == []


def test_an_emoji_and_a_blank_message_come_through(room: Mailroom) -> None:
    room.smsd.receives("terima kasih 🙏", coding=UNICODE)
    room.smsd.receives("", sender="+6281200000055")

    room.mail.take_in()
    assert room.texts() == ["terima kasih 🙏", ""]


def test_the_operators_warning_reaches_staff_once_and_never_the_dialog(room: Mailroom) -> None:
    for _ in range(3):
        room.smsd.receives("Sisa pulsa Anda Rp 850. Isi ulang segera.", sender="TELKOMSEL")
        room.mail.take_in()

    (case,) = room.cases()
    assert (case.kind, case.topic, case.contact_id) == ("delivery", "operator_notice", None)
    assert case.text.startswith(rule_for("operator_notice").reason)
    assert "Sisa pulsa" in case.text
    assert room.inbound() == []
    assert room.smsd.unprocessed() == []


def test_an_operators_advertisement_bothers_nobody(room: Mailroom) -> None:
    room.smsd.receives("Promo! Beli paket internet, gratis pulsa.", sender="3636")
    room.mail.take_in()

    assert (room.cases(), room.inbound(), room.smsd.unprocessed()) == ([], [], [])


@pytest.mark.parametrize(
    ("words", "is_about"),
    [
        ("Sisa pulsa Anda Rp. 500 berlaku s/d 01/12", True),
        ("Masa aktif kartu Anda berakhir 3 hari lagi", True),
        ("Nomor Anda memasuki MASA TENGGANG", True),
        ("Maaf, pulsa Anda tidak cukup untuk mengirim SMS", True),
        ("Kartu Anda akan hangus besok", True),
        ("Saldo pulsa: 1200", True),
        ("Gratis pulsa untuk pembelian paket", False),
        ("Kode verifikasi Anda untuk masuk", False),
        ("Selamat, Anda menang undian", False),
    ],
)
def test_what_an_operator_says_about_our_sim_is_told_from_the_rest(words: str, is_about: bool) -> None:
    assert is_about_the_sim(words) is is_about


def test_a_database_of_gammu_that_is_away_is_waited_for(
    database: Database, facility: Facility, now: datetime, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    room = Mailroom(database, facility, open_gammu_store(f"sqlite:///{tmp_path}/none.db"), now)
    with caplog.at_level(logging.WARNING):
        assert [room.mail.take_in() for _ in range(3)] == [0, 0, 0]
        assert [room.states.take_states() for _ in range(3)] == [0, 0, 0]

    assert len(caplog.records) == 2, "each says so once"
    make_sqlite(tmp_path / "none.db")
    room.smsd.receives("halo")
    assert room.mail.take_in() == 1


def test_a_piece_with_danger_gets_the_emergency_answer_and_another_is_asked_for_again(
    database: Database, facility: Facility, gammu_beside: GammuStore, keeper: IdentityKeeper, now: datetime
) -> None:
    room = Mailroom(database, facility, gammu_beside, now)
    talking = TalkWorld(database, facility, keeper, now)
    room.smsd.receives("suami saya pingsan tidak sadar", header="050003A50301")
    room.smsd.receives("mau daftar untuk anak", header="050003B70302", sender="+6281200000055")
    room.mail.take_in()
    talking.clock.forward(seconds=60)
    Answering(talking.talk, worker="w").answer_all("w")

    answers = {message.priority: message.text for message in talking.outbox()}
    assert set(answers) == {PRIORITIES["danger"], PRIORITIES["reply"]}
    assert answers[PRIORITIES["reply"]].startswith(REPLIES["everywhere.part_missing"].text)
    assert not answers[PRIORITIES["danger"]].startswith(REPLIES["everywhere.part_missing"].text)


def test_whoever_wrote_is_asked_once_however_many_pieces_come_and_danger_in_a_later_one_is_heard(
    database: Database, facility: Facility, gammu_beside: GammuStore, keeper: IdentityKeeper, now: datetime
) -> None:
    room = Mailroom(database, facility, gammu_beside, now)
    talking = TalkWorld(database, facility, keeper, now)
    at, later = datetime(2026, 11, 23, 8, 0, 0), ("mau daftar ", "untuk ibu saya ", "yang pingsan tidak sadar")
    for number, words in enumerate(later, 1):
        room.smsd.receives(words, header=f"050003A505{number:02X}", taken_at=at)
        room.mail.take_in()
        talking.clock.forward(minutes=1)
        Answering(talking.talk, worker="w").answer_all("w")

    texts = [message.text for message in talking.outbox()]
    assert [text.startswith(REPLIES["everywhere.part_missing"].text) for text in texts] == [True, False]
    assert talking.outbox()[-1].priority == PRIORITIES["danger"]
    assert [message.state for message in talking.inbound()] == ["answered", "silent", "answered"]


def test_the_open_question_stays_open_when_a_piece_comes(
    database: Database, facility: Facility, gammu_beside: GammuStore, keeper: IdentityKeeper, now: datetime
) -> None:
    talking = TalkWorld(database, facility, keeper, now)
    talking.says("mau daftar")
    before = talking.state()
    room = Mailroom(database, facility, gammu_beside, talking.clock())
    room.smsd.receives("gigi", header="050003A50301", sender=talk_world.PHONE)
    room.mail.take_in()
    talking.clock.forward(seconds=60)
    Answering(talking.talk, worker="w").answer_all("w")

    assert talking.outbox()[-1].text == REPLIES["everywhere.part_missing"].text
    assert talking.state()["question"] == before["question"]


def test_states_move_our_message_forward(room: Mailroom) -> None:
    sent = room.sends("inbound:1:1")
    room.states.take_states()
    assert room.state_of(sent) == ("sent", None)

    room.smsd.sends("SendingOK")
    room.states.take_states()
    assert room.state_of(sent) == ("sent", None)
    room.smsd.reports("DeliveryOK", error=0)
    room.states.take_states()
    assert room.state_of(sent) == ("delivered", None)


def test_a_long_message_is_delivered_when_all_its_parts_are(room: Mailroom) -> None:
    sent = room.sends("inbound:1:1", "d" * 200)
    room.smsd.sends("SendingOK")
    room.states.take_states()
    assert room.state_of(sent) == ("sent", None)
    with room.store.writing() as db:
        db.execute(sentitems.delete())
    room.smsd.sends("DeliveryOK", "SendingOK")
    room.states.take_states()
    assert room.state_of(sent) == ("sent", None)
    room.smsd.reports("DeliveryOK", part=2)
    room.states.take_states()
    assert room.state_of(sent) == ("delivered", None)


def test_a_state_that_was_written_before_our_own_id_is_not_lost(room: Mailroom) -> None:
    sent = room.sends("inbound:1:1")
    with room.database.transaction() as db:
        db.execute(update(OutboxMessage).values(provider_id=None))
    room.smsd.sends("DeliveryOK")
    assert room.states.take_states() == 0
    with room.database.transaction() as db:
        db.execute(update(OutboxMessage).values(provider_id=sent))

    room.states.take_states()
    assert room.state_of(sent) == ("delivered", None)


def test_a_refused_sms_is_sent_anew_some_times_and_then_told_to_staff_once(room: Mailroom) -> None:
    first = room.sends("inbound:1:1")
    room.smsd.sends("SendingError")
    room.states.take_states()

    assert room.state_of(first) == ("failed", "sms_refused")
    with room.database.reading() as db:
        keys = set(db.scalars(select(OutboxMessage.key)))
    assert keys == {"inbound:1:1", "inbound:1:1:again1"}
    assert room.cases() == []


def test_a_number_that_does_not_exist_is_not_written_to_again(room: Mailroom) -> None:
    room.sends("inbound:1:1")
    room.smsd.sends("SendingError", code=1)
    room.states.take_states()

    (case,) = room.cases()
    assert (case.topic, case.text) == ("sms_no_number", rule_for("sms_no_number").reason)
    with room.database.transaction() as db:
        _, address = find_or_create_contact(db, channel="sms", address=PATIENT, profile_name=None, now=room.clock())
        assert address.blocked_at is not None


def test_states_of_others_and_a_second_reader_change_nothing(room: Mailroom) -> None:
    sent = room.sends("inbound:1:1")
    room.smsd.sends("DeliveryFailed")
    with room.store.writing() as db:
        strange = {"ID": 77, "CreatorID": "Gammu 1.42.0", "DestinationNumber": PATIENT}
        room.smsd.adds_sent(db, strange, 1, "SendingOK")
    room.states.take_states()
    GammuStates(room.database, room.facility, room.channel, room.clock).take_states()

    assert room.state_of(sent) == ("undelivered", "sms_not_delivered")
    with room.database.reading() as db:
        assert len(db.scalars(select(OutboxMessage)).all()) == 2, "one more try, not two"


def test_what_waits_too_long_in_front_of_the_modem_is_taken_back_and_told_once(room: Mailroom) -> None:
    late = [room.sends(f"inbound:{number}:1", "e" * 200, useful=timedelta(hours=1)) for number in range(2)]
    fresh = room.sends("inbound:9:1", useful=timedelta(hours=9))
    room.clock.forward(hours=2)
    _is_older(room, timedelta(minutes=2))

    room.states.take_states()
    assert [row["CreatorID"] for row in room.smsd.outbox()] == [fresh.removeprefix("gammu:")]
    assert room.smsd.further_parts() == []
    assert [room.state_of(each) for each in late] == [("failed", "sms_late")] * 2
    assert [case.topic for case in room.cases()] == ["sms_late"]


def test_what_the_modem_has_in_hand_is_not_taken_back(room: Mailroom) -> None:
    sent = room.sends("inbound:1:1", useful=timedelta(hours=1))
    room.clock.forward(hours=2)
    _is_older(room, timedelta(minutes=-1))

    room.states.take_states()
    assert len(room.smsd.outbox()) == 1
    assert room.state_of(sent) == ("sent", None)


def _is_older(room: Mailroom, age: timedelta) -> None:
    """gammu-smsd puts SendingTimeOut into the future while it sends."""
    with room.store.writing() as db:
        db.execute(outbox_table.update().values(SendingTimeOut=clock_of(db) - age))


def test_a_dead_modem_is_told_to_staff_once_and_taken_back_when_it_lives_again(room: Mailroom) -> None:
    room.smsd.beats(ago=timedelta(minutes=5))
    troubles = [modem.look(room.database, room.facility, room.store, now=room.clock()) for _ in range(3)]

    assert troubles == ["modem_dead"] * 3
    (case,) = room.cases()
    assert (case.kind, case.topic, case.text) == ("delivery", "modem_dead", rule_for("modem_dead").reason)
    with room.database.reading() as db:
        view = route_states(db, ("gammu",))["gammu"]
    assert (view.trouble, view.is_well(room.clock())) == ("modem_dead", False)
    assert view.seen_at is not None
    assert timedelta(minutes=4) < room.clock() - view.seen_at < timedelta(minutes=6)

    room.smsd.beats()
    assert modem.look(room.database, room.facility, room.store, now=room.clock()) is None
    (case,) = room.cases()
    assert (case.state, case.outcome) == ("closed", rule_for("modem_well").reason)


def test_sms_that_fail_one_after_the_other_look_like_an_empty_sim_until_one_goes_out(room: Mailroom) -> None:
    for number in range(5):
        assert modem.look(room.database, room.facility, room.store, now=room.clock()) is None
        room.sends(f"inbound:{number}:1")
        room.smsd.sends("SendingError")

    assert modem.look(room.database, room.facility, room.store, now=room.clock()) == "sim_empty"
    assert [case.topic for case in room.cases()] == ["sim_empty"]
    room.sends("inbound:99:1")
    room.smsd.sends("SendingOK")
    assert modem.look(room.database, room.facility, room.store, now=room.clock()) is None
    assert [case.state for case in room.cases()] == ["closed"]


def test_another_trouble_takes_the_place_of_the_first(room: Mailroom, tmp_path: Path) -> None:
    away = open_gammu_store(f"sqlite:///{tmp_path}/none.db")
    modem.look(room.database, room.facility, away, now=room.clock())
    room.smsd.beats(ago=timedelta(hours=1))
    modem.look(room.database, room.facility, room.store, now=room.clock())

    assert [(case.topic, case.state) for case in room.cases()] == [("gammu_database", "closed"), ("modem_dead", "open")]


def test_several_workers_that_look_at_once_tell_once(room: Mailroom) -> None:
    room.smsd.beats(ago=timedelta(hours=1))
    threads = [
        threading.Thread(
            target=modem.look, args=(room.database, room.facility, room.store), kwargs={"now": room.clock()}
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [case.topic for case in room.cases()] == ["modem_dead"]


def _hex(words: str) -> str:
    return words.encode("utf-16-be").hex()
