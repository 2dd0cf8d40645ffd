"""The stand-in for Twilio: it refuses, keeps, lists and calls back as the real one does."""

from __future__ import annotations

import json
import queue
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request
from werkzeug.serving import make_server

from bot.channels.twilio_forms import is_signed
from bot.settings import DEMO_ACCOUNT, DEMO_TOKEN
from bot.simulator.carrier import Carrier, carrier_blueprint, create_carrier_app
from bot.simulator.carrier_store import CarrierStore
from bot.simulator.patient import Button, Location, Media, sms_form, whatsapp_form

MESSAGES = f"/2010-04-01/Accounts/{DEMO_ACCOUNT}/Messages.json"
KEYS = (DEMO_ACCOUNT, DEMO_TOKEN)
SMS = {"To": "+6281200000001", "From": "+62811000002", "Body": "Baik."}
PAYLOADS = Path(__file__).resolve().parents[2] / "payloads"


@pytest.fixture
def store(tmp_path: Path) -> CarrierStore:
    return CarrierStore(tmp_path / "carrier.db")


@pytest.fixture
def client(store: CarrierStore) -> Iterator[Any]:
    with create_carrier_app(Carrier(store)).test_client() as opened:
        yield opened


@pytest.fixture
def listener() -> Iterator[tuple[str, queue.Queue[tuple[str, dict[str, str]]]]]:
    """A server that notes the forms it gets, with the address and signature they came with."""
    got: queue.Queue[tuple[str, dict[str, str]]] = queue.Queue()
    app = Flask("listener")

    @app.post("/status")
    def note() -> str:
        got.put((request.headers["X-Twilio-Signature"], request.form.to_dict()))
        return ""

    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/status", got
    server.shutdown()
    thread.join(timeout=5)


def test_a_message_is_taken_as_queued(client: Any) -> None:
    answer = client.post(MESSAGES, data=SMS, auth=KEYS)
    assert (answer.status_code, answer.json["status"], answer.json["to"]) == (201, "queued", SMS["To"])


@pytest.mark.parametrize(
    ("keys", "status"),
    [
        pytest.param(None, 401, id="no keys"),
        pytest.param((DEMO_ACCOUNT, "wrong"), 401, id="wrong token"),
        pytest.param(("AC" + "1" * 32, DEMO_TOKEN), 401, id="another account"),
    ],
)
def test_only_the_account_may_send(client: Any, keys: tuple[str, str] | None, status: int) -> None:
    assert client.post(MESSAGES, data=SMS, auth=keys).status_code == status


def test_another_accounts_messages_are_not_found(client: Any) -> None:
    assert client.get(MESSAGES.replace("AC0", "AC1"), auth=KEYS).status_code == 404


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param({"To": ""}, 21604, id="nobody"),
        pytest.param({"To": "0812"}, 21211, id="no country"),
        pytest.param({"To": "+0812345678"}, 21211, id="a zero behind the plus"),
        pytest.param({"To": "halo"}, 21211, id="a word"),
        pytest.param({"From": ""}, 21603, id="no sender"),
        pytest.param({"From": "whatsapp:+62811000001"}, 21612, id="WhatsApp to SMS"),
        pytest.param({"Body": ""}, 21602, id="no words"),
        pytest.param({"Body": "x" * 1601}, 21617, id="too long"),
        pytest.param({"ContentSid": "HX1"}, 21655, id="no template"),
        pytest.param({"ContentSid": "HX" + "0" * 32}, 21655, id="a template that is not there"),
        pytest.param({"ContentSid": "HX" + "0" * 32, "ContentVariables": "{"}, 21656, id="broken values"),
    ],
)
def test_what_twilio_would_refuse_is_refused(client: Any, change: dict[str, str], code: int) -> None:
    answer = client.post(MESSAGES, data=SMS | change, auth=KEYS)
    assert (400, code) == (answer.status_code, answer.json["code"])


