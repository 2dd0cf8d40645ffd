"""What the Android channel hands to a gateway, and what it makes of refusals, silence and broken answers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels import Accepted, Channel, Outgoing, SendFailed, SendUnknown
from bot.channels.android import AndroidChannel, message_id, open_android
from bot.channels.android_http import AndroidHttp, is_near
from bot.settings import Settings, SettingsError
from tests.android_gateway import PASSWORD, USER, AndroidGateway, running
from tests.sent_world import Clock

PATIENT = "+6281200000001"
NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
MESSAGE = Outgoing(
    outbox_id=1,
    channel="sms",
    address=PATIENT,
    text="Antrian Gigi: B12.",
    key="inbound:1:1#0",
    useless_after=NOW + timedelta(hours=24),
)


def channel_to(url: str, *, username: str = USER, read_seconds: float = 1.0) -> AndroidChannel:
    http = AndroidHttp(url, username=username, password=PASSWORD, connect_seconds=1.0, read_seconds=read_seconds)
    return AndroidChannel(http)


@pytest.fixture
def gateway() -> AndroidGateway:
    return AndroidGateway(Clock(NOW))


@pytest.fixture
def url(gateway: AndroidGateway) -> Iterator[str]:
    with running(gateway) as address:
        yield address


@pytest.fixture
def channel(url: str) -> AndroidChannel:
    return channel_to(url)


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


def test_it_is_a_channel_like_the_others(channel: AndroidChannel) -> None:
    as_channel: Channel = channel
    can = as_channel.capabilities
    assert (as_channel.route, as_channel.channel, can.is_two_way, can.billed_by, can.rank) == (
        "android",
        "sms",
        True,
        "segment",
        2,
    )


def test_a_message_is_handed_over_with_our_id_its_end_and_a_wish_for_a_report(
    gateway: AndroidGateway, channel: AndroidChannel
) -> None:
    sent = channel.send(MESSAGE)
    assert sent == Accepted(provider_id=f"android:{message_id(MESSAGE)}", status="accepted")
    assert gateway.bodies == [
        {
            "id": message_id(MESSAGE),
            "phoneNumbers": [PATIENT],
            "textMessage": {"text": "Antrian Gigi: B12."},
            "withDeliveryReport": True,
            "validUntil": "2026-11-25T01:00:00.000Z",
        }
    ]


def test_the_end_of_use_is_told_in_utc_whatever_zone_it_came_in(
    gateway: AndroidGateway, channel: AndroidChannel
) -> None:
    channel.send(replace(MESSAGE, useless_after=datetime.fromisoformat("2026-11-24T19:00+08:00")))
    assert gateway.bodies[0]["validUntil"] == "2026-11-24T11:00:00.000Z"


def test_a_message_without_an_end_is_sent_without_one(gateway: AndroidGateway, channel: AndroidChannel) -> None:
    channel.send(replace(MESSAGE, useless_after=None))
    assert "validUntil" not in gateway.bodies[0]


def test_the_same_try_twice_is_taken_once(gateway: AndroidGateway, channel: AndroidChannel) -> None:
    first, second = channel.send(MESSAGE), channel.send(MESSAGE)
    assert (len(gateway.messages), first.provider_id) == (1, second.provider_id)


def test_the_next_try_is_another_message(gateway: AndroidGateway, channel: AndroidChannel) -> None:
    channel.send(MESSAGE)
    channel.send(replace(MESSAGE, key="inbound:1:1#1"))
    assert len(gateway.messages) == 2


def test_what_was_taken_before_is_told_with_what_became_of_it(gateway: AndroidGateway, channel: AndroidChannel) -> None:
    channel.send(MESSAGE)
    gateway.fail(message_id(MESSAGE), "Send result: RESULT_ERROR_NO_SERVICE (Failed because ...)")
    again = channel.send(MESSAGE)
    assert (again.status, again.error_code) == ("failed", "android_no_signal")


def test_what_was_taken_before_is_taken_even_if_nobody_can_say_more(
    gateway: AndroidGateway, channel: AndroidChannel
) -> None:
    gateway.answers = [409, 500]
    assert channel.send(MESSAGE).status == "accepted"


@given(key=st.text(min_size=1, max_size=170), address=st.from_regex(r"\+62[0-9]{9,12}", fullmatch=True))
def test_ids_fit_the_gateway_and_stay_the_same(key: str, address: str) -> None:
    message = replace(MESSAGE, key=key, address=address)
    made = message_id(message)
    assert (len(made), made) == (36, message_id(replace(message, text="lain")))


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(replace(MESSAGE, key="inbound:1:2#0"), id="another message"),
        pytest.param(replace(MESSAGE, key="inbound:1:1#1"), id="another try"),
        pytest.param(replace(MESSAGE, address="+6281200000002"), id="the same key to somebody else"),
        pytest.param(
            replace(MESSAGE, useless_after=NOW + timedelta(hours=25)), id="the same key in a database that began anew"
        ),
    ],
)
def test_what_differs_has_another_id(other: Outgoing) -> None:
    assert message_id(other) != message_id(MESSAGE)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        pytest.param(replace(MESSAGE, text=""), "empty", id="empty"),
        pytest.param(replace(MESSAGE, text=" \n "), "empty", id="only spaces"),
        pytest.param(replace(MESSAGE, text="a" * 1531), "too_long", id="one letter over"),
        pytest.param(replace(MESSAGE, address=""), "bad_address", id="no address"),
        pytest.param(replace(MESSAGE, address="0812"), "bad_address", id="no country"),
        pytest.param(replace(MESSAGE, address="TELKOMSEL"), "bad_address", id="a name"),
    ],
)
def test_what_no_phone_could_send_is_not_handed_over(
    gateway: AndroidGateway, channel: AndroidChannel, message: Outgoing, code: str
) -> None:
    with pytest.raises(SendFailed) as caught:
        channel.send(message)
    assert (code, []) == (caught.value.code, gateway.calls)


@pytest.mark.parametrize(
    ("status", "code", "action", "wait"),
    [
        pytest.param(400, "android_refused", "tell_staff", None, id="refused"),
        pytest.param(401, "android_login", "retry", 60, id="wrong password"),
        pytest.param(403, "android_login", "retry", 60, id="not allowed"),
        pytest.param(404, "unreadable", "tell_staff", None, id="not a gateway's address"),
        pytest.param(405, "unreadable", "tell_staff", None, id="not a gateway's verb"),
        pytest.param(301, "unreadable", "tell_staff", None, id="sent elsewhere"),
        pytest.param(429, "android_busy", "retry", 10, id="too fast"),
        pytest.param(503, "android_full", "retry", 60, id="its queue is full"),
    ],
)
def test_a_refusal_is_typed(
    gateway: AndroidGateway, channel: AndroidChannel, status: int, code: str, action: str, wait: float | None
) -> None:
    gateway.answers = [status]
    with pytest.raises(SendFailed) as caught:
        channel.send(MESSAGE)
    failure = caught.value
    assert (failure.code, failure.action, failure.retry_after) == (code, action, wait)


def test_a_wrong_password_is_noticed_by_a_real_login(url: str) -> None:
    with pytest.raises(SendFailed, match="android_login"):
        channel_to(url, username="orang-lain").send(MESSAGE)


@pytest.mark.parametrize("status", [500, 502, 504])
def test_an_error_of_the_gateway_says_nothing_about_the_message(
    gateway: AndroidGateway, channel: AndroidChannel, status: int
) -> None:
    gateway.answers = [status]
    with pytest.raises(SendUnknown):
        channel.send(MESSAGE)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"", id="hangs up"),
        pytest.param(http_answer("202 Accepted", "{"), id="broken JSON"),
        pytest.param(http_answer("202 Accepted", ""), id="nothing"),
        pytest.param(http_answer("202 Accepted", "[]"), id="a list"),
        pytest.param(http_answer("202 Accepted", '{"id": "x"}'), id="no state"),
        pytest.param(http_answer("202 Accepted", '{"state": "Pending"}'), id="no id"),
        pytest.param(http_answer("202 Accepted", '{"id": 7, "state": "Pending"}'), id="an id that is none"),
        pytest.param(http_answer("202 Accepted", '{"id": "x", "state": "Entah"}'), id="a state nobody knows"),
        pytest.param(http_answer("200 OK", "<html>login</html>"), id="a page of the Wi-Fi"),
        pytest.param(b"HTTP/1.1 202 Accepted\r\nContent-Length: 400\r\n\r\n{", id="half an answer"),
        pytest.param(b"\x00\xff\r\n\r\n", id="no HTTP"),
    ],
)
def test_an_answer_that_cannot_be_read_leaves_the_fate_open(raw_answer: Any, answer: bytes) -> None:
    with pytest.raises(SendUnknown):
        channel_to(raw_answer(answer)).send(MESSAGE)


def test_a_phone_that_does_not_answer_in_time_leaves_the_fate_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(SendUnknown, match="ReadTimeout"):
            channel_to(url, read_seconds=0.2).send(MESSAGE)


def test_a_phone_that_is_off_is_tried_again_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with pytest.raises(SendFailed) as caught:
        channel_to(f"http://127.0.0.1:{port}").send(MESSAGE)
    assert (caught.value.code, caught.value.action) == ("unreachable", "retry")


def test_a_lost_answer_is_found_by_its_id(gateway: AndroidGateway, channel: AndroidChannel) -> None:
    gateway.loses_answers = True
    with pytest.raises(SendUnknown):
        channel.send(MESSAGE)
    gateway.run_phone()
    assert channel.find_sent(MESSAGE, since=NOW) == Accepted(f"android:{message_id(MESSAGE)}", "sent")


def test_what_was_never_taken_is_not_found(channel: AndroidChannel) -> None:
    assert channel.find_sent(MESSAGE, since=NOW) is None


def test_two_equal_texts_to_one_patient_are_told_apart(gateway: AndroidGateway, channel: AndroidChannel) -> None:
    channel.send(MESSAGE)
    assert channel.find_sent(replace(MESSAGE, key="inbound:2:1#0"), since=NOW) is None


@pytest.mark.parametrize("status", [401, 403, 400, 500, 502, 503])
def test_a_question_that_is_not_answered_is_no_answer(
    gateway: AndroidGateway, channel: AndroidChannel, status: int
) -> None:
    gateway.answers = [status]
    with pytest.raises(SendUnknown):
        channel.find_sent(MESSAGE, since=NOW)


def test_a_phone_that_is_off_cannot_be_asked() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with pytest.raises(SendUnknown):
        channel_to(f"http://127.0.0.1:{port}").find_sent(MESSAGE, since=NOW)


@pytest.mark.parametrize(
    ("state", "word"),
    [
        ("Pending", "accepted"),
        ("Processed", "sending"),
        ("Sent", "sent"),
        ("Delivered", "delivered"),
        ("Failed", "failed"),
    ],
)
def test_each_state_has_its_word(gateway: AndroidGateway, channel: AndroidChannel, state: str, word: str) -> None:
    channel.send(MESSAGE)
    gateway.messages[message_id(MESSAGE)].state = state
    found = channel.find_sent(MESSAGE, since=NOW)
    assert found is not None
    assert found.status == word


def test_an_old_app_is_written_to_in_its_own_words(raw_answer: Any) -> None:
    address = raw_answer(http_answer("202 Accepted", '{"id": "abc", "state": "Pending", "recipients": []}'))
    assert channel_to(f"{address}/message").send(MESSAGE).provider_id == "android:abc"
    old = channel_to("http://127.0.0.1:9/message/")
    assert (old.http.messages, old._body(MESSAGE)["message"], "textMessage" in old._body(MESSAGE)) == (
        "/message",
        MESSAGE.text,
        False,
    )


@pytest.mark.parametrize(
    ("address", "near"),
    [
        ("http://127.0.0.1:8080", True),
        ("http://192.168.1.20:8080", True),
        ("http://10.4.0.9", True),
        ("http://[fe80::1]:8080", True),
        ("http://hp-puskesmas:8080", True),
        ("http://hp.local", True),
        ("https://sms.example.org/3rdparty/v1", False),
        ("https://203.0.114.9", False),
    ],
)
def test_the_proxy_is_for_what_is_far_away(address: str, near: bool) -> None:
    assert is_near(address) is near


def test_a_proxy_in_the_environment_does_not_stand_before_the_phone(
    channel: AndroidChannel, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert channel_to(url).send(MESSAGE).status == "accepted"


def settings(**values: str) -> Settings:
    secret = {"SAPA_SECRET_KEY": "a secret of the tests"}  # pragma: allowlist secret
    return Settings.from_environment(secret | {f"SAPA_ANDROID_{name.upper()}": value for name, value in values.items()})


def test_without_an_address_there_is_no_phone() -> None:
    assert open_android(settings()) is None


def test_the_settings_open_the_channel(gateway: AndroidGateway, url: str) -> None:
    opened = open_android(settings(url=url + "/", username=USER, password=PASSWORD))
    assert opened is not None
    assert opened.send(MESSAGE).status == "accepted"


@pytest.mark.parametrize("address", ["192.168.1.20:8080", "ftp://hp", "http://", "http://hp:seribu", "hp"])
def test_an_address_that_is_none_is_named(address: str) -> None:
    with pytest.raises(SettingsError, match="SAPA_ANDROID_URL"):
        settings(url=address)
