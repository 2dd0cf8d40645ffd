"""The Android phone's webhook: who is let in, what is kept, and what a status changes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.channels.android_forms import SIGNATURE_HEADER, TIMESTAMP_HEADER
from bot.services import Services
from bot.settings import Settings
from bot.webhooks import android
from clinic.contacts import Address
from clinic.database import open_database
from clinic.identity import IdentityKeeper
from clinic.inbound_table import InboundMessage
from clinic.routes import note_look, route_states
from tests.android_gateway import KEY, signed
from tests.sent_world import SentWorld

PATH = "/webhooks/android/sms"
PAYLOADS = Path(__file__).resolve().parents[2] / "payloads"
NAMES = sorted(path.stem.removeprefix("android_") for path in PAYLOADS.glob("android_*.json"))
GATEWAY_ID = "6c1b1d0e-6f0a-5d8e-9b51-1d1d6c0f3a77"
SENT_ID = f"android:{GATEWAY_ID}"


def event(name: str, **payload: Any) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((PAYLOADS / f"android_{name}.json").read_text(encoding="utf-8"))
    read["payload"] |= payload
    return read


@pytest.fixture
def services(sent_world: SentWorld) -> Services:
    settings = Settings.from_environment(
        {
            "SAPA_SECRET_KEY": "a secret of the tests",  # pragma: allowlist secret
            "SAPA_ANDROID_WEBHOOK_KEY": KEY,
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
    app.register_blueprint(android.pages)
    return app


@pytest.fixture
def client(services: Services) -> Iterator[Any]:
    with app_over(services).test_client() as opened:
        yield opened


def post(client: Any, what: object, world: SentWorld, *, seconds_off: float = 0, **headers: str) -> Any:
    body, own = signed(what, at=world.clock() + timedelta(seconds=seconds_off))
    return client.post(PATH, data=body, headers=own | headers)


def kept(world: SentWorld) -> list[InboundMessage]:
    with world.database.reading() as db:
        return list(db.scalars(select(InboundMessage).order_by(InboundMessage.id)))


def counted(name: str) -> int:
    return android.webhook_counts.snapshot().get(name, 0)


def test_an_sms_is_kept_and_confirmed(client: Any, sent_world: SentWorld) -> None:
    answer = post(client, event("sms_received"), sent_world)
    (message,) = kept(sent_world)
    assert (answer.status_code, message.channel, message.text) == (200, "sms", "sy mo dftr poli gigi bsk\npagi")
    assert message.provider_id == "android:Ey6ECgOkVVFjz3CL48B8C"


def test_the_patient_is_answered_by_the_way_they_came(client: Any, sent_world: SentWorld) -> None:
    post(client, event("sms_received_older"), sent_world)
    with sent_world.database.reading() as db:
        address = db.scalars(select(Address)).one()
    assert (address.address, address.channel, address.route) == ("+6281200000001", "sms", "android")


@pytest.mark.parametrize("name", NAMES)
def test_every_recorded_event_is_confirmed(client: Any, sent_world: SentWorld, name: str) -> None:
    assert post(client, event(name), sent_world).status_code == 200


def test_the_same_event_again_is_kept_once(client: Any, sent_world: SentWorld) -> None:
    before = counted("message_again")
    answers = [post(client, event("sms_received"), sent_world).status_code for _ in range(3)]
    assert (answers, len(kept(sent_world)), counted("message_again")) == ([200] * 3, 1, before + 2)


def test_a_retry_two_days_later_is_signed_anew_and_kept_once(client: Any, sent_world: SentWorld) -> None:
    post(client, event("sms_received"), sent_world)
    sent_world.clock.forward(days=2)
    assert post(client, event("sms_received"), sent_world).status_code == 200
    assert len(kept(sent_world)) == 1


def test_the_same_event_eight_times_at_once_is_kept_once(services: Services, sent_world: SentWorld) -> None:
    app = app_over(services)

    def deliver(_number: int) -> int:
        with app.test_client() as client:
            status: int = post(client, event("sms_received"), sent_world).status_code
            return status

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(deliver, range(8)))
    assert (answers, len(kept(sent_world))) == ([200] * 8, 1)


def test_two_sms_with_the_same_words_are_two(client: Any, sent_world: SentWorld) -> None:
    first, second = event("sms_received", message="1"), event("sms_received", message="1")
    second["id"] = "anotherEventOfThePhone"
    post(client, first, sent_world)
    post(client, second, sent_world)
    assert [message.text for message in kept(sent_world)] == ["1", "1"]


def test_an_operators_sms_is_confirmed_and_not_kept(client: Any, sent_world: SentWorld) -> None:
    before = counted("not_a_patient")
    assert post(client, event("sms_received_operator"), sent_world).status_code == 200
    assert (kept(sent_world), counted("not_a_patient")) == ([], before + 1)


@pytest.mark.parametrize("name", ["sms:data-received", "mms:received", "app:started", "sms:tomorrow"])
def test_an_event_that_we_do_not_know_is_confirmed_and_counted(client: Any, sent_world: SentWorld, name: str) -> None:
    before = counted("other")
    answer = post(client, {"event": name, "payload": {}}, sent_world)
    assert (answer.status_code, kept(sent_world), counted("other")) == (200, [], before + 1)


def test_without_a_key_everything_is_refused_with_a_clear_word(services: Services, sent_world: SentWorld) -> None:
    bare = replace(services, settings=replace(services.settings, android_webhook_key=""))
    with app_over(bare).test_client() as client:
        answer = post(client, event("sms_received"), sent_world)
    assert (answer.status_code, "SAPA_ANDROID_WEBHOOK_KEY" in answer.text, kept(sent_world)) == (403, True, [])


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({SIGNATURE_HEADER: ""}, id="no signature"),
        pytest.param({SIGNATURE_HEADER: "0" * 64}, id="a made-up signature"),
        pytest.param({TIMESTAMP_HEADER: ""}, id="no time"),
        pytest.param({TIMESTAMP_HEADER: "1700000000"}, id="another time"),
    ],
)
@pytest.mark.parametrize("name", ["sms_received", "sms_failed", "system_ping"])
def test_what_is_not_signed_is_refused_and_changes_nothing(
    client: Any, sent_world: SentWorld, headers: dict[str, str], name: str
) -> None:
    message_id = sent_world.sent_message(provider_id=SENT_ID, channel="sms")
    answer = post(client, event(name), sent_world, **headers)
    assert (answer.status_code, kept(sent_world)) == (403, [])
    assert (sent_world.row(message_id).state, seen(sent_world)) == ("sent", None)


def test_a_changed_body_is_refused(client: Any, sent_world: SentWorld) -> None:
    _, headers = signed(event("sms_received"), at=sent_world.clock())
    changed = json.dumps(event("sms_received", message="lain"))
    assert client.post(PATH, data=changed, headers=headers).status_code == 403


@pytest.mark.parametrize(("seconds", "status"), [(-301, 403), (-299, 200), (299, 200), (301, 403)])
def test_what_was_recorded_earlier_is_refused(client: Any, sent_world: SentWorld, seconds: int, status: int) -> None:
    assert post(client, event("sms_received"), sent_world, seconds_off=seconds).status_code == status


def test_the_raw_body_is_what_counts(client: Any, sent_world: SentWorld) -> None:
    body = json.dumps(event("sms_received"), indent=3, ensure_ascii=True).encode() + b"\n\n"
    assert post(client, body, sent_world).status_code == 200


def test_a_body_of_64_kilobytes_is_too_large(client: Any, sent_world: SentWorld) -> None:
    answer = post(client, event("sms_received", message="x" * 64 * 1024), sent_world)
    assert (answer.status_code, kept(sent_world)) == (413, [])


def test_a_long_sms_is_kept_whole(client: Any, sent_world: SentWorld) -> None:
    post(client, event("sms_received", message="panjang " * 500), sent_world)
    assert kept(sent_world)[0].text == "panjang " * 500


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param(b"{", "not JSON", id="half"),
        pytest.param(b"[]", "not an object", id="a list"),
        pytest.param(b"{}", "event is missing", id="empty"),
        pytest.param(b'{"event": "sms:received"}', "id is missing", id="no id"),
        pytest.param(b'{"event": "sms:received", "id": "a"}', "payload is missing", id="no payload"),
        pytest.param(b'{"event": "sms:failed", "payload": {}}', "messageId is missing", id="a status of nothing"),
    ],
)
def test_what_is_broken_is_refused_with_its_name(client: Any, sent_world: SentWorld, body: bytes, words: str) -> None:
    answer = post(client, body, sent_world)
    assert (answer.status_code, words in answer.text, kept(sent_world)) == (400, True, [])


@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=200)
    | st.builds(
        lambda name, payload: json.dumps({"id": "a", "event": name, "payload": payload}).encode(),
        st.sampled_from(["sms:received", "sms:sent", "sms:failed", "system:ping", "x"]),
        st.recursive(
            st.none() | st.text(max_size=10) | st.integers(),
            lambda inner: st.dictionaries(
                st.sampled_from(["messageId", "message", "sender", "reason"]), inner, max_size=4
            ),
            max_leaves=4,
        ),
    )
)
def test_whatever_a_phone_signs_gets_a_clear_answer(client: Any, sent_world: SentWorld, body: bytes) -> None:
    assert post(client, body, sent_world).status_code in (200, 400)


def test_a_get_is_not_answered(client: Any) -> None:
    assert client.get(PATH).status_code == 405


@pytest.mark.parametrize("name", ["sms_received", "sms_sent", "system_ping"])
def test_a_broken_database_asks_for_another_try(services: Services, sent_world: SentWorld, name: str) -> None:
    broken = replace(services, database=open_database("sqlite://"))
    with app_over(broken).test_client() as client:
        answer = post(client, event(name), sent_world)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def tell(client: Any, world: SentWorld, name: str, **payload: Any) -> int:
    status: int = post(client, event(f"sms_{name}", messageId=GATEWAY_ID, **payload), world).status_code
    return status


@pytest.mark.parametrize(
    ("told", "state"),
    [
        pytest.param(["sent", "delivered"], "delivered", id="in order"),
        pytest.param(["delivered", "sent"], "delivered", id="backwards"),
        pytest.param(["delivered", "delivered", "delivered"], "delivered", id="a report for each part"),
        pytest.param(["sent", "sent"], "sent", id="twice"),
        pytest.param(["sent", "failed"], "failed", id="sent and then not delivered"),
        pytest.param(["failed", "sent"], "failed", id="failed is final"),
        pytest.param(["delivered", "failed"], "delivered", id="one part came, a report says otherwise"),
    ],
)
def test_statuses_only_move_forward(client: Any, sent_world: SentWorld, told: list[str], state: str) -> None:
    message_id = sent_world.sent_message(provider_id=SENT_ID, channel="sms")
    assert [tell(client, sent_world, name) for name in told] == [200] * len(told)
    assert sent_world.row(message_id).state == state


def test_a_status_of_somebody_elses_message_is_confirmed_and_counted(client: Any, sent_world: SentWorld) -> None:
    before = counted("status_of_unknown")
    assert (tell(client, sent_world, "delivered"), counted("status_of_unknown")) == (200, before + 1)


def test_a_gateway_id_is_not_another_providers(client: Any, sent_world: SentWorld) -> None:
    message_id = sent_world.sent_message(provider_id=GATEWAY_ID, channel="sms")
    tell(client, sent_world, "failed")
    assert sent_world.row(message_id).state == "sent"


def test_a_status_that_overtakes_our_own_commit_is_waited_for(services: Services, sent_world: SentWorld) -> None:
    message_id = sent_world.sending_message(channel="sms")
    app = app_over(services)

    def status() -> int:
        with app.test_client() as client:
            return tell(client, sent_world, "delivered")

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(status)
        sent_world.mark_sent(message_id, provider_id=SENT_ID)
        assert waiting.result(timeout=10) == 200
    assert sent_world.row(message_id).state == "delivered"


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        pytest.param("TTL expired", "Nyalakan HP", id="the phone was off for too long"),
        pytest.param("Delivery result from SC +6281100000: 65", "cara lain", id="not delivered"),
        pytest.param("something new", "sebabnya tidak diketahui", id="a reason nobody knows"),
    ],
)
def test_a_failure_becomes_a_case_with_its_reason(client: Any, sent_world: SentWorld, reason: str, words: str) -> None:
    sent_world.sent_message(provider_id=SENT_ID, channel="sms")
    for _ in range(3):
        tell(client, sent_world, "failed", reason=reason)
    (case,) = sent_world.cases()
    assert (case.kind, words in case.text) == ("delivery", True)


def test_a_number_that_takes_nothing_is_marked(client: Any, sent_world: SentWorld) -> None:
    sent_world.sent_message(provider_id=SENT_ID, channel="sms")
    tell(client, sent_world, "failed", reason="sendSMS: Invalid phone number")
    with sent_world.database.reading() as db:
        assert db.scalar(select(Address.blocked_at)) is not None


def test_without_signal_the_same_is_sent_again_later(client: Any, sent_world: SentWorld) -> None:
    sent_world.sent_message(provider_id=SENT_ID, channel="sms", key="inbound:1:1")
    tell(client, sent_world, "failed")
    again = sent_world.row_by_key("inbound:1:1:again1")
    assert (again.state, again.channel, again.not_before - sent_world.clock()) == (
        "queued",
        "sms",
        timedelta(minutes=5),
    )


def seen(world: SentWorld) -> Any:
    with world.database.reading() as db:
        return route_states(db, ("android",))["android"].seen_at


def trouble(world: SentWorld) -> str | None:
    with world.database.reading() as db:
        return route_states(db, ("android",))["android"].trouble


@pytest.mark.parametrize("name", NAMES)
def test_whatever_the_phone_says_it_is_there(client: Any, sent_world: SentWorld, name: str) -> None:
    post(client, event(name), sent_world)
    assert seen(sent_world) == sent_world.clock()


@pytest.mark.parametrize(("before", "after"), [("phone_offline", None), ("android_login", "android_login")])
def test_a_phone_that_speaks_is_no_longer_offline(
    client: Any, sent_world: SentWorld, before: str, after: str | None
) -> None:
    with sent_world.database.transaction() as db:
        note_look(db, "android", seen_at=sent_world.clock(), trouble=before)
    post(client, event("system_ping"), sent_world)
    assert trouble(sent_world) == after
