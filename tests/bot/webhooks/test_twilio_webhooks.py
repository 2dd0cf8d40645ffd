"""Twilio's webhooks: who is let in, what is kept, and what a status changes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from bot.channels.twilio_forms import SIGNATURE_HEADER, sign
from bot.services import Services
from bot.settings import Settings
from bot.webhooks import twilio
from clinic.contacts import Address, Contact
from clinic.database import open_database
from clinic.identity import IdentityKeeper
from clinic.inbound_table import InboundMessage
from tests.sent_world import SentWorld

PUBLIC = "https://sapa.example"
MESSAGE = "/webhooks/twilio/message"
STATUS = "/webhooks/twilio/status"
TOKEN = "token-of-a-test"
PAYLOADS = Path(__file__).resolve().parents[2] / "payloads"
SENT_ID = "SM" + f"{20:032x}"


def payload(name: str) -> dict[str, str]:
    form: dict[str, str] = json.loads((PAYLOADS / f"twilio_{name}.json").read_text(encoding="utf-8"))
    return form


@pytest.fixture
def services(sent_world: SentWorld, tmp_path: Path) -> Services:
    settings = Settings.from_environment(
        {
            "SAPA_SECRET_KEY": "a secret of the tests",  # pragma: allowlist secret
            "SAPA_PUBLIC_URL": PUBLIC,
            "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "SAPA_TWILIO_SMS_FROM": "+62811000002",
        }
    )
    return Services(
        settings=settings,
        facility=sent_world.facility,
        database=sent_world.database,
        keeper=IdentityKeeper(settings.secret_key),
        clock=sent_world.clock,
    )


def app_over(services: Services) -> Flask:
    app = Flask("webhooks")
    app.extensions["sapa"] = services
    app.register_blueprint(twilio.pages)
    return app


@pytest.fixture
def client(services: Services) -> Iterator[Any]:
    with app_over(services).test_client() as opened:
        yield opened


def post(client: Any, path: str, form: dict[str, str], *, url: str = "", **options: Any) -> Any:
    signature = sign(url=url or PUBLIC + path, form=form, auth_token=TOKEN)
    headers = {SIGNATURE_HEADER: signature} | options.pop("headers", {})
    return client.post(path, data=form, headers=headers, **options)


def kept(world: SentWorld) -> list[InboundMessage]:
    with world.database.reading() as db:
        return list(db.scalars(select(InboundMessage).order_by(InboundMessage.id)))


def test_a_message_is_kept_and_confirmed_with_empty_twiml(client: Any, sent_world: SentWorld) -> None:
    answer = post(client, MESSAGE, payload("whatsapp_text"))
    assert (answer.status_code, answer.mimetype) == (200, "text/xml")
    assert answer.text == '<?xml version="1.0" encoding="UTF-8"?><Response/>'
    assert [row.text for row in kept(sent_world)] == ["mau daftar poli gigi 🙏"]


@pytest.mark.parametrize("name", sorted(path.stem.removeprefix("twilio_") for path in PAYLOADS.glob("twilio_*.json")))
def test_every_recorded_form_is_taken(client: Any, name: str) -> None:
    path = STATUS if name.startswith("status") else MESSAGE
    assert post(client, path, payload(name)).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({SIGNATURE_HEADER: ""}, id="empty"),
        pytest.param({SIGNATURE_HEADER: "AAAAAAAAAAAAAAAAAAAAAAAAAAA="}, id="wrong"),
        pytest.param(
            {SIGNATURE_HEADER: sign(url="http://localhost" + MESSAGE, form=payload("whatsapp_text"), auth_token=TOKEN)},
            id="made for another host",
        ),
        pytest.param(
            {SIGNATURE_HEADER: sign(url=PUBLIC + STATUS, form=payload("whatsapp_text"), auth_token=TOKEN)},
            id="made for the other webhook",
        ),
        pytest.param(
            {SIGNATURE_HEADER: sign(url=PUBLIC + MESSAGE, form=payload("whatsapp_text"), auth_token="other")},
            id="made with another token",
        ),
    ],
)
@pytest.mark.parametrize("path", [MESSAGE, STATUS])
def test_what_is_not_signed_is_refused_and_not_kept(
    client: Any, sent_world: SentWorld, headers: dict[str, str], path: str
) -> None:
    form = payload("whatsapp_text") | ({"MessageStatus": "sent"} if path == STATUS else {})
    answer = client.post(path, data=form, headers=headers)
    assert (answer.status_code, kept(sent_world)) == (403, [])


def test_a_missing_signature_is_refused(client: Any) -> None:
    assert client.post(MESSAGE, data=payload("whatsapp_text")).status_code == 403


def test_a_changed_body_is_refused(client: Any) -> None:
    signature = sign(url=PUBLIC + MESSAGE, form=payload("whatsapp_text"), auth_token=TOKEN)
    changed = payload("whatsapp_text") | {"Body": "lain"}
    assert client.post(MESSAGE, data=changed, headers={SIGNATURE_HEADER: signature}).status_code == 403


def test_without_a_token_everything_is_refused(services: Services) -> None:
    form = payload("whatsapp_text")
    bare = replace(services, settings=replace(services.settings, twilio_auth_token=""))
    signature = sign(url=PUBLIC + MESSAGE, form=form, auth_token="")
    with app_over(bare).test_client() as client:
        assert client.post(MESSAGE, data=form, headers={SIGNATURE_HEADER: signature}).status_code == 403


def test_behind_a_proxy_the_public_address_counts(client: Any) -> None:
    inner = {"base_url": "http://10.0.0.5:8000/"}
    assert post(client, MESSAGE, payload("whatsapp_text"), **inner).status_code == 200


def test_a_query_is_part_of_the_signed_address(client: Any) -> None:
    form = payload("whatsapp_text")
    assert post(client, MESSAGE + "?from=%2B1&x=a%20b", form).status_code == 200
    assert post(client, MESSAGE + "?x=1", form, url=PUBLIC + MESSAGE).status_code == 403


@pytest.mark.parametrize("path", [MESSAGE, STATUS])
def test_a_get_is_not_answered(client: Any, path: str) -> None:
    assert client.get(path).status_code == 405


def test_the_same_message_twice_is_kept_once(client: Any, sent_world: SentWorld) -> None:
    answers = [post(client, MESSAGE, payload("whatsapp_text")).status_code for _ in range(3)]
    assert (answers, len(kept(sent_world))) == ([200, 200, 200], 1)


def test_the_same_message_eight_times_at_once_is_kept_once(services: Services, sent_world: SentWorld) -> None:
    app = app_over(services)

    def deliver(_number: int) -> int:
        with app.test_client() as client:
            status: int = post(client, MESSAGE, payload("whatsapp_text")).status_code
            return status

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(deliver, range(8)))
    assert (answers, len(kept(sent_world))) == ([200] * 8, 1)


def test_a_message_of_64_kilobytes_is_too_large(client: Any, sent_world: SentWorld) -> None:
    answer = post(client, MESSAGE, payload("whatsapp_text") | {"Body": "x" * 64 * 1024})
    assert (answer.status_code, kept(sent_world)) == (413, [])


def test_a_long_message_is_kept_whole(client: Any, sent_world: SentWorld) -> None:
    post(client, MESSAGE, payload("whatsapp_text") | {"Body": "panjang " * 500})
    assert kept(sent_world)[0].text == "panjang " * 500


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("1" * 1000, id="1,000 digits"),
        pytest.param("Robert'); DROP TABLE inbound_message;--", id="SQL"),
        pytest.param("<script>alert('x')</script>", id="HTML"),
        pytest.param("{{ 7 * 7 }} %s {0}", id="template words"),
        pytest.param("/", id="a slash"),
        pytest.param("", id="empty"),
        pytest.param("\U0001f64f", id="one emoji"),
        pytest.param("\ufffd\ufffd", id="letters that were broken on the way"),
    ],
)
def test_any_text_is_kept_as_text(client: Any, sent_world: SentWorld, text: str) -> None:
    post(client, MESSAGE, payload("whatsapp_text") | {"Body": text, "ProfileName": text[:200]})
    assert [row.text for row in kept(sent_world)] == [text]


def test_broken_utf8_is_a_clear_no(client: Any, sent_world: SentWorld) -> None:
    answer = client.post(
        MESSAGE,
        data=b"MessageSid=SM1&From=%2B6281200000001&Body=%ff%fe",
        content_type="application/x-www-form-urlencoded",
        headers={SIGNATURE_HEADER: "AAAA"},
    )
    assert (answer.status_code, kept(sent_world)) == (403, [])


@pytest.mark.parametrize(
    ("path", "field"), [(MESSAGE, "MessageSid"), (MESSAGE, "From"), (STATUS, "MessageSid"), (STATUS, "MessageStatus")]
)
def test_a_missing_field_is_named(client: Any, path: str, field: str) -> None:
    form = {**payload("whatsapp_text"), "MessageStatus": "sent", "SmsStatus": ""}
    del form[field]
    answer = post(client, path, form)
    assert (answer.status_code, answer.text) == (400, f"{field} is missing\n")


def test_a_location_and_a_button_reach_the_row(client: Any, sent_world: SentWorld) -> None:
    post(client, MESSAGE, payload("whatsapp_location"))
    post(client, MESSAGE, payload("whatsapp_button"))
    place, tap = kept(sent_world)
    assert (place.extra["location"]["label"], tap.extra["button_payload"]) == ("Pasar", "1")


def test_media_reaches_the_row(client: Any, sent_world: SentWorld) -> None:
    post(client, MESSAGE, payload("whatsapp_photo"))
    assert kept(sent_world)[0].media[0]["type"] == "image/jpeg"


def test_a_broken_database_asks_for_another_try(services: Services) -> None:
    broken = replace(services, database=open_database("sqlite://"))
    with app_over(broken).test_client() as client:
        answer = post(client, MESSAGE, payload("whatsapp_text"))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def tell(client: Any, status: str, code: str = "", *, message_id: str = SENT_ID) -> int:
    form = payload("status_whatsapp_delivered") | {
        "MessageStatus": status,
        "SmsStatus": status,
        "MessageSid": message_id,
    }
    answer: int = post(client, STATUS, form | ({"ErrorCode": code} if code else {})).status_code
    return answer


ORDERS = [
    pytest.param(["queued", "sent", "delivered", "read"], "read", id="in order"),
    pytest.param(["read", "delivered", "sent", "queued"], "read", id="backwards"),
    pytest.param(["delivered", "sent"], "delivered", id="sent comes late"),
    pytest.param(["delivered", "undelivered"], "delivered", id="delivered stays delivered"),
    pytest.param(["undelivered", "sent"], "undelivered", id="undelivered is final"),
    pytest.param(["failed", "sent"], "failed", id="failed is final"),
    pytest.param(["sent", "partially_delivered"], "sent", id="a status nobody knows"),
    pytest.param(["delivered", "delivered"], "delivered", id="twice"),
]


@pytest.mark.parametrize(("statuses", "state"), ORDERS)
def test_statuses_only_move_forward(client: Any, sent_world: SentWorld, statuses: list[str], state: str) -> None:
    message_id = sent_world.sent_message(provider_id=SENT_ID)
    assert [tell(client, status) for status in statuses] == [200] * len(statuses)
    assert sent_world.row(message_id).state == state


def test_an_unknown_status_is_kept_beside_the_state(client: Any, sent_world: SentWorld) -> None:
    message_id = sent_world.sent_message(provider_id=SENT_ID)
    tell(client, "partially_delivered")
    assert sent_world.row(message_id).provider_status == "partially_delivered"


def test_a_status_of_somebody_elses_message_is_confirmed_and_counted(client: Any) -> None:
    before = twilio.webhook_counts.snapshot().get("status_of_unknown", 0)
    assert tell(client, "delivered", message_id="SM" + "f" * 32) == 200
    assert twilio.webhook_counts.snapshot()["status_of_unknown"] == before + 1


def test_a_status_that_overtakes_our_own_commit_is_waited_for(services: Services, sent_world: SentWorld) -> None:
    message_id = sent_world.sending_message()
    app = app_over(services)

    def status() -> int:
        with app.test_client() as client:
            return tell(client, "delivered")

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(status)
        sent_world.mark_sent(message_id, provider_id=SENT_ID)
        assert waiting.result(timeout=10) == 200
    assert sent_world.row(message_id).state == "delivered"


def test_who_blocked_us_has_opted_out(client: Any, sent_world: SentWorld) -> None:
    sent_world.sent_message(provider_id=SENT_ID)
    tell(client, "undelivered", "63014")
    with sent_world.database.reading() as db:
        assert db.scalar(select(Contact.opted_out_at)) is not None
    assert sent_world.cases() == []


def test_who_has_no_whatsapp_gets_an_sms(client: Any, sent_world: SentWorld) -> None:
    message_id = sent_world.sent_message(provider_id=SENT_ID, key="inbound:1:1")
    tell(client, "failed", "63003")
    copy = sent_world.row_by_key("inbound:1:1:sms")
    assert (copy.channel, copy.state, copy.text) == ("sms", "queued", sent_world.row(message_id).text)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        pytest.param("63013", "aturan WhatsApp", id="against WhatsApp's rules"),
        pytest.param("63021", "ditolak WhatsApp", id="content refused"),
        pytest.param("30006", "tidak bisa menerima SMS", id="landline"),
        pytest.param("30007", "disaring operator", id="filtered"),
        pytest.param("", "tidak diketahui", id="no reason given"),
        pytest.param("12345", "tidak diketahui", id="a reason nobody knows"),
    ],
)
def test_a_failure_becomes_a_case_with_its_reason(client: Any, sent_world: SentWorld, code: str, words: str) -> None:
    sent_world.sent_message(provider_id=SENT_ID)
    tell(client, "undelivered", code)
    (case,) = sent_world.cases()
    assert (case.kind, words in case.text) == ("delivery", True)


def test_the_same_failure_told_three_times_is_one_case(client: Any, sent_world: SentWorld) -> None:
    sent_world.sent_message(provider_id=SENT_ID)
    for status in ("undelivered", "undelivered", "failed"):
        tell(client, status, "63013")
    assert len(sent_world.cases()) == 1


def test_a_failed_warning_of_danger_is_urgent(client: Any, sent_world: SentWorld) -> None:
    sent_world.sent_message(provider_id=SENT_ID, priority="danger")
    tell(client, "undelivered", "63014")
    assert [case.urgent for case in sent_world.cases()] == [True]


def test_a_number_that_takes_nothing_is_marked(client: Any, sent_world: SentWorld) -> None:
    sent_world.sent_message(provider_id=SENT_ID)
    tell(client, "failed", "30006")
    with sent_world.database.reading() as db:
        assert db.scalar(select(Address.blocked_at)) is not None


def test_outside_the_window_an_sms_goes_where_there_is_no_template(client: Any, sent_world: SentWorld) -> None:
    sent_world.sent_message(provider_id=SENT_ID, key="staff:1")
    tell(client, "undelivered", "63016")
    assert ("sms", []) == (sent_world.row_by_key("staff:1:sms").channel, sent_world.cases())


def test_outside_the_window_with_no_way_left_staff_are_told(services: Services, sent_world: SentWorld) -> None:
    without_sms = replace(services, settings=replace(services.settings, sms_from=""))
    sent_world.sent_message(provider_id=SENT_ID)
    with app_over(without_sms).test_client() as client:
        tell(client, "undelivered", "63016")
    assert "24 jam" in sent_world.cases()[0].text


def test_outside_the_window_the_template_goes_where_there_is_one(services: Services, sent_world: SentWorld) -> None:
    template = {"notice": "HX" + "0" * 32}
    with_template = replace(services, facility=services.facility.model_copy(update={"whatsapp_templates": template}))
    sent_world.sent_message(provider_id=SENT_ID, key="staff:1", text="Baik,\nBu.")
    with app_over(with_template).test_client() as client:
        tell(client, "undelivered", "63016")
    copy = sent_world.row_by_key("staff:1:template")
    assert copy.template == {"sid": "HX" + "0" * 32, "variables": {"1": "Baik, Bu."}}
    assert sent_world.cases() == []


def test_a_phone_out_of_reach_is_tried_again_later_twice(client: Any, sent_world: SentWorld) -> None:
    sent_world.sent_message(provider_id=SENT_ID, key="inbound:1:1")
    tell(client, "undelivered", "30003")
    for again in (1, 2):
        key = f"inbound:1:1:again{again}"
        copy = sent_world.row_by_key(key)
        assert (copy.state, copy.not_before > sent_world.clock()) == ("queued", True)
        sent_world.pretend_sent(copy.id, provider_id=f"SM{again}")
        tell(client, "undelivered", "30003", message_id=f"SM{again}")
    assert [case.topic for case in sent_world.cases()] == ["30003"]
