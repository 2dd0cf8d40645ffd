"""The client against the stand-in and against every shape of reply that the fact sheet lists."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.bpjs.answers import read_answer
from bot.bpjs.antrean import AntreanClient, DoctorAtBpjs, PoliAtBpjs
from bot.bpjs.sealed import NotOpened, open_sealed
from bot.bpjs.signing import BpjsKeys, timestamp_of
from tests.bpjs_standin.server import CONS_ID, SECRET, USER_KEY, StandIn, seal
from tests.jkn_world import served
from tests.processes import free_port

KEYS = BpjsKeys(CONS_ID, SECRET, USER_KEY)
DAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
ADD = {"nomorkartu": "0001234567890", "kodepoli": "001", "tanggalperiksa": "2026-11-24", "angkaantrean": 32}
VECTOR = (
    "HEDmr2OkGKNDgvQC4hA371h8VTzizw7daZ4HJppzkvtnEPCCYNpk"  # pragma: allowlist secret
    "SqLAn2VMjR8yPYelaC/d8RzooYWdOuJGJ30a4BWmUiz8AYgEa4GF/"  # pragma: allowlist secret
    "oRCSbCD4JCRR+hKbmQ/xqrad7k6+8QEL1kEM5bdl2CUYg=="  # pragma: allowlist secret
)


def test_the_signature_of_the_fact_sheet_is_made() -> None:
    headers = KEYS.headers("1767225600")
    assert "lHSRD0JwZ2Dcs4jOzs34dgRyRVSDUNyn2+ud245w2HM=" == headers["X-signature"]
    assert (CONS_ID, "1767225600", USER_KEY) == (headers["X-cons-id"], headers["X-timestamp"], headers["user_key"])


def test_the_sealed_answer_of_the_fact_sheet_is_opened() -> None:
    opened = open_sealed(VECTOR, KEYS.answer_key("1767225600"))
    assert {"noKartu": "0001234567890", "nama": "SITI CONTOH", "aktif": True} == opened


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(VECTOR, id="another timestamp"),
        pytest.param("", id="nothing"),
        pytest.param("tidak ditemukan", id="plain words"),
        pytest.param("AAAA", id="no whole block"),
        pytest.param("A" * 64, id="zeros"),
        pytest.param(VECTOR[:-24], id="cut off"),
    ],
)
def test_what_does_not_open_is_said_not_to(text: str) -> None:
    with pytest.raises(NotOpened):
        open_sealed(text, KEYS.answer_key("1767225601"))


@pytest.mark.parametrize("value", ["", "x", "a" * 5000, "é" * 40, '{"a": [1, 2]}'])
def test_whatever_is_sealed_is_opened(value: str) -> None:
    sealed = seal(json.dumps(value, ensure_ascii=False), CONS_ID + SECRET + "1")
    assert value == open_sealed(sealed, KEYS.answer_key("1"))


def test_the_timestamp_is_whole_seconds_of_utc() -> None:
    assert "1767225600" == timestamp_of(datetime.fromisoformat("2026-01-01T08:00:00.9+08:00"))


def test_no_key_is_in_what_is_printed_of_them() -> None:
    assert SECRET not in repr(KEYS)
    assert USER_KEY not in repr(KEYS)


@pytest.fixture
def standin() -> StandIn:
    return StandIn(clock=NOW.timestamp)


@pytest.fixture
def client(standin: StandIn) -> Iterator[AntreanClient]:
    with served(standin.app()) as url:
        client = AntreanClient(f"{url}/antreanfktp", KEYS, clock=lambda: NOW, read_seconds=0.6)
        yield client
        client.close()


def test_the_polis_of_a_day_are_read_from_a_sealed_answer(client: AntreanClient) -> None:
    answer, polis = client.polis(DAY)
    assert ("accepted", "1") == (answer.meaning, answer.code)
    assert (PoliAtBpjs("001", "POLI UMUM"), PoliAtBpjs("002", "POLI GIGI & MULUT")) == polis


def test_the_doctors_of_a_poli_are_read_and_nobody_there_is_no_error(client: AntreanClient) -> None:
    assert (DoctorAtBpjs(900001, "dr. Contoh Melati", "08:00-11:00"),) == client.doctors("001", DAY)[1]
    answer, doctors = client.doctors("002", DAY)
    assert ("accepted", ()) == (answer.meaning, doctors)


def test_what_is_told_arrives_once(client: AntreanClient, standin: StandIn) -> None:
    assert "accepted" == client.tell("add", ADD).meaning
    assert [ADD] == standin.of("add")


FAULTS = [
    ("401", "stop", 0),
    ("429", "retry", 0),
    ("500", "retry", 0),
    ("html", "unknown", 0),
    ("empty", "unknown", 0),
    ("half", "unknown", 0),
    ("malformed", "refused", 0),
    ("Poli Sedang Tutup", "refused", 0),
    ("after-timeout", "unknown", 1),
    ("after-500", "unknown", 1),
]


@pytest.mark.parametrize(("fault", "meaning", "kept"), FAULTS, ids=[each[0] for each in FAULTS])
def test_every_fault_has_one_meaning(
    client: AntreanClient, standin: StandIn, fault: str, meaning: str, kept: int
) -> None:
    standin.faults.append(fault)
    answer = client.tell("add", ADD)
    assert (meaning, kept) == (answer.meaning, len(standin.told))


def test_nobody_at_the_address_means_that_nothing_was_done() -> None:
    client = AntreanClient(f"http://127.0.0.1:{free_port()}", KEYS, clock=lambda: NOW)
    assert ("retry", "unreachable") == (client.tell("add", ADD).meaning, client.tell("add", ADD).code)


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        pytest.param(replace(KEYS, secret="salah"), "400", id="a wrong secret"),  # pragma: allowlist secret
        pytest.param(replace(KEYS, user_key="salah"), "401", id="another service's user_key"),
        pytest.param(replace(KEYS, cons_id="1"), "401", id="a wrong consumer"),
    ],
)
def test_wrong_keys_stop_everything(standin: StandIn, keys: BpjsKeys, code: str) -> None:
    with served(standin.app()) as url:
        client = AntreanClient(f"{url}/antreanfktp", keys, clock=lambda: NOW)
        answer = client.tell("add", ADD)
    assert ("stop", code) == (answer.meaning, answer.code)


def test_a_clock_that_is_wrong_by_minutes_stops_everything(standin: StandIn) -> None:
    with served(standin.app()) as url:
        client = AntreanClient(f"{url}/antreanfktp", KEYS, clock=lambda: NOW + timedelta(minutes=6))
        assert "stop" == client.tell("add", ADD).meaning


SHAPES: list[Any] = [
    pytest.param(200, '{"metadata":{"message":"Ok","code":200}}', "accepted", id="lower case"),
    pytest.param(200, '{"metaData":{"message":"OK","code":1}}', "accepted", id="catalogue's 1"),
    pytest.param(200, '{"metaData":{"message":"OK","code":"200"}}', "accepted", id="code as text"),
    pytest.param(200, '{"metaData":{"Message":"OK","Code":200}}', "accepted", id="capitals"),
    pytest.param(201, '{"metadata":{"message":"x","code":"201"}}', "refused", id="refused with HTTP 201"),
    pytest.param(200, '{"metaData":{"message":"No Content","code":204}}', "refused", id="no content"),
    pytest.param(204, "", "unknown", id="HTTP 204"),
    pytest.param(200, '{"metaData":{"message":"Unauthorized","code":401}}', "stop", id="401 inside 200"),
    pytest.param(200, "Authentication failed", "stop", id="plain words with 200"),
    pytest.param(401, "", "stop", id="HTTP 401 and nothing"),
    pytest.param(200, '{"metaData":{"message":"Invalid signature","code":400}}', "stop", id="signature"),
    pytest.param(200, '{"metaData":{"message":"bad parameter","code":400}}', "refused", id="other 400"),
    pytest.param(200, '{"metaData":{"message":"PRECONDITION_FAILED","code":412}}', "refused", id="412"),
    pytest.param(200, '{"field":null,"message":null}', "refused", id="a field error by itself"),
    pytest.param(200, '{"metaData":{"message":"x","code":424}}', "retry", id="424"),
    pytest.param(200, '{"metaData":{"message":"x","code":503}}', "retry", id="503 inside 200"),
    pytest.param(503, "<html>", "retry", id="HTTP 503"),
    pytest.param(404, "<html>", "refused", id="HTTP 404"),
    pytest.param(200, "null", "unknown", id="null"),
    pytest.param(200, "[]", "unknown", id="a list"),
    pytest.param(200, '{"metadata":"x"}', "unknown", id="metadata as text"),
    pytest.param(200, '{"metadata":{"code":[200]}}', "refused", id="a list for a code"),
    pytest.param(200, '{"metadata":{"code":true}}', "refused", id="true for a code"),
    pytest.param(200, "[" * 100_000, "unknown", id="nested beyond all depth"),
]


@pytest.mark.parametrize(("status", "body", "meaning"), SHAPES)
def test_every_shape_of_a_reply_has_a_meaning(status: int, body: str, meaning: str) -> None:
    assert meaning == read_answer(status, body.encode()).meaning
