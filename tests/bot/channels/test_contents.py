"""Buttons and lists on their way through Twilio's Content API: made, used, refused, forgotten, and made again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.channels import Outgoing
from bot.channels.choice_messages import Shape, choice_message
from bot.channels.contents import ContentApi, ContentError, ReadyContents, make_missing
from bot.channels.template_contents import content_of, template_wordings
from bot.channels.twilio import TwilioChannel, with_contents
from bot.simulator.carrier_store import CarrierMessage
from bot.simulator.faults import Fault
from clinic.content_templates import approved_sids, contents_of, made_sids, note_approval, note_wanted
from clinic.database import Database
from flows.whatsapp_templates import TEMPLATES

ACCOUNT = "AC" + "0" * 32
NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
PATIENT = "+6281200000001"
TEXT, CHOICES = "Mau ke poli mana?\n1 Umum, 2 Gigi", ("Umum", "Gigi")


def question(text: str = TEXT, choices: tuple[str, ...] = CHOICES) -> Outgoing:
    return Outgoing(outbox_id=1, channel="whatsapp", address=PATIENT, text=text, choices=choices)


def shape_of(message: Outgoing) -> Shape:
    asked = choice_message(message.text, message.choices)
    assert asked is not None
    return asked.shape


class Ways:
    """A database, the pretended Twilio, and the channel between them."""

    def __init__(self, database: Database, live_carrier: Any) -> None:
        self.database, self.carrier = database, live_carrier
        plain: TwilioChannel = live_carrier.channel()
        self.api = ContentApi(plain.client)
        self.ready = ReadyContents(database, ACCOUNT, lambda: NOW)
        self.channel = with_contents({"whatsapp": plain}, self.ready)["whatsapp"]

    def make(self, message: Outgoing) -> None:
        make_missing(self.database, self.api, [shape_of(message).content], account=ACCOUNT, now=NOW)

    def wanted(self) -> list[str]:
        with self.database.reading() as db:
            return [view.name for view in contents_of(db, ACCOUNT) if view.sid is None]

    def taken(self) -> CarrierMessage:
        found: CarrierMessage = self.carrier.taken()[-1]
        return found


@pytest.fixture
def ways(database: Database, live_carrier: Any) -> Ways:
    return Ways(database, live_carrier)


def test_a_question_goes_with_buttons(ways: Ways) -> None:
    ways.make(question())
    ways.channel.send(question())

    taken = ways.taken()
    assert ("Mau ke poli mana?", None) == (taken.body, taken.list_button)
    assert [("1 Umum", "1"), ("2 Gigi", "2")] == [(button.title, button.id) for button in taken.buttons]


def test_a_longer_question_goes_as_a_list(ways: Ways) -> None:
    long = question("Mau yang mana?", ("Umum", "Gigi", "Kesehatan Ibu Anak", "Imunisasi"))
    ways.make(long)
    ways.channel.send(long)

    assert ("Pilih", 4) == (ways.taken().list_button, len(ways.taken().buttons))


def test_without_its_resource_a_question_goes_as_text_and_the_resource_is_wanted(ways: Ways) -> None:
    ways.channel.send(question())
    ways.channel.send(question())

    assert (TEXT, ()) == (ways.taken().body, ways.taken().buttons)
    assert ["buttons_2_1"] == ways.wanted()


@pytest.mark.parametrize("code", [21656, 63005, 63013, 63021, 99999])
def test_a_question_whose_buttons_are_refused_goes_as_text_at_once(ways: Ways, code: int) -> None:
    ways.make(question())
    ways.carrier.carrier.faults.set(Fault(times=1, status=400, code=code))
    ways.channel.send(question())

    assert (TEXT, ()) == (ways.taken().body, ways.taken().buttons)
    assert len(ways.carrier.taken()) == 1


def test_a_resource_that_was_deleted_at_twilio_is_wanted_again_and_made_anew(ways: Ways) -> None:
    ways.make(question())
    (sid,) = ways.api.known().values()
    ways.carrier.carrier.store.remove_content(sid)
    ways.channel.send(question())
    assert (TEXT, ["buttons_2_1"]) == (ways.taken().body, ways.wanted())

    ways.make(question())
    fresh = with_contents({"w": ways.carrier.channel()}, ReadyContents(ways.database, ACCOUNT, lambda: NOW))["w"]
    fresh.send(question())
    assert len(ways.taken().buttons) == 2


def test_what_is_remembered_but_gone_is_made_again_without_being_missed_first(ways: Ways) -> None:
    ways.make(question())
    ways.carrier.carrier.store.remove_content(next(iter(ways.api.known().values())))
    ways.make(question())

    with ways.database.reading() as db:
        assert set(made_sids(db, account=ACCOUNT).values()) == set(ways.api.known().values())


def test_nothing_is_made_twice(ways: Ways) -> None:
    contents = [shape_of(question()).content]
    first = make_missing(ways.database, ways.api, contents, account=ACCOUNT, now=NOW)
    second = make_missing(ways.database, ways.api, contents, account=ACCOUNT, now=NOW)

    assert (1, 0, 1) == (first, second, len(ways.api.known()))


def test_another_machine_finds_what_is_at_twilio_already(ways: Ways) -> None:
    content = shape_of(question()).content
    sid = ways.api.make(content)
    ways.make(question())

    with ways.database.reading() as db:
        assert {(content.name, content.wording): sid} == made_sids(db, account=ACCOUNT)


def test_a_lost_answer_is_found_by_the_text_above_the_buttons(ways: Ways) -> None:
    ways.make(question())
    sent = ways.channel.send(question())
    found = ways.channel.find_sent(question(), since=datetime.now(UTC))

    assert found is not None
    assert sent.provider_id == found.provider_id


def test_a_busy_provider_is_not_asked_again_as_text(ways: Ways) -> None:
    ways.make(question())
    ways.carrier.carrier.faults.set(Fault(status=429, code=20429))
    with pytest.raises(Exception, match="20429"):
        ways.channel.send(question())


def test_files_go_with_the_text_and_without_buttons(ways: Ways) -> None:
    ways.make(question())
    ways.channel.send(replace(question(), media=("http://127.0.0.1:9/media/x",)))

    assert (TEXT, ()) == (ways.taken().body, ways.taken().buttons)
    assert "63019" == ways.taken().error_code  # nobody listens there


def test_a_template_is_submitted_and_its_approval_counts_for_its_wording_only(ways: Ways) -> None:
    template = TEMPLATES["reminder_before"]
    content = content_of(template)
    make_missing(ways.database, ways.api, [content], account=ACCOUNT, now=NOW)
    (sid,) = ways.api.known().values()
    asked = ways.api.submit(sid, name=content.friendly_name, category=template.category)
    said = ways.api.approval(sid)
    with ways.database.transaction() as db:
        note_approval(db, account=ACCOUNT, sid=sid, approval=said.status, now=NOW)
        usable = approved_sids(db, template_wordings())
        of_another_wording = approved_sids(db, {"reminder_before": "00000000"})

    assert ("received", "approved") == (asked.status, said.status)
    assert ({"reminder_before": sid}, {}) == (usable, of_another_wording)


def test_a_list_cannot_be_submitted(ways: Ways) -> None:
    sid = ways.api.make(Shape("list", 4, 1).content)
    with pytest.raises(ContentError):
        ways.api.submit(sid, name="a_list", category="UTILITY")


def test_a_provider_that_does_not_answer_is_an_error_of_its_own(ways: Ways) -> None:
    ways.carrier.carrier.auth_token = "another"
    with pytest.raises(ContentError, match="20003"):
        ways.api.known()


def test_what_is_wanted_is_noted_once(database: Database) -> None:
    with database.transaction() as db:
        first, second = (note_wanted(db, account=ACCOUNT, name="a", wording="b", now=NOW) for _ in range(2))

    assert (True, False) == (first, second)
