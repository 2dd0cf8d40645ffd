"""The Android gateway's events: who signed them and when, and what they say in our words."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from bot.channels import StatusUpdate, Unreadable
from bot.channels.android_forms import (
    STATUSES,
    failure_code,
    read_event,
    read_message,
    read_status,
    refused_because,
    sign,
)
from bot.channels.refusals import is_known
from bot.channels.senders import NotAPatient
from clinic.outbox_status import STATES
from tests.conftest import ROOT, missing

PAYLOADS = ROOT / "tests" / "payloads"
NAMES = sorted(path.stem.removeprefix("android_") for path in PAYLOADS.glob("android_*.json"))
KEY = "kunci-uji-tanda-tangan"  # pragma: allowlist secret
NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))
PAYLOAD_SCHEMAS = {
    "sms:received": "SmsReceivedPayload",
    "sms:sent": "SmsSentPayload",
    "sms:delivered": "SmsDeliveredPayload",
    "sms:failed": "SmsFailedPayload",
    "system:ping": "SystemPingPayload",
}


def event(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((PAYLOADS / f"android_{name}.json").read_text(encoding="utf-8"))
    return read


@pytest.fixture
def description() -> dict[str, Any]:
    """The app's own description of its API."""
    folder = Path(os.environ.get("SAPA_SPECS") or ROOT.parent / "shared" / "specs")
    path = folder / "android-sms-gateway.openapi.json"
    if not path.is_file():
        missing(f"{path} is missing: set SAPA_SPECS to the folder that holds the Android gateway's description")
    read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return read


def faults(description: dict[str, Any], schema: str, instance: object) -> list[str]:
    """What the description has against this; OpenAPI's `nullable` is given to JSON Schema in its own words."""
    whole = {"components": _with_null(description["components"]), "$ref": f"#/components/schemas/{schema}"}
    validator = Draft4Validator(whole, format_checker=Draft4Validator.FORMAT_CHECKER)
    return [error.message for error in validator.iter_errors(instance)]


def _with_null(node: Any) -> Any:
    if isinstance(node, list):
        return [_with_null(each) for each in node]
    if not isinstance(node, dict):
        return node
    inner = {name: _with_null(value) for name, value in node.items()}
    if inner.get("nullable") is True and isinstance(inner.get("type"), str):
        inner["type"] = [inner["type"], "null"]
    return inner


@pytest.mark.parametrize("name", NAMES)
def test_each_recorded_event_is_one_of_the_apps(description: dict[str, Any], name: str) -> None:
    recorded = event(name)
    envelope = description["components"]["schemas"]["WebHookEvent"]
    # Every payload fits several of the payloads that "oneOf" lists: which one it is, the event says.
    del envelope["properties"]["payload"]
    assert faults(description, "WebHookEvent", recorded) == []
    assert faults(description, PAYLOAD_SCHEMAS[recorded["event"]], recorded["payload"]) == []


@pytest.mark.parametrize("name", NAMES)
def test_no_recorded_event_has_a_field_that_the_app_does_not_have(description: dict[str, Any], name: str) -> None:
    recorded = event(name)
    known = _fields(description, PAYLOAD_SCHEMAS[recorded["event"]]) | _AS_DOCUMENTED
    assert set(recorded["payload"]) <= known


_AS_DOCUMENTED = {"health", "partsCount"}
"""In the app's handbook and code, not yet in its description."""


def _fields(description: dict[str, Any], name: str) -> set[str]:
    schema = description["components"]["schemas"][name]
    fields = set(schema.get("properties", {}))
    for part in schema.get("allOf", []):
        fields |= set(part.get("properties", {}))
        if "$ref" in part:
            fields |= _fields(description, part["$ref"].rsplit("/", 1)[1])
    return fields


def test_a_wrong_event_is_found_out(description: dict[str, Any]) -> None:
    assert faults(description, "SmsReceivedPayload", {"message": 7}) != []
    assert faults(description, "SmsReceivedPayload", {"simNumber": "satu"}) != []
    assert faults(description, "SmsReceivedPayload", {"simNumber": None}) == []
    assert faults(description, "smsgateway.WebhookEvent", "sms:dreamt") != []
    assert faults(description, "WebHookEvent", {"event": "sms:received"}) != []


def test_a_signature_is_the_one_the_app_makes() -> None:
    # Computed with: printf '%s' '{"a":1}1700000000' | openssl dgst -sha256 -hmac kunci
    expected = "ccc16c9902af7269fb4370a70bbd8145c1b15d0bebdcbef2e7563742051d0f60"  # pragma: allowlist secret
    assert sign(b'{"a":1}', timestamp="1700000000", key="kunci") == expected


def refused(body: bytes = b"{}", *, timestamp: str = STAMP, signature: str | None = None, **more: Any) -> str | None:
    given_key = more.pop("key", KEY)
    made = sign(body, timestamp=timestamp, key=KEY) if signature is None else signature
    return refused_because(body, timestamp=timestamp, signature=made, key=given_key, now=NOW)


