"""Our Twilio channel against Twilio's own description, played by Prism."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.channels import Accepted, Outgoing, SendFailed, SendUnknown
from bot.channels.choice_messages import Content, Shape
from bot.channels.contents import ContentApi, ContentError
from bot.channels.refusals import RULES
from bot.channels.template_contents import content_of
from bot.channels.twilio import TwilioChannel, open_client
from bot.channels.twilio_http import TwilioHttp
from bot.simulator.carrier import Carrier, create_carrier_app
from bot.simulator.carrier_store import CarrierStore
from flows.whatsapp_templates import TEMPLATES

pytestmark = pytest.mark.prism

ACCOUNT = "AC" + "0" * 32
CALLBACK = "https://sapa.example/webhooks/twilio/status"
PATIENT = "+6281200000001"
TEMPLATE = {"sid": "HX" + "0" * 32, "variables": {"1": "B12", "2": "jam 9 pagi"}}
SINCE = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def channel(url: str, *, name: str = "whatsapp", prefer: str | None = None) -> TwilioChannel:
    http = TwilioHttp(base_url=url, headers={"Prefer": prefer} if prefer else {})
    client = open_client(account_sid=ACCOUNT, auth_token="token", http=http)
    return TwilioChannel(client=client, channel=name, sender="+62811000001", status_callback=CALLBACK)


def message(*, channel: str, text: str, address: str = PATIENT, has_template: bool = False) -> Outgoing:
    template = TEMPLATE if has_template else None
    return Outgoing(outbox_id=1, channel=channel, address=address, text=text, template=template)


SENDABLE = [
    pytest.param("sms", "Antrian Gigi: B12. Sabtu 12 Des, jam 9 pagi.", False, id="a plain SMS"),
    pytest.param("sms", "x" * 1600, False, id="the longest SMS"),
    pytest.param("sms", "Baik & jelas = 100% 🙏\n+62;?#", False, id="letters that a form must escape"),
    pytest.param("whatsapp", "*Antrian Gigi*: B12 ✅", False, id="a WhatsApp text"),
    pytest.param("whatsapp", "Antrian", True, id="a WhatsApp template"),
    pytest.param("sms", "Antrian", True, id="a template asked for on SMS goes as text"),
]


@pytest.mark.parametrize(("name", "text", "has_template"), SENDABLE)
def test_twilio_takes_what_the_channel_sends(published_twilio: str, name: str, text: str, has_template: bool) -> None:
    sent = channel(published_twilio, name=name).send(message(channel=name, text=text, has_template=has_template))
    assert isinstance(sent, Accepted)
    assert sent.provider_id.startswith("SM")


@pytest.mark.parametrize(("name", "text", "has_template"), SENDABLE)
def test_the_stricter_reading_takes_it_as_well(strict_twilio: str, name: str, text: str, has_template: bool) -> None:
    sent = channel(strict_twilio, name=name).send(message(channel=name, text=text, has_template=has_template))
    assert sent.provider_id.startswith("SM")


def test_a_user_without_a_number_is_written_to_by_id(published_twilio: str) -> None:
    to_id = message(channel="whatsapp", text="Baik.", address="ID.1234567890123456")
    assert channel(published_twilio).send(to_id).provider_id.startswith("SM")


def test_the_list_is_asked_for_as_twilio_wants_it(published_twilio: str) -> None:
    # Prism lists one example message to somebody else: nothing of ours is there.
    assert channel(published_twilio).find_sent(message(channel="whatsapp", text="Baik."), since=SINCE) is None


STRICT_EXAMPLES = [
    ("400", "e21211"),
    ("400", "e21408"),
    ("400", "e21610"),
    ("400", "e21614"),
    ("400", "e21612"),
    ("400", "e21606"),
    ("400", "e21617"),
    ("400", "e21635"),
    ("400", "e63007"),
    ("401", "e20003"),
    ("404", "e20404"),
    ("429", "e20429"),
    ("429", "e63038"),
    ("503", "e20503"),
]


@pytest.mark.parametrize(("status", "example"), STRICT_EXAMPLES)
def test_each_refusal_leads_to_the_action_of_the_table(strict_twilio: str, status: str, example: str) -> None:
    refusing = channel(strict_twilio, name="sms", prefer=f"code={status}, example={example}")
    with pytest.raises(SendFailed) as caught:
        refusing.send(message(channel="sms", text="Baik."))
    code = example.removeprefix("e")
    assert (code, RULES[code].action) == (caught.value.code, caught.value.action)


def test_a_server_that_broke_in_the_middle_may_have_taken_the_message(strict_twilio: str) -> None:
    with pytest.raises(SendUnknown):
        channel(strict_twilio, name="sms", prefer="code=500, example=e20500").send(message(channel="sms", text="Baik."))


def test_a_request_that_does_not_fit_the_description_is_told_to_staff(strict_twilio: str) -> None:
    client = open_client(account_sid="AC-not-an-account", auth_token="token", http=TwilioHttp(base_url=strict_twilio))
    misnamed = TwilioChannel(client=client, channel="sms", sender="+62811000002", status_callback=CALLBACK)
    with pytest.raises(SendFailed) as caught:
        misnamed.send(message(channel="sms", text="Baik."))
    assert caught.value.action == "tell_staff"


def test_our_stand_in_answers_with_exactly_twilios_fields(message_fields: frozenset[str], tmp_path: Path) -> None:
    carrier = Carrier(CarrierStore(tmp_path / "carrier.db"))
    with create_carrier_app(carrier).test_client() as client:
        answer = client.post(
            f"/2010-04-01/Accounts/{carrier.account_sid}/Messages.json",
            data={"To": PATIENT, "From": "+62811000002", "Body": "Baik."},
            auth=(carrier.account_sid, carrier.auth_token),
        )
    assert answer.get_json().keys() == message_fields


def content_api(url: str) -> ContentApi:
    return ContentApi(open_client(account_sid=ACCOUNT, auth_token="token", http=TwilioHttp(base_url=url)))


CONTENTS = [
    *(pytest.param(shape.content, id=shape.content.name) for shape in (Shape("buttons", 3, 2), Shape("list", 10, 8))),
    *(pytest.param(content_of(template), id=name) for name, template in TEMPLATES.items()),
]


@pytest.mark.parametrize("content", CONTENTS)
def test_twilio_takes_what_we_make(published_twilio: str, content: Content) -> None:
    assert content_api(published_twilio).make(content).startswith("HX")


def test_what_is_not_a_content_is_refused(published_twilio: str) -> None:
    without_rows = Content("x", {"language": "id", "types": {"twilio/list-picker": {"body": "Mana?"}}})
    with pytest.raises(ContentError):
        content_api(published_twilio).make(without_rows)


def test_contents_are_listed_as_twilio_lists_them(published_twilio: str) -> None:
    assert isinstance(content_api(published_twilio).known(), dict)


def test_approval_is_asked_for_and_asked_about(published_twilio: str) -> None:
    api, sid = content_api(published_twilio), "HX" + "a" * 32
    asked = api.submit(sid, name="sapa_reminder_before_12345678", category="UTILITY")
    assert (asked.status, api.approval(sid).status) == ("unsubmitted", "approved")


def test_an_id_that_is_none_cannot_be_asked_about(published_twilio: str) -> None:
    with pytest.raises(ContentError):
        content_api(published_twilio).approval("HX1")


@pytest.mark.parametrize("choices", [("Ya", "Tidak"), ("Umum", "Gigi", "Kesehatan Ibu Anak", "Imunisasi")])
def test_twilio_takes_a_question_with_buttons(published_twilio: str, choices: tuple[str, ...]) -> None:
    with_buttons = replace(channel(published_twilio), contents=AnyContent())  # type: ignore[arg-type]  # one verb is enough here
    asked = replace(message(channel="whatsapp", text="Mau yang mana?"), choices=choices)
    assert with_buttons.send(asked).provider_id.startswith("SM")


@pytest.mark.parametrize("count", [1, 2])
def test_twilio_takes_files(published_twilio: str, count: int) -> None:
    files = tuple(f"https://sapa.example/media/{number}" for number in range(count))
    sent = channel(published_twilio).send(replace(message(channel="whatsapp", text="Ini suratnya."), media=files))
    assert sent.provider_id.startswith("SM")


class AnyContent:
    """Has every content ready."""

    def sid_of(self, content: Content) -> str:
        return "HX" + content.wording.ljust(32, "0")


def test_our_stand_in_answers_with_twilios_fields_of_a_content(content_fields: frozenset[str], tmp_path: Path) -> None:
    carrier = Carrier(CarrierStore(tmp_path / "carrier.db"))
    content = Shape("buttons", 2, 1).content
    with create_carrier_app(carrier).test_client() as client:
        given = {"friendly_name": content.friendly_name, **content.definition}
        answer = client.post("/v1/Content", json=given, auth=(carrier.account_sid, carrier.auth_token))
    assert answer.get_json().keys() == content_fields
