"""Our Android channel against the gateway's own description, played by Prism."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.channels import Accepted, Outgoing, SendFailed, SendUnknown
from bot.channels.android import AndroidChannel, message_id
from bot.channels.android_forms import EVENTS
from bot.channels.android_http import AndroidHttp
from bot.channels.android_webhooks import WEBHOOK_PATH, list_webhooks, register_webhooks
from bot.channels.refusals import RULES

pytestmark = pytest.mark.prism

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
ADDRESS = "https://sapa.example" + WEBHOOK_PATH


def http_to(url: str, *, prefer: str | None = None) -> AndroidHttp:
    headers = {"Prefer": prefer} if prefer else {}
    return AndroidHttp(url, username="sms", password="kata-sandi", headers=headers)  # pragma: allowlist secret


def channel(url: str, *, prefer: str | None = None) -> AndroidChannel:
    return AndroidChannel(http_to(url, prefer=prefer))


def message(text: str = "Antrian Gigi: B12.", *, useless_after: datetime | None = NOW) -> Outgoing:
    return Outgoing(
        outbox_id=1,
        channel="sms",
        address="+6281200000001",
        text=text,
        key="inbound:1:1#0",
        useless_after=useless_after,
    )


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(message(), id="a plain SMS"),
        pytest.param(message(useless_after=None), id="without an end of use"),
        pytest.param(message("x" * 1530), id="the longest SMS"),
        pytest.param(message('Baik & jelas = 100% 🙏\n+62;?#"\\'), id="letters that JSON must escape"),
    ],
)
def test_the_gateway_takes_what_the_channel_sends(published_android: str, sent: Outgoing) -> None:
    taken = channel(published_android).send(sent)
    assert isinstance(taken, Accepted)
    assert taken.provider_id.startswith("android:")


def test_a_message_in_the_old_words_is_taken_as_well(published_android: str) -> None:
    http = http_to(f"{published_android}/message")
    http.messages = "/messages"  # the description has no other path; the body is the old app's
    assert AndroidChannel(http).send(message()).status == "accepted"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        pytest.param({"textMessage": {"text": "a"}}, "nobody to send to", id="no number"),
        pytest.param({"phoneNumbers": ["+62"], "textMessage": {"text": ""}}, "no text", id="empty text"),
        pytest.param({"phoneNumbers": ["+62"], "id": "x" * 37}, "an id too long", id="37 letters"),
        pytest.param({"phoneNumbers": ["+62"], "validUntil": "besok"}, "no time", id="a time that is none"),
    ],
)
def test_the_description_refuses_what_it_should(published_android: str, body: dict[str, object], why: str) -> None:
    assert http_to(published_android).call("POST", "/messages", body=body).status in (400, 422), why


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, "android_refused"), (401, "android_login"), (403, "android_login"), (503, "android_full")],
)
def test_each_refusal_leads_to_the_action_of_the_table(published_android: str, status: int, code: str) -> None:
    with pytest.raises(SendFailed) as caught:
        channel(published_android, prefer=f"code={status}").send(message())
    assert (caught.value.code, caught.value.action) == (code, RULES[code].action)


def test_an_error_leaves_the_fate_open(published_android: str) -> None:
    with pytest.raises(SendUnknown):
        channel(published_android, prefer="code=500").send(message())


def test_a_second_try_of_the_same_is_taken(published_android: str) -> None:
    # The question that follows a 409 gets the same wish, for an answer that the description does not have there.
    taken = channel(published_android, prefer="code=409").send(message())
    assert taken == Accepted(provider_id=f"android:{message_id(message())}", status="accepted")


def test_what_became_of_a_message_is_read(published_android: str) -> None:
    found = channel(published_android).find_sent(message(), since=NOW)
    assert found is not None
    assert found.status == "accepted"


@pytest.mark.parametrize("status", [400, 401, 403, 500])
def test_a_question_that_is_refused_is_no_answer(published_android: str, status: int) -> None:
    with pytest.raises(SendUnknown):
        channel(published_android, prefer=f"code={status}").find_sent(message(), since=NOW)


def test_the_phones_last_sign_is_read(published_android: str) -> None:
    sign = channel(published_android).phone_sign(now=NOW)
    assert (sign.is_reached, sign.is_login_refused) == (True, False)
    assert sign.seen_at is not None
    assert sign.seen_at < NOW  # the description's example is of 2020


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_login_is_seen(published_android: str, status: int) -> None:
    assert channel(published_android, prefer=f"code={status}").phone_sign(now=NOW).is_login_refused


def test_our_registrations_are_taken(published_android: str) -> None:
    steps = register_webhooks(http_to(published_android), ADDRESS)
    assert [step.event for step in steps] == list(EVENTS)
    assert {step.done for step in steps} == {"registered"}


def test_the_list_of_registrations_is_read(published_android: str) -> None:
    (hook,) = list_webhooks(http_to(published_android))
    assert {"id", "event", "url"} <= set(hook)


def test_a_registration_can_be_taken_back(published_android: str) -> None:
    assert http_to(published_android).call("DELETE", "/webhooks/LreFUt").status == 204
