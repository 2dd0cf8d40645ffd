"""How Twilio's forms are read: every payload in tests/payloads, and what nobody should send."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.channels import Inbound, StatusUpdate, Unreadable
from bot.channels.twilio_forms import MAX_TEXT, is_signed, read_message, read_status, sign

PAYLOADS = Path(__file__).resolve().parents[2] / "payloads"
URL = "https://sapa.example/webhooks/twilio/message"
TOKEN = "token-of-a-test"


def payload(name: str) -> dict[str, str]:
    form: dict[str, str] = json.loads((PAYLOADS / f"twilio_{name}.json").read_text(encoding="utf-8"))
    return form


def read(name: str, **changes: str) -> Inbound:
    return read_message(payload(name) | changes)


def test_a_whatsapp_text_is_read() -> None:
    assert read("whatsapp_text") == Inbound(
        provider_id="SM" + f"{1:032x}",
        channel="whatsapp",
        address="+6281200000001",
        text="mau daftar poli gigi 🙏",
        profile_name="Ibu Contoh",
        extra={"message_type": "text"},
        route="whatsapp",
    )


def test_an_sms_has_no_profile() -> None:
    said = read("sms_text")
    assert (said.channel, said.address, said.text, said.profile_name) == ("sms", "+6281200000002", "ANTRI GIGI", None)


@pytest.mark.parametrize(
    ("name", "digit", "label", "reply_to"),
    [
        ("whatsapp_button", "1", "Datang", "SM" + f"{0x5A:032x}"),
        ("whatsapp_list", "3", "3 Kesehatan Ibu Anak", "SM" + f"{0x5B:032x}"),
    ],
)
def test_a_tap_is_heard_as_its_digit_and_its_label_is_kept(name: str, digit: str, label: str, reply_to: str) -> None:
    said = read(name)
    kept = said.extra
    assert (digit, digit, label, reply_to) == (said.text, kept["tapped"], kept["body"], kept["reply_to"])


def test_a_button_whose_payload_is_none_of_ours_is_read_by_its_text() -> None:
    said = read("whatsapp_button", ButtonPayload="PROMO-77", Body="")
    assert ("Datang", False) == (said.text, "tapped" in said.extra)


@pytest.mark.parametrize("payload", ["0", "11", "1 ", "01", "x1"])
def test_only_a_number_of_a_choice_is_a_tap(payload: str) -> None:
    assert ("1" if payload.strip() == "1" else "Datang") == read("whatsapp_button", ButtonPayload=payload).text


def test_a_tap_that_twilio_took_for_stop_is_stop() -> None:
    said = read("whatsapp_button", OptOutType="STOP", Body="Berhenti")
    assert ("STOP", "Berhenti", False) == (said.text, said.extra["body"], "tapped" in said.extra)


@pytest.mark.parametrize(
    ("changes", "same_as"),
    [
        pytest.param({}, "ID.1000000000000001", id="a number and an id"),
        pytest.param({"From": "whatsapp:ID.1000000000000001"}, "+6281200000001", id="an id and a number"),
        pytest.param({"ExternalUserId": ""}, None, id="a number alone"),
        pytest.param({"From": "whatsapp:ID.1000000000000001", "WaId": ""}, None, id="an id alone"),
        pytest.param({"ExternalUserId": "whatsapp:<script>"}, None, id="no id"),
        pytest.param({"From": "+6281200000001"}, None, id="an SMS"),
    ],
)
def test_two_addresses_of_one_person_are_told(changes: dict[str, str], same_as: str | None) -> None:
    assert same_as == read("whatsapp_button", **changes).extra.get("same_as")


@pytest.mark.parametrize(("name", "kind"), [("whatsapp_photo", "image/jpeg"), ("whatsapp_sticker", "image/webp")])
def test_media_is_kept_by_address_and_type(name: str, kind: str) -> None:
    said = read(name)
    assert (said.text, said.media) == ("", ({"url": payload(name)["MediaUrl0"], "type": kind},))


def test_a_location_is_kept() -> None:
    place = {"latitude": -0.5022, "longitude": 117.1536, "label": "Pasar", "address": "Jalan Contoh 1"}
    assert read("whatsapp_location").extra["location"] == place


@pytest.mark.parametrize("latitude", ["utara", "nan", "91", ""])
def test_a_place_that_is_none_is_left_out(latitude: str) -> None:
    assert "location" not in read("whatsapp_location", Latitude=latitude).extra


def test_a_user_without_a_number_is_known_by_id() -> None:
    assert read("whatsapp_without_number").address == "ID.1000000000000002"


def test_stop_in_any_language_reaches_the_gate_as_stop() -> None:
    said = read("whatsapp_stop")
    assert (said.text, said.extra["opt_out_type"], said.extra["body"]) == ("STOP", "STOP", "Berhenti")


def test_a_question_for_help_stays_as_it_was_said() -> None:
    assert read("sms_text", OptOutType="HELP").text == "ANTRI GIGI"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        pytest.param("a\x00b", "ab", id="NUL"),
        pytest.param("a\r\nb\rc", "a\nb\nc", id="line ends"),
        pytest.param("\ud83da", "a", id="half a letter"),
        pytest.param("1" * 1000, "1" * 1000, id="1,000 digits"),
        pytest.param("'; DROP TABLE contact;--", "'; DROP TABLE contact;--", id="SQL"),
        pytest.param("<script>alert(1)</script>", "<script>alert(1)</script>", id="HTML"),
        pytest.param("/start", "/start", id="a slash in front"),
        pytest.param("🙏🙏", "🙏🙏", id="emoji only"),
        pytest.param("x" * 20_000, "x" * MAX_TEXT, id="a book"),
    ],
)
def test_text_is_only_text(sent: str, kept: str) -> None:
    assert read("sms_text", Body=sent).text == kept


def test_a_profile_name_is_cut_to_what_a_column_holds() -> None:
    name = read("whatsapp_text", ProfileName="A\x00" * 300).profile_name
    assert name == "A" * 200


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("MessageSid", "", "MessageSid is missing"),
        ("MessageSid", "SM 1", "MessageSid is not an id"),
        ("MessageSid", "S" * 65, "MessageSid is not an id"),
        ("From", "", "From is missing"),
        ("From", "whatsapp:", "From is missing"),
        ("From", "+62\n812", "From is not an address"),
        ("From", "+" + "6" * 90, "From is not an address"),
    ],
)
def test_what_a_message_needs_is_named(field: str, value: str, why: str) -> None:
    with pytest.raises(Unreadable, match=f"^{why}$"):
        read("whatsapp_text", **{field: value})


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("status_whatsapp_delivered", StatusUpdate("SM" + f"{20:032x}", "delivered")),
        ("status_whatsapp_read", StatusUpdate("SM" + f"{20:032x}", "read")),
        ("status_whatsapp_undelivered", StatusUpdate("SM" + f"{20:032x}", "undelivered", "63016")),
        ("status_sms_delivered", StatusUpdate("SM" + f"{21:032x}", "delivered")),
    ],
)
def test_a_status_is_read(name: str, expected: StatusUpdate) -> None:
    assert expected == read_status(payload(name))


def test_error_code_zero_is_none() -> None:
    assert read_status(payload("status_sms_delivered") | {"ErrorCode": "0"}).error_code is None


def test_a_status_without_a_status_is_refused() -> None:
    form = {**payload("status_sms_delivered"), "MessageStatus": "", "SmsStatus": ""}
    with pytest.raises(Unreadable, match="MessageStatus"):
        read_status(form)


def check(form: Mapping[str, str], *, url: str = URL, signature: str | None = None, token: str = TOKEN) -> bool:
    given = sign(url=URL, form=payload("whatsapp_text"), auth_token=TOKEN) if signature is None else signature
    return is_signed(url=url, form=form, signature=given, auth_token=token)


def test_the_right_signature_is_believed() -> None:
    assert check(payload("whatsapp_text"))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"form": payload("whatsapp_text") | {"Body": "lain"}}, id="another body"),
        pytest.param({"form": payload("whatsapp_text") | {"Extra": "1"}}, id="one field more"),
        pytest.param({"url": "http://sapa.example/webhooks/twilio/message"}, id="not https"),
        pytest.param({"url": "https://other.example/webhooks/twilio/message"}, id="another host"),
        pytest.param({"url": URL + "/"}, id="a slash at the end"),
        pytest.param({"url": URL + "?a=1"}, id="a query"),
        pytest.param({"token": "another"}, id="another token"),
        pytest.param({"signature": ""}, id="no signature"),
        pytest.param({"signature": "bm90IGEgc2lnbmF0dXJl"}, id="not a signature"),
        pytest.param({"token": "", "signature": sign(url=URL, form={}, auth_token="x")}, id="no token set"),
    ],
)
def test_anything_else_is_not_believed(change: dict[str, str]) -> None:
    form = payload("whatsapp_text")
    assert not check(**({"form": form} | change))  # type: ignore[arg-type]  # one keyword of several types


def test_without_a_token_nobody_can_sign() -> None:
    form = payload("whatsapp_text")
    assert not check(form, token="", signature=sign(url=URL, form=form, auth_token=""))