def test_what_the_phone_signed_just_now_is_taken() -> None:
    assert refused() is None


@pytest.mark.parametrize("seconds", [-300, -1, 0, 1, 300])
def test_clocks_may_differ_by_five_minutes(seconds: int) -> None:
    assert refused(timestamp=str(int(NOW.timestamp()) + seconds)) is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        pytest.param(-301, "301 seconds behind", id="a second too late"),
        pytest.param(301, "301 seconds ahead of", id="a second too early"),
        pytest.param(-(10**9), "behind", id="long ago"),
    ],
)
def test_what_was_signed_at_another_time_is_refused_with_the_difference(seconds: int, words: str) -> None:
    said = refused(timestamp=str(int(NOW.timestamp()) + seconds))
    assert said is not None
    assert words in said


@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param({"key": ""}, "SAPA_ANDROID_WEBHOOK_KEY", id="without a key"),
        pytest.param({"key": "kunci lain"}, "does not match", id="another key"),
        pytest.param({"signature": ""}, "does not match", id="no signature"),
        pytest.param({"signature": "0" * 64}, "does not match", id="a made-up signature"),
        pytest.param({"signature": "\u00e9\udcff\U0001f600"}, "does not match", id="letters that no signature has"),
        pytest.param({"timestamp": ""}, "X-Timestamp", id="no time"),
        pytest.param({"timestamp": "besok"}, "X-Timestamp", id="a time that is none"),
        pytest.param({"timestamp": "1e9"}, "X-Timestamp", id="a float"),
        pytest.param({"timestamp": "-5"}, "X-Timestamp", id="before all time"),
        pytest.param({"timestamp": "9" * 40}, "X-Timestamp", id="a time without end"),
        pytest.param({"timestamp": "١٧٠٠٠٠٠٠٠٠"}, "X-Timestamp", id="digits of another script"),
    ],
)
def test_anything_else_is_refused_with_what_to_look_at(options: dict[str, Any], words: str) -> None:
    said = refused(**options)
    assert said is not None
    assert words in said


@given(body=st.binary(max_size=200), change=st.integers(min_value=0, max_value=199))
def test_one_changed_byte_is_noticed(body: bytes, change: int) -> None:
    made = sign(body, timestamp=STAMP, key=KEY)
    position = change % (len(body) + 1)
    other = body[:position] + b"x" + body[position:]
    assert refused_because(other, timestamp=STAMP, signature=made, key=KEY, now=NOW) is not None


def test_the_time_is_part_of_what_is_signed() -> None:
    made = sign(b"{}", timestamp=STAMP, key=KEY)
    later = str(int(STAMP) + 60)
    assert refused_because(b"{}", timestamp=later, signature=made, key=KEY, now=NOW) is not None


def test_a_patients_sms_in_our_words() -> None:
    said = read_message(event("sms_received"))
    assert (said.provider_id, said.channel, said.route) == ("android:Ey6ECgOkVVFjz3CL48B8C", "sms", "android")
    assert (said.address, said.text) == ("+6281200000001", "sy mo dftr poli gigi bsk\npagi")
    assert said.extra == {"received_at": "2026-11-24T08:59:30.000+08:00", "sim": 1}


def test_an_sms_of_an_older_app_says_phone_number_for_sender() -> None:
    assert read_message(event("sms_received_older")).address == "+6281200000001"


def test_an_sms_of_an_operator_is_no_patients() -> None:
    with pytest.raises(NotAPatient):
        read_message(event("sms_received_operator"))


def test_control_letters_are_left_out_and_what_is_endless_is_cut() -> None:
    recorded = event("sms_received")
    recorded["payload"]["message"] = "a\x00b\ud83d" + "c" * 20_000
    said = read_message(recorded)
    assert (said.text[:4], len(said.text)) == ("abcc", 16_000)


@pytest.mark.parametrize(
    ("name", "update"),
    [
        ("sms_sent", StatusUpdate("android:6c1b1d0e-6f0a-5d8e-9b51-1d1d6c0f3a77", "sent")),
        ("sms_delivered", StatusUpdate("android:6c1b1d0e-6f0a-5d8e-9b51-1d1d6c0f3a77", "delivered")),
        ("sms_failed", StatusUpdate("android:6c1b1d0e-6f0a-5d8e-9b51-1d1d6c0f3a77", "failed", "android_no_signal")),
    ],
)
def test_a_status_in_our_words(name: str, update: StatusUpdate) -> None:
    assert read_status(event(name)) == update


def test_every_status_is_one_that_the_outbox_knows() -> None:
    assert set(STATUSES.values()) <= set(STATES)


