"""What the fake answers against Twilio's own description of it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator

from tests.conftest import missing
from tests.twilio_fake.conftest import OpenFake

ROOT = Path(__file__).resolve().parents[2]
MESSAGES = "/2010-04-01/Accounts/{AccountSid}/Messages.json"
ONE_MESSAGE = "/2010-04-01/Accounts/{AccountSid}/Messages/{Sid}.json"
SENDER = "+62811000002"


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    """Twilio's description, with "nullable" said as JSON Schema says it."""
    folder = Path(os.environ.get("SAPA_SPECS") or ROOT.parent / "shared" / "specs")
    path = folder / "twilio_messages_content_trimmed.json"
    if not path.is_file():
        missing(f"{path} is missing: set SAPA_SPECS to the folder that holds Twilio's description")
    found: dict[str, Any] = _plain(json.loads(path.read_text(encoding="utf-8")))
    return found


def _plain(part: Any) -> Any:
    """OpenAPI 3.0's nullable becomes a type of JSON Schema."""
    if isinstance(part, list):
        return [_plain(one) for one in part]
    if not isinstance(part, dict):
        return part
    plain = {name: _plain(value) for name, value in part.items()}
    if plain.get("nullable") is True and isinstance(plain.get("type"), str):
        plain["type"] = [plain["type"], "null"]
    return plain


def _schema(described: dict[str, Any], path: str, verb: str, status: str) -> dict[str, Any]:
    answer = described["paths"][path][verb]["responses"][status]
    schema: dict[str, Any] = answer["content"]["application/json"]["schema"]
    return schema | {"components": described["components"]}


def _faults(schema: dict[str, Any], answer: Any) -> list[str]:
    return [f"{list(error.path)}: {error.message}" for error in Draft4Validator(schema).iter_errors(answer)]


def _create(fake: OpenFake, **fields: Any) -> Any:
    asked = {name: [value] if isinstance(value, str) else value for name, value in fields.items()}
    return _wire(fake.account.create({"To": ["+6281200000001"], "From": [SENDER]} | asked).body)


def _wire(answer: Any) -> Any:
    """As it arrives."""
    return json.loads(json.dumps(answer))


FORMS = [
    pytest.param({"Body": "Baik."}, id="a text"),
    pytest.param({"Body": "Lihat.", "MediaUrl": ["https://a.example/1"]}, id="a picture"),
    pytest.param({"Body": "Baik.", "MessagingServiceSid": "MG" + "b" * 32}, id="by a service"),
]


@pytest.mark.parametrize("fields", FORMS)
def test_a_message_that_was_taken_fits_twilios_description(
    fake: OpenFake, described: dict[str, Any], fields: dict[str, Any]
) -> None:
    answer = _create(fake, **fields)
    assert _faults(_schema(described, MESSAGES, "post", "201"), answer) == []
    assert answer.keys() == described["components"]["schemas"]["api.v2010.account.message"]["properties"].keys()


def test_a_message_that_is_looked_at_fits_twilios_description(fake: OpenFake, described: dict[str, Any]) -> None:
    reply = fake.account.show_one(_create(fake, Body="Baik.")["sid"])
    assert _faults(_schema(described, ONE_MESSAGE, "get", "200"), dict(reply.body)) == []


def test_a_list_fits_twilios_description_field_by_field(fake: OpenFake, described: dict[str, Any]) -> None:
    for number in range(3):
        _create(fake, Body=f"Pesan {number}.")
    schema = _schema(described, MESSAGES, "get", "200")
    for asked in ({"PageSize": "2"}, {"PageSize": "2", "Page": "1", "PageToken": "PASM" + f"{2:032x}"}, {}):
        answer = dict(fake.account.show_list(asked, path="/2010-04-01/Messages.json").body)
        assert _faults(schema, answer) == []
        assert answer.keys() == schema["properties"].keys()


BUTTONS = {"body": "Mau apa?", "actions": [{"type": "QUICK_REPLY", "title": "Antri", "id": "1"}]}


def test_contents_and_their_approvals_fit_twilios_description(fake: OpenFake, described: dict[str, Any]) -> None:
    given = {"friendly_name": "a", "language": "id", "variables": {"1": "x"}, "types": {"twilio/quick-reply": BUTTONS}}
    made = fake.account.content("POST", "/v1/Content", given).body
    one, request = f"/v1/Content/{made['sid']}", {"name": "a", "category": "UTILITY"}
    asked = fake.account.content("POST", f"{one}/ApprovalRequests/whatsapp", request).body
    answers = {
        ("/v1/Content", "post", "201"): made,
        ("/v1/Content", "get", "200"): fake.account.content("GET", "/v1/Content", {"PageSize": "10"}).body,
        ("/v1/Content/{Sid}", "get", "200"): fake.account.content("GET", one, {}).body,
        ("/v1/Content/{ContentSid}/ApprovalRequests/whatsapp", "post", "201"): asked,
        ("/v1/Content/{Sid}/ApprovalRequests", "get", "200"): fake.account.content(
            "GET", f"{one}/ApprovalRequests", {}
        ).body,
    }
    faults = [
        fault for place, answer in answers.items() for fault in _faults(_schema(described, *place), _wire(answer))
    ]
    assert faults == []
    assert made.keys() == described["components"]["schemas"]["content.v1.content"]["properties"].keys()


def test_an_answer_that_does_not_fit_is_found(fake: OpenFake, described: dict[str, Any]) -> None:
    answer = _create(fake, Body="Baik.") | {"status": "gone", "sid": "SM1"}
    assert len(_faults(_schema(described, MESSAGES, "post", "201"), answer)) == 3
