"""Sapa's side of the modem against the real gammu-smsd: nothing is lost and nothing is doubled."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, text

from bot import modem
from bot.answering import Answering
from bot.channels.gammu import GammuChannel
from bot.channels.segments import count_segments
from bot.delivery import Delivery
from bot.gammu_mail import GammuMail
from bot.gammu_states import GammuStates
from clinic.contacts import find_or_create_contact
from clinic.database import Database
from clinic.facility import Facility
from clinic.gammu_tables import GammuStore, inbox, open_gammu_store, outbox, outbox_multipart, sentitems
from clinic.identity import IdentityKeeper
from clinic.inbound_table import InboundMessage
from clinic.outbox import OutboxMessage, queue_message
from flows.catalogue import REPLIES
from tests.bot.talk_world import TalkWorld
from tests.gammu.conftest import StartDaemon
from tests.gammu.daemon import QUICK_LOCK, Daemon
from tests.processes import wait_until

pytestmark = [pytest.mark.gammu, pytest.mark.slow]

MESSAGES = 200
TEXTS = (
    "mau daftar poli gigi bsk",
    "terima kasih 🙏",
    "Harga {obat} ~ 5€ [umum]",
    "anak saya demam sejak tiga hari " * 12,
    "panjang dan “miring” " * 9,
    "hé",
)
"""One part and several, the plain alphabet, its two-unit letters, and letters outside it."""


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Centre:
    """A health centre with a modem: the parts of a worker, run by hand."""

    database: Database
    facility: Facility
    daemon: Daemon
    store: GammuStore = field(init=False)

    def __post_init__(self) -> None:
        self.store = open_gammu_store(self.daemon.database_url)
        self.channel = GammuChannel(self.store)
        self.mail = GammuMail(self.database, self.facility, self.channel, now)
        self.states = GammuStates(self.database, self.facility, self.channel, now)
        self.delivery = Delivery(
            database=self.database,
            facility=self.facility,
            channels={"gammu": self.channel},
            clock=now,
            worker="w",
            random=random.Random(1),
        )

    def start(self) -> None:
        """The daemon, and wait for its first sign of life."""
        self.daemon.start()
        wait_until(
            lambda: modem.read_sign(self.store, now=now()).trouble is None, seconds=30, what="the modem is alive"
        )

    def queue(self, count: int, *, text_of: Callable[[int], str]) -> None:
        with self.database.transaction() as db:
            for number in range(count):
                contact, address = find_or_create_contact(
                    db, channel="sms", address=phone_of(number), profile_name=None, now=now()
                )
                queue_message(
                    db,
                    key=f"inbound:{number}:1",
                    contact_id=contact.id,
                    address_id=address.id,
                    channel="sms",
                    text=text_of(number),
                    now=now(),
                )

    def inbound(self) -> Counter[str]:
        """The texts that we keep, and how often."""
        with self.database.reading() as db:
            return Counter(db.scalars(select(InboundMessage.text)))

    def states_of_messages(self) -> Counter[str]:
        with self.database.reading() as db:
            return Counter(db.scalars(select(OutboxMessage.state)))

    def rows(self, table: object) -> int:
        with self.store.reading() as db:
            return db.scalar(select(func.count()).select_from(table)) or 0  # type: ignore[arg-type]


def phone_of(number: int) -> str:
    return f"+62812000{number:05d}"


def text_of(number: int) -> str:
    return f"{number}: {TEXTS[number % len(TEXTS)]}"


def parts_of(count: int) -> int:
    return sum(count_segments(text_of(number)).segments for number in range(count))


def test_two_hundred_sms_come_in_and_two_hundred_go_out_whole(
    own_database: Database, fast_facility: Facility, daemon_on: StartDaemon
) -> None:
    centre = Centre(own_database, fast_facility, daemon_on("sqlite", loop_sleep=0))
    for number in range(MESSAGES):
        centre.daemon.phone.receives(phone_of(number), text_of(number))
    centre.queue(MESSAGES, text_of=text_of)
    centre.start()

    wait_until(lambda: _works(centre), seconds=60, what="all in and all out")
    assert centre.inbound() == Counter(text_of(number) for number in range(MESSAGES))
    assert centre.daemon.phone.waiting() == 0
    assert centre.daemon.handed_over() == parts_of(MESSAGES)
    assert _what_the_phone_sent(centre) == {phone_of(number): text_of(number) for number in range(MESSAGES)}


def _works(centre: Centre) -> bool:
    """One round of everything that a worker does for the modem; True when nothing is left to do."""
    centre.mail.take_in()
    centre.delivery.deliver_due()
    centre.states.take_states()
    is_all_sent = centre.states_of_messages() == Counter({"sent": MESSAGES})
    return is_all_sent and centre.rows(outbox) == 0 and centre.inbound().total() == MESSAGES


def _what_the_phone_sent(centre: Centre) -> dict[str, str]:
    """Number -> text, its parts joined in their order."""
    by_part = 'SELECT "DestinationNumber", "TextDecoded" FROM sentitems ORDER BY "ID", "SequencePosition"'
    sent: dict[str, str] = {}
    with centre.store.reading() as db:
        for number, words in db.execute(text(by_part)):
            sent[number] = sent.get(number, "") + words
    return sent


def test_delivery_reports_come_back_to_their_messages(
    own_database: Database, fast_facility: Facility, daemon_on: StartDaemon
) -> None:
    centre = Centre(own_database, fast_facility, daemon_on("postgres"))
    centre.queue(4, text_of=lambda number: ("b" * 300) if number == 3 else f"pesan {number}")
    centre.start()
    centre.delivery.deliver_due()
    wait_until(lambda: centre.rows(sentitems) == 5 and centre.rows(outbox) == 0, seconds=20, what="all are sent")

    for number, word in enumerate(("Delivered", "Failed", "Pending", "Delivered")):
        centre.daemon.phone.receives_report(phone_of(number), word)
    wait_until(lambda: _states(centre) == ["delivered", "undelivered", "sent", "delivered"], seconds=20, what="reports")
    with own_database.reading() as db:
        codes = list(db.scalars(select(OutboxMessage.error_code).where(OutboxMessage.state == "undelivered")))
    assert codes == ["sms_not_delivered"]


def _states(centre: Centre) -> list[str]:
    centre.states.take_states()
    with centre.database.reading() as db:
        return list(db.scalars(select(OutboxMessage.state).order_by(OutboxMessage.id).limit(4)))


def test_a_daemon_that_is_killed_again_and_again_loses_nothing_and_doubles_nothing_here(
    own_database: Database, fast_facility: Facility, daemon_on: StartDaemon
) -> None:
    kills, dice = 5, random.Random(20261126)
    centre = Centre(own_database, fast_facility, daemon_on("postgres", queries=QUICK_LOCK, loop_sleep=0))
    centre.queue(MESSAGES, text_of=text_of)
    centre.start()
    network = threading.Thread(target=_deliver_slowly, args=(centre,))
    network.start()
    for _ in range(kills):
        _run_for(centre, dice.uniform(0.6, 1.6))
        centre.daemon.kill()
        _run_for(centre, 0.3)
        centre.daemon.start()
    network.join()

    _wait_until_all_is_done(centre)
    assert centre.inbound() == Counter(text_of(number) for number in range(MESSAGES))
    assert _what_the_phone_sent(centre) == {phone_of(number): text_of(number) for number in range(MESSAGES)}
    doubled = centre.daemon.handed_over() - parts_of(MESSAGES)
    assert 0 <= doubled <= kills * 4, "only what the modem had in hand may go out again"


def test_what_was_sent_but_left_in_the_outbox_by_a_crash_does_not_go_out_again(
    own_database: Database, fast_facility: Facility, daemon_on: StartDaemon
) -> None:
    centre = Centre(own_database, fast_facility, daemon_on("postgres", queries=QUICK_LOCK))
    centre.queue(1, text_of=lambda _: "c" * 300)
    centre.start()
    centre.delivery.deliver_due()
    with centre.store.reading() as db:
        names = ("id", "DestinationNumber", "Coding", "UDH", "TextDecoded", "CreatorID")
        first = dict(zip(names, db.execute(select(*(outbox.c[name] for name in names))).one(), strict=True))
    wait_until(lambda: centre.rows(outbox) == 0, seconds=20, what="it is sent")
    centre.daemon.kill()
    with centre.store.writing() as db:
        db.execute(outbox.insert().values(**first, MultiPart=True))
        db.execute(outbox_multipart.insert().values(id=first["id"], SequencePosition=2, TextDecoded="c"))

    centre.states.take_states()
    centre.daemon.start()
    time.sleep(4)
    assert (0, 0, 2) == (centre.rows(outbox), centre.rows(outbox_multipart), centre.daemon.handed_over())


def _wait_until_all_is_done(centre: Centre) -> None:
    """A daemon that ends by itself is started again, as systemd does; raises AssertionError with what is left to do."""
    ended = 0

    def is_done() -> bool:
        nonlocal ended
        if not centre.daemon.is_running():
            ended += 1
            centre.daemon.start()
        return _works(centre)

    try:
        wait_until(is_done, seconds=120, what="all in and all out")
    except AssertionError as error:
        wanted = Counter(text_of(number) for number in range(MESSAGES))
        lost, doubled = dict(wanted - centre.inbound()), dict(centre.inbound() - wanted)
        left = f"{dict(centre.states_of_messages())}, in the daemon's outbox: {centre.rows(outbox)}"
        held = f"in the phone: {centre.daemon.phone.waiting()}, the daemon ended {ended} times"
        raise AssertionError(f"{error}: {left}, {held}, lost: {lost}, doubled: {doubled}") from error


def _deliver_slowly(centre: Centre) -> None:
    for number in range(MESSAGES):
        centre.daemon.phone.receives(phone_of(number), text_of(number))
        time.sleep(0.03)


def _run_for(centre: Centre, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        centre.mail.take_in()
        centre.delivery.deliver_due()
        centre.states.take_states()


def test_a_long_sms_without_its_middle_is_asked_for_once_and_answered_when_it_comes_whole(
    own_database: Database, fast_facility: Facility, daemon_on: StartDaemon, keeper: IdentityKeeper
) -> None:
    centre = Centre(own_database, fast_facility, daemon_on("sqlite", multipart_timeout=5))
    talking = TalkWorld(own_database, fast_facility, keeper, now())
    centre.start()
    centre.daemon.phone.receives(phone_of(1), "mau daftar untuk ibu saya " * 14, without=[2])

    wait_until(lambda: _answers(centre, talking) == 1, seconds=30, what="asked to send it again")
    assert talking.outbox()[0].text.startswith(REPLIES["everywhere.part_missing"].text)
    wait_until(lambda: _answers(centre, talking) and centre.rows(inbox) == 2, seconds=20, what="the other piece")
    _run_answers(centre, talking, seconds=4)
    assert len(talking.outbox()) == 1
    assert [message.state for message in talking.inbound()] == ["answered", "silent"]


def test_two_patients_whose_long_sms_have_one_reference_are_not_mixed_up(
    own_database: Database, fast_facility: Facility, daemon_on: StartDaemon
) -> None:
    """gammu-smsd makes one message of the first part of one and the second part of the other."""
    centre = Centre(own_database, fast_facility, daemon_on("sqlite", multipart_timeout=2))
    centre.daemon.phone.receives(phone_of(1), "c" * 153 + "C" * 100, without=[2])
    centre.daemon.phone.receives(phone_of(2), "d" * 153 + "D" * 100, without=[1])
    centre.start()

    wait_until(lambda: _takes_in(centre, 2), seconds=30, what="both pieces are in")
    assert centre.inbound() == Counter(("c" * 153, "D" * 100))


def _takes_in(centre: Centre, count: int) -> bool:
    centre.mail.take_in()
    return centre.inbound().total() == count


def _answers(centre: Centre, talking: TalkWorld) -> int:
    centre.mail.take_in()
    talking.clock.now = now() + timedelta(minutes=1)
    Answering(talking.talk, worker="w").answer_all("w")
    return len(talking.outbox())


def _run_answers(centre: Centre, talking: TalkWorld, *, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        _answers(centre, talking)
        time.sleep(0.3)


def test_a_modem_that_dies_is_given_nothing_and_noticed_and_works_on_when_it_lives_again(
    own_database: Database, fast_facility: Facility, daemon_on: StartDaemon
) -> None:
    centre = Centre(own_database, fast_facility, daemon_on("sqlite"))
    centre.start()
    assert modem.look(own_database, fast_facility, centre.store, now=now()) is None
    centre.daemon.kill()
    with centre.store.writing() as db:
        db.execute(text("DROP TRIGGER update_phones_time"))
        db.execute(text("UPDATE phones SET UpdatedInDB = datetime('now', '-4 minutes')"))

    assert modem.look(own_database, fast_facility, centre.store, now=now()) == "modem_dead"
    centre.queue(1, text_of=text_of)
    centre.delivery.deliver_due()
    assert (centre.rows(outbox), centre.states_of_messages()) == (0, Counter({"queued": 1}))

    centre.start()
    assert modem.look(own_database, fast_facility, centre.store, now=now()) is None
    wait_until(lambda: _is_sent(centre), seconds=30, what="the message goes out after all")
    assert centre.daemon.handed_over() == 1


def _is_sent(centre: Centre) -> bool:
    centre.delivery.deliver_due()
    centre.states.take_states()
    return centre.rows(sentitems) == 1