REASONS = [
    ("TTL expired", "android_expired"),
    ("Can't send message: No SIMs found", "android_no_sim"),
    ("sendSMS: SIM 2 not found", "android_no_sim"),
    ("Send result: RESULT_RIL_SIM_ABSENT (The radio failed ...)", "android_no_sim"),
    ("Send result: RESULT_NO_DEFAULT_SMS_APP (Set by ...)", "android_no_sim"),
    ("sendSMS: Neither user 10052 nor current process has android.permission.SEND_SMS.", "android_no_sim"),
    ("Send result: RESULT_ERROR_RADIO_OFF (Failed because radio was explicitly turned off)", "android_no_signal"),
    ("Send result: RESULT_ERROR_NO_SERVICE (Failed because service is currently unavailable)", "android_no_signal"),
    ("Send result: RESULT_RIL_RADIO_NOT_AVAILABLE (The radio did not start)", "android_no_signal"),
    ("Send result: RESULT_ERROR_LIMIT_EXCEEDED (Failed because we reached the sending queue limit)", "android_limit"),
    ("Send result: RESULT_ERROR_GENERIC_FAILURE (Generic failure cause)", "android_not_sent"),
    ("Send result: RESULT_RIL_NETWORK_ERR (The radio received an error)", "android_not_sent"),
    ("Delivery result from SC +6281100000: 70", "android_out_of_reach"),
    ("Delivery result from SC +6281100000: 96", "android_out_of_reach"),
    ("Delivery result from SC +6281100000: 127", "android_out_of_reach"),
    ("Delivery result from SC +6281100000: 65", "android_undelivered"),
    ("Delivery result from SC +6281100000: 700", "android_undelivered"),
    ("Delivery result: 1", "android_undelivered"),
    ("sendSMS: Invalid phone number", "android_bad_number"),
    ("Unknown", "android_failed"),
    ("", "android_failed"),
    (None, "android_failed"),
    (7, "android_failed"),
]


@pytest.mark.parametrize(("reason", "code"), REASONS)
def test_each_reason_has_its_code(reason: object, code: str) -> None:
    assert failure_code(reason) == code


def test_every_code_is_in_the_table_of_refusals() -> None:
    assert [] == [code for _, code in REASONS if not is_known(code)]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{", id="half"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b'"sms:received"', id="a text"),
        pytest.param(b"null", id="null"),
        pytest.param(b"{}", id="no event"),
        pytest.param(b'{"event": 7}', id="an event that is none"),
        pytest.param(b'{"event": ""}', id="an empty event"),
        pytest.param(b"\xff\xfe\xfa", id="no text"),
        pytest.param(b"[" * 30_000, id="very deep"),
    ],
)
def test_a_body_that_is_no_event_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read_event(body)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        pytest.param(("id",), None, id="no id"),
        pytest.param(("id",), 7, id="a number for an id"),
        pytest.param(("id",), "a b", id="an id with a space"),
        pytest.param(("id",), "x" * 65, id="an endless id"),
        pytest.param(("payload",), None, id="no payload"),
        pytest.param(("payload",), [], id="a list for a payload"),
        pytest.param(("payload", "message"), None, id="no text"),
        pytest.param(("payload", "message"), {"text": "a"}, id="an object for a text"),
        pytest.param(("payload", "sender"), 6281200000001, id="a number for a sender"),
    ],
)
def test_an_sms_that_lacks_something_is_unreadable(path: tuple[str, ...], value: object) -> None:
    recorded = event("sms_received")
    place = recorded
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    with pytest.raises(Unreadable):
        read_message(recorded)


@pytest.mark.parametrize("message_id", [None, "", 7, "a b", "x" * 65])
def test_a_status_without_a_message_is_unreadable(message_id: object) -> None:
    recorded = event("sms_delivered")
    recorded["payload"]["messageId"] = message_id
    with pytest.raises(Unreadable):
        read_status(recorded)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "id": ANYTHING,
            "event": st.sampled_from([*PAYLOAD_SCHEMAS, "mms:received"]) | ANYTHING,
            "payload": st.fixed_dictionaries(
                {},
                optional={
                    name: ANYTHING
                    for name in ("messageId", "message", "sender", "phoneNumber", "reason", "simNumber", "receivedAt")
                },
            )
            | ANYTHING,
        },
    )
)
def test_whatever_comes_is_read_or_unreadable(given_event: dict[str, Any]) -> None:
    for read in (lambda: read_message(given_event), lambda: read_status(given_event)):
        try:
            read()
        except Unreadable:
            continue


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_whatever_bytes_come_are_an_event_or_unreadable(body: bytes) -> None:
    try:
        assert isinstance(read_event(body)["event"], str)
    except Unreadable:
        return


def test_a_stamp_of_a_phone_an_hour_off_names_the_hour() -> None:
    off = NOW + timedelta(hours=1)
    said = refused(timestamp=str(int(off.timestamp())))
    assert said == "signed 3600 seconds ahead of our time: check both clocks"
