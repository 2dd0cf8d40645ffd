"""What the Twilio channel sends, and what it makes of refusals, silence and broken answers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.channels import Outgoing, SendFailed, SendUnknown
from bot.channels.twilio import TwilioChannel, open_client
from bot.channels.twilio_http import TwilioHttp
from bot.simulator.faults import Fault

PATIENT = "+6281200000001"
NOW = datetime.now(UTC)


def outgoing(text: str = "Antrian Gigi: B12.", *, address: str = PATIENT, channel: str = "whatsapp") -> Outgoing:
    return Outgoing(outbox_id=1, channel=channel, address=address, text=text)


def channel_to(url: str, *, read_seconds: float = 1.0) -> TwilioChannel:
    http = TwilioHttp(base_url=url, connect_seconds=1.0, read_seconds=read_seconds)
    client = open_client(account_sid="AC" + "0" * 32, auth_token="token", http=http)
    return TwilioChannel(client=client, channel="whatsapp", sender="+62811000001", status_callback="http://x/s")


@pytest.fixture
def raw_answer() -> Iterator[Any]:
    """A server that reads one request and answers with the given bytes, or hangs up at once for b''."""
    opened: list[socket.socket] = []

    def serve(answer: bytes) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        opened.append(listener)
        threading.Thread(target=_answer_once, args=(listener, answer), daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield serve
    for listener in opened:
        listener.close()


def _answer_once(listener: socket.socket, answer: bytes) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.recv(65536)
        if answer:
            connection.sendall(answer)


def http_answer(status: str, body: str, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers, "", body]
    return "\r\n".join(lines).encode()


def test_a_whatsapp_message_goes_from_our_number_to_the_patients(live_carrier: Any) -> None:
    sent = live_carrier.channel().send(outgoing("Baik."))
    (taken,) = live_carrier.taken()
    assert (taken.sid, taken.sender, taken.recipient, taken.body) == (
        sent.provider_id,
        "whatsapp:+62811000001",
        f"whatsapp:{PATIENT}",
        "Baik.",
    )


def test_the_status_is_asked_to_our_webhook(live_carrier: Any) -> None:
    live_carrier.channel().send(outgoing())
    assert live_carrier.taken()[0].status_callback == "http://127.0.0.1:9/webhooks/twilio/status"


def test_an_sms_has_no_whatsapp_prefix(live_carrier: Any) -> None:
    live_carrier.channel("sms").send(outgoing(channel="sms"))
    assert live_carrier.taken()[0].recipient == PATIENT


def test_a_template_goes_with_its_values_and_without_text(live_carrier: Any) -> None:
    sid = "HX" + "0" * 32
    types = {"twilio/text": {"body": "Antrian {{1}} besok."}}
    definition = {"language": "id", "variables": {"1": "A1"}, "types": types}
    live_carrier.carrier.store.add_content(sid=sid, friendly_name="x", definition=definition, now=NOW)
    live_carrier.channel().send(replace(outgoing(), template={"sid": sid, "variables": {"1": "B12"}}))
    (taken,) = live_carrier.taken()
    assert (taken.content_sid, taken.body) == (sid, "Antrian B12 besok.")


@pytest.mark.parametrize(
    ("message", "code"),
    [
        pytest.param(outgoing(""), "empty", id="empty"),
        pytest.param(outgoing(" \n "), "empty", id="only spaces"),
        pytest.param(outgoing("a" * 1601), "too_long", id="one letter over"),
        pytest.param(outgoing(address=""), "bad_address", id="no address"),
        pytest.param(outgoing(address="0812"), "bad_address", id="no country"),
        pytest.param(outgoing(address="a b"), "bad_address", id="a space in it"),
    ],
)
def test_what_no_provider_would_take_is_not_sent(live_carrier: Any, message: Outgoing, code: str) -> None:
    sms = live_carrier.channel("sms")
    with pytest.raises(SendFailed) as caught:
        sms.send(message)
    assert (code, ()) == (caught.value.code, live_carrier.taken())


@pytest.mark.parametrize(
    ("fault", "code", "action", "retry_after"),
    [
        pytest.param(Fault(status=429, code=20429, retry_after=7), "20429", "retry", 7, id="the provider says when"),
        pytest.param(Fault(status=429, code=20429), "20429", "retry", 10, id="too many, our own pause"),
        pytest.param(Fault(status=429, code=63038), "63038", "retry", 3600, id="the day's limit, an hour"),
        pytest.param(Fault(status=503), "http-503", "retry", None, id="503 without a code"),
        pytest.param(Fault(status=400, code=21211), "21211", "stop", None, id="bad number"),
        pytest.param(Fault(status=400, code=21610), "21610", "opted_out", None, id="said stop"),
        pytest.param(Fault(status=400, code=63003), "63003", "fallback", None, id="not on WhatsApp"),
        pytest.param(Fault(status=400, code=99999), "99999", "tell_staff", None, id="a code nobody knows"),
        pytest.param(Fault(status=401), "20003", "retry", 60, id="the account is refused"),
        pytest.param(Fault(status=302), "unreadable", "tell_staff", None, id="somebody else's server"),
    ],
)
def test_a_refusal_is_typed(live_carrier: Any, fault: Fault, code: str, action: str, retry_after: float | None) -> None:
    live_carrier.carrier.faults.set(fault)
    with pytest.raises(SendFailed) as caught:
        live_carrier.channel().send(outgoing())
    assert (code, action, retry_after) == (caught.value.code, caught.value.action, caught.value.retry_after)


def test_nobody_listening_means_that_nothing_was_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with pytest.raises(SendFailed) as caught:
        channel_to(f"http://127.0.0.1:{port}").send(outgoing())
    assert (caught.value.code, caught.value.action) == ("unreachable", "retry")


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"", id="hung up"),
        pytest.param(b"HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{", id="broken off"),
        pytest.param(http_answer("201 Created", "<html>ok</html>"), id="not JSON"),
        pytest.param(http_answer("201 Created", "[]"), id="not an object"),
        pytest.param(http_answer("201 Created", "{}"), id="no sid"),
        pytest.param(http_answer("502 Bad Gateway", "<html>"), id="a gateway in between"),
        pytest.param(http_answer("504 Gateway Timeout", "<html>"), id="a gateway that waited"),
    ],
)
def test_a_broken_answer_leaves_the_outcome_unknown(raw_answer: Any, answer: bytes) -> None:
    with pytest.raises(SendUnknown):
        channel_to(raw_answer(answer)).send(outgoing())


def test_an_answer_that_does_not_come_leaves_the_outcome_unknown(live_carrier: Any) -> None:
    live_carrier.carrier.faults.set(Fault(hang_seconds=1.0))
    with pytest.raises(SendUnknown):
        live_carrier.channel(read_seconds=0.2).send(outgoing())


def test_a_message_whose_answer_was_lost_is_found(live_carrier: Any) -> None:
    live_carrier.channel().send(outgoing("Baik."))
    found = live_carrier.channel().find_sent(outgoing("Baik."), since=NOW)
    assert found is not None
    assert found.provider_id == live_carrier.taken()[0].sid


def test_of_two_equal_texts_each_is_found_once(live_carrier: Any) -> None:
    first = live_carrier.channel().send(outgoing("Baik."))
    second = live_carrier.channel().send(outgoing("Baik."))
    found = live_carrier.channel().find_sent(outgoing("Baik."), since=NOW, claimed={first.provider_id})
    assert found is not None
    assert found.provider_id == second.provider_id


@pytest.mark.parametrize(
    ("asked", "since"),
    [
        pytest.param(outgoing("Lain."), NOW, id="another text"),
        pytest.param(outgoing("Baik.", address="+6281200000002"), NOW, id="another patient"),
        pytest.param(outgoing("Baik."), NOW + timedelta(hours=1), id="long before the memo"),
    ],
)
def test_what_is_not_this_message_is_not_found(live_carrier: Any, asked: Outgoing, since: datetime) -> None:
    live_carrier.channel().send(outgoing("Baik."))
    assert live_carrier.channel().find_sent(asked, since=since) is None


def test_a_provider_that_cannot_say_leaves_it_unknown(live_carrier: Any) -> None:
    channel = live_carrier.channel()
    live_carrier.carrier.auth_token = "another"
    with pytest.raises(SendUnknown):
        channel.find_sent(outgoing(), since=NOW)


def test_one_client_serves_many_threads(live_carrier: Any) -> None:
    channel = live_carrier.channel()
    texts = [f"Antrian {number}" for number in range(100)]
    with ThreadPoolExecutor(8) as pool:
        sent = list(pool.map(lambda text: (text, channel.send(outgoing(text)).provider_id), texts))
    assert sorted(sent) == sorted((taken.body, taken.sid) for taken in live_carrier.taken())
