"""Our Twilio channel against Twilio's own description, played by Prism."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.channels import Accepted, Outgoing, SendFailed, SendUnknown
from bot.channels.refusals import RULES
from bot.channels.twilio import TwilioChannel, open_client
from bot.channels.twilio_http import TwilioHttp
from bot.simulator.carrier import Carrier, create_carrier_app
from bot.simulator.carrier_store import CarrierStore

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