def test_the_list_shows_one_patients_messages_newest_first(client: Any) -> None:
    for to, body in (("+6281200000001", "satu"), ("+6281200000002", "lain"), ("+6281200000001", "dua")):
        client.post(MESSAGES, data=SMS | {"To": to, "Body": body}, auth=KEYS)
    listed = client.get(MESSAGES, query_string={"To": "+6281200000001"}, auth=KEYS).json["messages"]
    assert [message["body"] for message in listed] == ["dua", "satu"]


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"DateSent>": "2020-01-01"}, 1),
        ({"DateSent>": "2999-01-01"}, 0),
        ({"DateSent<": "2999-01-01T00:00:00Z"}, 1),
        ({"DateSent<": "2020-01-01"}, 0),
        ({"DateSent": "2020-01-01"}, 0),
    ],
)
def test_the_list_compares_days(client: Any, asked: dict[str, str], count: int) -> None:
    client.post(MESSAGES, data=SMS, auth=KEYS)
    assert len(client.get(MESSAGES, query_string=asked, auth=KEYS).json["messages"]) == count


def test_one_message_is_fetched_by_its_id(client: Any) -> None:
    sid = client.post(MESSAGES, data=SMS, auth=KEYS).json["sid"]
    address = MESSAGES.replace(".json", f"/{sid}.json")
    assert client.get(address, auth=KEYS).json["sid"] == sid
    assert client.get(address.replace(sid, "SM0"), auth=KEYS).status_code == 404


def test_messages_survive_a_restart(store: CarrierStore, client: Any) -> None:
    client.post(MESSAGES, data=SMS, auth=KEYS)
    reopened = CarrierStore(store.path)
    reopened.prepare()
    assert [message.body for message in reopened.messages_for(SMS["To"])] == ["Baik."]


def test_a_phone_reads_only_what_is_new(store: CarrierStore, client: Any) -> None:
    client.post(MESSAGES, data=SMS, auth=KEYS)
    (first,) = store.messages_for(SMS["To"])
    client.post(MESSAGES, data=SMS | {"Body": "Lagi."}, auth=KEYS)
    assert [message.body for message in store.messages_for(SMS["To"], after_id=first.id)] == ["Lagi."]


def test_callbacks_come_signed_and_in_order(store: CarrierStore, listener: Any) -> None:
    url, got = listener
    carrier = Carrier(store, sent_after=0.01, delivered_after=0.02)
    with create_carrier_app(carrier).test_client() as client:
        client.post(MESSAGES, data=SMS | {"StatusCallback": url}, auth=KEYS)
    seen = [got.get(timeout=10) for _ in range(2)]
    signed = [is_signed(url=url, form=form, signature=signature, auth_token=DEMO_TOKEN) for signature, form in seen]
    assert ([form["MessageStatus"] for _, form in seen], signed) == (["sent", "delivered"], [True, True])


def test_a_fate_can_be_chosen(store: CarrierStore, listener: Any) -> None:
    url, got = listener
    carrier = Carrier(store, sent_after=0.01, delivered_after=0.02)
    with create_carrier_app(carrier).test_client() as client:
        client.post("/faults", data={"final_status": "undelivered", "final_code": "63016"}, auth=KEYS)
        client.post(MESSAGES, data=SMS | {"StatusCallback": url}, auth=KEYS)
    got.get(timeout=10)
    form = got.get(timeout=10)[1]
    assert (form["MessageStatus"], form["ErrorCode"]) == ("undelivered", "63016")


def test_a_fault_lasts_as_often_as_it_was_told(client: Any) -> None:
    client.post("/faults", data={"status": "503", "code": "20503", "times": "2"}, auth=KEYS)
    answers = [client.post(MESSAGES, data=SMS, auth=KEYS).status_code for _ in range(3)]
    assert answers == [503, 503, 201]


def test_an_empty_form_ends_a_fault(client: Any) -> None:
    client.post("/faults", data={"status": "500"}, auth=KEYS)
    client.post("/faults", auth=KEYS)
    assert client.post(MESSAGES, data=SMS, auth=KEYS).status_code == 201


def test_the_carrier_lives_under_a_prefix_too(store: CarrierStore) -> None:
    store.prepare()
    app = Flask("prefixed")
    app.register_blueprint(carrier_blueprint(Carrier(store)), url_prefix="/simulator/twilio")
    assert app.test_client().post("/simulator/twilio" + MESSAGES, data=SMS, auth=KEYS).status_code == 201


