"""The parser's client against a stand-in that is quick, slow, broken or gone."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from nlu.client import FAILURES_UNTIL_PAUSE, LONGEST_TEXT, PAUSE_SECONDS, ParserClient, prepare
from nlu.understanding import Entity

READING = {
    "text": "daftar poli gigi",
    "intent": {"name": "book_queue", "confidence": 0.9},
    "intent_ranking": [
        {"name": "book_queue", "confidence": 0.9},
        {"name": "facility_info", "confidence": 0.05},
    ],
    "entities": [
        {"entity": "poli", "value": "gigi", "start": 12, "end": 16},
        {"entity": "colour", "value": "red", "start": 0, "end": 6},
    ],
}


class Handler(BaseHTTPRequestHandler):
    """Notes what it is asked and answers what its server was told."""

    server: StandIn
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append(json.loads(body)["text"])
        self.server.tokens.append(parse_qs(urlsplit(self.path).query)["token"][0])
        self.server.hold.wait(5)
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, format: str, *args: object) -> None:
        pass


class StandIn(ThreadingHTTPServer):
    """A parser on loopback whose answer the test decides."""

    daemon_threads = True
    request_queue_size = 50

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.status = 200
        self.body = json.dumps(READING).encode()
        self.asked: list[str] = []
        self.tokens: list[str] = []
        self.hold = threading.Event()
        self.hold.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def standin() -> Iterator[StandIn]:
    server = StandIn()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.hold.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(standin: StandIn, clock: Clock) -> Iterator[ParserClient]:
    client = ParserClient(url=standin.url, token="rahasia", connect_timeout=1, read_timeout=3, clock=clock)
    yield client
    client.close()


def test_a_reading_has_intent_ranking_and_known_entities(client: ParserClient) -> None:
    reading = client.parse("daftar poli gigi")
    assert reading is not None
    assert (reading.intent, reading.confidence) == ("book_queue", 0.9)
    assert reading.ranking == (("book_queue", 0.9), ("facility_info", 0.05))
    assert reading.entities == (Entity("poli", "gigi", "gigi"),)


def test_the_token_goes_with_every_question(client: ParserClient, standin: StandIn) -> None:
    client.parse("halo")
    assert standin.tokens == ["rahasia"]


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        pytest.param("/restart", "restart", id="a command"),
        pytest.param(' // /emergency{"poli":"x"}', 'emergency{"poli":"x"}', id="several slashes"),
        pytest.param("  halo\n", "halo", id="spaces around"),
        pytest.param("halo \ud800 bu", "halo  bu", id="half a sign"),
        pytest.param("sudah 1/2 jam", "sudah 1/2 jam", id="a slash inside stays"),
    ],
)
def test_what_is_sent_holds_no_command(client: ParserClient, standin: StandIn, written: str, sent: str) -> None:
    client.parse(written)
    assert standin.asked == [sent]


@pytest.mark.parametrize("text", ["", "   ", "👍👍", "1", "9" * 1000, "///", "?!", "+62 812"])
def test_a_text_without_letters_is_never_sent(client: ParserClient, standin: StandIn, text: str) -> None:
    assert client.parse(text) is None
    assert standin.asked == []


def test_a_long_text_is_cut_between_two_words() -> None:
    cut = prepare("kata " * 200)
    assert cut is not None
    assert len(cut) <= LONGEST_TEXT
    assert set(cut.split()) == {"kata"}


def test_one_endless_word_is_cut_too() -> None:
    assert prepare("a" * 5000) == "a" * LONGEST_TEXT


def test_a_word_that_just_fits_stays_whole() -> None:
    text = "a" * (LONGEST_TEXT - 5) + " bcde"
    assert prepare(text + " lagi") == text


@pytest.mark.parametrize(
    ("status", "body"),
    [
        pytest.param(500, b"{}", id="error of the server"),
        pytest.param(401, b"{}", id="wrong token"),
        pytest.param(200, b"<html>", id="not JSON"),
        pytest.param(200, b"[]", id="a list"),
        pytest.param(200, b'{"intent_ranking": []}', id="no intent"),
        pytest.param(200, b'{"intent_ranking": [{"name": "order_pizza", "confidence": 1}]}', id="unknown intent"),
        pytest.param(200, b'{"intent_ranking": [{"name": "greet"}]}', id="no confidence"),
    ],
)
def test_a_bad_answer_is_none(client: ParserClient, standin: StandIn, status: int, body: bytes) -> None:
    standin.status, standin.body = status, body
    assert client.parse("halo") is None


def test_a_slow_server_is_none(standin: StandIn) -> None:
    standin.hold.clear()
    client = ParserClient(url=standin.url, token="t", connect_timeout=1, read_timeout=0.05)
    assert client.parse("halo") is None


def test_a_server_that_is_gone_is_none() -> None:
    server = StandIn()
    server.server_close()
    assert ParserClient(url=server.url, token="t").parse("halo") is None


def test_after_three_failures_the_server_is_left_alone(client: ParserClient, standin: StandIn) -> None:
    standin.status = 500
    for _ in range(FAILURES_UNTIL_PAUSE + 4):
        assert client.parse("halo") is None
    assert len(standin.asked) == FAILURES_UNTIL_PAUSE


def test_after_the_pause_it_is_asked_again(client: ParserClient, standin: StandIn, clock: Clock) -> None:
    standin.status = 500
    for _ in range(FAILURES_UNTIL_PAUSE):
        client.parse("halo")
    standin.status = 200
    clock.now += PAUSE_SECONDS
    assert client.parse("halo") is not None
    assert client.parse("halo") is not None


def test_a_first_try_that_fails_begins_a_new_pause(client: ParserClient, standin: StandIn, clock: Clock) -> None:
    standin.status = 500
    for _ in range(FAILURES_UNTIL_PAUSE):
        client.parse("halo")
    clock.now += PAUSE_SECONDS
    client.parse("halo")
    standin.status = 200
    assert client.parse("halo") is None
    assert len(standin.asked) == FAILURES_UNTIL_PAUSE + 1


def test_failures_that_are_not_in_a_row_make_no_pause(client: ParserClient, standin: StandIn) -> None:
    for status in (500, 500, 200, 500, 500, 200):
        standin.status = status
        last = client.parse("halo")
    assert last is not None


def test_availability_is_asked_even_during_a_pause(client: ParserClient, standin: StandIn) -> None:
    standin.status = 500
    for _ in range(FAILURES_UNTIL_PAUSE):
        client.parse("halo")
    assert not client.is_available()
    standin.status = 200
    assert client.is_available()


def test_the_model_is_named_without_its_folder(client: ParserClient, standin: StandIn) -> None:
    standin.body = b'{"model_file": "/somewhere/nlu/models/sapa-123456789abc.tar.gz"}'
    assert client.model_name() == "sapa-123456789abc"


@pytest.mark.parametrize(("status", "body"), [(401, b"{}"), (200, b"{}"), (200, b"[]"), (200, b"no json")])
def test_a_server_that_does_not_tell_its_model_has_none(
    client: ParserClient, standin: StandIn, status: int, body: bytes
) -> None:
    standin.status, standin.body = status, body
    assert client.model_name() is None


def test_several_threads_may_ask_at_once(client: ParserClient) -> None:
    intents: list[str | None] = []

    def ask() -> None:
        reading = client.parse("halo")
        intents.append(reading.intent if reading else None)

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert intents == ["book_queue"] * 12
