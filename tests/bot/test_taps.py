"""Taps: a button answers the question that it belongs to, and no other."""

from __future__ import annotations

from datetime import datetime

import pytest

from bot.answering import Answering
from clinic.database import Database
from clinic.facility import Facility
from clinic.identity import IdentityKeeper
from clinic.inbound import receive
from clinic.outbox import OutboxMessage, mark_sent
from tests.bot.talk_world import PHONE, TalkWorld

OLD_BUTTON = "Tombol tadi dari pesan lama."


class Phone:
    """A WhatsApp phone whose owner types and taps; every answer of ours gets a provider id."""

    def __init__(self, world: TalkWorld) -> None:
        self.world, self.count = world, 0

    def writes(self, text: str) -> OutboxMessage:
        return self._sends(text, {})

    def taps(self, number: int, on: OutboxMessage | None, *, label: str = "") -> OutboxMessage:
        """A tap on a message of ours; without one, where the provider does not say on which."""
        shown = label or (f"{number} {(on.choices or [])[number - 1]}" if on else "")
        extra = {"tapped": str(number), "body": shown} | ({"reply_to": on.provider_id} if on else {})
        return self._sends(str(number), extra)

    def _sends(self, text: str, extra: dict[str, object]) -> OutboxMessage:
        world = self.world
        self.count += 1
        world.clock.forward(seconds=30)
        with world.database.transaction() as db:
            receive(
                db,
                provider_id=f"SM{self.count:032d}",
                channel="whatsapp",
                address=PHONE,
                text=text,
                extra=extra,
                now=world.clock(),
            )
        Answering(world.talk, worker="w").answer_all("w")
        said = world.outbox()[-1]
        with world.database.transaction() as db:
            mark_sent(db, said.id, provider_id=f"SMout{said.id}", now=world.clock())
        return world.outbox()[-1]


@pytest.fixture
def phone(database: Database, facility: Facility, keeper: IdentityKeeper, now: datetime) -> Phone:
    return Phone(TalkWorld(database, facility, keeper, now))


def test_a_question_is_written_with_its_choices(phone: Phone) -> None:
    asked = phone.writes("mau ambil antrian")

    assert ["Umum", "Gigi", "Kesehatan Ibu Anak", "Imunisasi", "Lansia"] == asked.choices
    assert not phone.writes("batal").choices


def test_a_tap_is_the_digit_that_could_be_typed(phone: Phone) -> None:
    polis = phone.writes("mau ambil antrian")
    days = phone.taps(2, polis)

    assert days.text.startswith("Poli Gigi: mau hari apa?")


def test_a_yes_that_stands_in_the_text_is_a_button_too(phone: Phone) -> None:
    asked = phone.writes("antrian saya sampai mana")
    assert ["Ya", "Tidak"] == asked.choices

    assert "Mau ke poli mana?" in phone.taps(1, asked).text


def test_a_button_of_another_question_does_not_answer_this_one(phone: Phone) -> None:
    polis = phone.writes("mau ambil antrian")
    days = phone.taps(2, polis)
    again = phone.taps(1, polis)

    assert again.text.startswith(OLD_BUTTON)
    assert again.text.endswith(days.text)


def test_an_old_yes_is_no_yes_to_a_new_question(phone: Phone) -> None:
    booking = phone.writes("antrian saya sampai mana")
    phone.taps(2, booking)
    delete = phone.writes("salah orang")
    assert delete.choices == ["Ya", "Tidak"], delete.text
    again = phone.taps(1, booking)

    assert again.text.startswith(OLD_BUTTON)


def test_the_same_question_asked_again_takes_the_button_of_either_message(phone: Phone) -> None:
    polis = phone.writes("mau ambil antrian")
    phone.writes("qwrtp zxcvb")

    assert phone.taps(2, polis).text.startswith("Poli Gigi: mau hari apa?")


def test_an_old_menu_is_still_a_menu(phone: Phone) -> None:
    menu = phone.writes("menu")
    days = phone.taps(2, phone.taps(1, menu))
    assert days.text.startswith("Poli Gigi")

    assert "belum punya antrian" in phone.taps(2, menu).text


def test_a_menu_whose_question_is_long_answered_starts_what_its_button_says(phone: Phone) -> None:
    menu = phone.writes("menu")
    phone.writes("terima kasih")
    phone.writes("batal")

    assert "Mau ke poli mana?" in phone.taps(1, menu).text


def test_a_tap_that_does_not_say_on_what_is_believed_by_its_label(phone: Phone) -> None:
    phone.writes("mau ambil antrian")
    days = phone.taps(2, None, label="2 Gigi")
    assert days.text.startswith("Poli Gigi")

    assert phone.taps(1, None, label="1 Umum").text.startswith(OLD_BUTTON)


@pytest.mark.parametrize("said", ["2 Gigi", "*2* Gigi", "2 gigi", "3 Kesehatan Ibu…", "Kesehatan I..."])
def test_a_label_that_is_typed_or_copied_is_understood(phone: Phone, said: str) -> None:
    phone.writes("mau ambil antrian")

    assert "mau hari apa?" in phone.writes(said).text


def test_an_old_yes_is_none_while_nothing_is_open(phone: Phone) -> None:
    booking = phone.writes("antrian saya sampai mana")
    phone.taps(2, booking)

    assert phone.taps(1, booking).text == OLD_BUTTON


def test_a_tap_while_nothing_is_open_and_nothing_was_asked_harms_nothing(phone: Phone) -> None:
    phone.writes("terima kasih")

    assert phone.taps(1, None, label="1 Datang").text


def test_what_stands_on_the_button_is_kept_for_staff(phone: Phone) -> None:
    phone.taps(2, phone.writes("mau ambil antrian"))

    assert "2 Gigi" == phone.world.inbound()[-1].extra["body"]