def recorded_fields(name: str) -> set[str]:
    return set(json.loads((PAYLOADS / f"twilio_{name}.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("form", "recorded"),
    [
        pytest.param(
            whatsapp_form(
                sender="+6281200000001",
                recipient="+62811000001",
                text="",
                media=(Media("https://media.example/1", "image/jpeg"),),
            ),
            "whatsapp_photo",
            id="photo",
        ),
        pytest.param(
            whatsapp_form(
                sender="+6281200000001",
                recipient="+62811000001",
                text="",
                location=Location(-0.5, 117.15, "Pasar"),
            ),
            "whatsapp_location",
            id="location",
        ),
        pytest.param(
            whatsapp_form(sender="+6281200000001", recipient="+62811000001", text="", button=Button("Datang", "1")),
            "whatsapp_button",
            id="button",
        ),
        pytest.param(sms_form(sender="+6281200000002", recipient="+62811000002", text="ANTRI"), "sms_text", id="SMS"),
    ],
)
def test_a_simulated_form_has_no_field_that_twilio_lacks(form: dict[str, str], recorded: str) -> None:
    assert set(form) - recorded_fields(recorded) == set()


QUICK = {"twilio/quick-reply": {"body": "{{1}}", "actions": [{"title": "{{2}}", "id": "1", "type": "QUICK_REPLY"}]}}


def make_content(client: Any, types: dict[str, Any] = QUICK, **fields: Any) -> Any:
    given = {"friendly_name": "x", "language": "id", "variables": {"1": "a", "2": "b"}, "types": types}
    return client.post("/v1/Content", json=given | fields, auth=KEYS)


def test_a_content_is_filled_with_the_values_of_a_message(store: CarrierStore, client: Any) -> None:
    sid = make_content(client).json["sid"]
    fields = {"Body": "", "ContentSid": sid, "ContentVariables": '{"1": "Lanjut?"}'}
    client.post(MESSAGES, data=SMS | fields, auth=KEYS)
    (kept,) = store.outbound()
    assert ("Lanjut?", [("b", "1")]) == (kept.body, [(button.title, button.id) for button in kept.buttons])


@pytest.mark.parametrize("value", ["a\\nb", "a\\tb", "a      b", "", " "], ids=["line", "tab", "gap", "empty", "blank"])
def test_values_that_twilio_refuses_are_refused(client: Any, value: str) -> None:
    sid = make_content(client).json["sid"]
    fields = {"Body": "", "ContentSid": sid, "ContentVariables": f'{{"1": "{value}"}}'}
    answer = client.post(MESSAGES, data=SMS | fields, auth=KEYS)
    assert (400, 21656) == (answer.status_code, answer.json["code"])


def test_contents_are_listed_looked_at_and_deleted(client: Any) -> None:
    sid = make_content(client).json["sid"]
    listed = client.get("/v1/Content", auth=KEYS).json["contents"]
    before, deleted, after = (
        client.open(f"/v1/Content/{sid}", method=method, auth=KEYS).status_code for method in ("GET", "DELETE", "GET")
    )
    assert ([sid], 200, 204, 404) == ([content["sid"] for content in listed], before, deleted, after)


@pytest.mark.parametrize(
    ("given", "status"),
    [
        pytest.param({"name": "a_name", "category": "UTILITY"}, 201, id="as Twilio wants it"),
        pytest.param({"name": "A Name", "category": "UTILITY"}, 400, id="capitals and spaces"),
        pytest.param({"name": "a_name", "category": "OTHER"}, 400, id="no such category"),
    ],
)
def test_approval_is_asked_for_by_name_and_category(client: Any, given: dict[str, str], status: int) -> None:
    sid = make_content(client).json["sid"]
    asked = client.post(f"/v1/Content/{sid}/ApprovalRequests/whatsapp", json=given, auth=KEYS)
    said = client.get(f"/v1/Content/{sid}/ApprovalRequests", auth=KEYS).json["whatsapp"]["status"]
    assert (status, "approved" if status == 201 else "unsubmitted") == (asked.status_code, said)


def test_a_file_of_an_older_version_gets_what_it_lacks(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path)) as old, old:
        old.execute(
            "CREATE TABLE message (id INTEGER PRIMARY KEY, sid TEXT, direction TEXT, sender TEXT, recipient TEXT,"
            " body TEXT, content_sid TEXT, status_callback TEXT, status TEXT, error_code TEXT, created_at TEXT)"
        )
    store = CarrierStore(path)
    for _ in range(2):
        store.prepare()
    store.add(sid="SM1", direction="inbound", sender="a", recipient="b", body="x", status="sent", now=datetime.now(UTC))
    assert () == store.messages_for("a")[0].buttons
