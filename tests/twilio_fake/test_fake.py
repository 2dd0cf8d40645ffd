"""The fake itself: it takes, remembers, lists and tells as Twilio does, and goes wrong as it is told."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.request_validator import RequestValidator

from tests.processes import wait_until
from tests.twilio_fake.__main__ import ACCOUNT_SID, TOKEN
from tests.twilio_fake.conftest import Customer, Open, OpenFake
from tests.twilio_fake.plan import BY_NAME, FAULTS, Fault, Outage, Plan, Telling, outages_of, telling_number

PATIENT, SENDER = "+6281200000001", "+62811000002"
HX, MG = "HX" + "a" * 32, "MG" + "b" * 32
TEXT = {"language": "id", "variables": {"1": "A1"}, "types": {"twilio/text": {"body": "Antrian {{1}}, jam {{2}}."}}}


def send(fake: OpenFake, text: str = "Baik.", *, to: str = PATIENT, callback: str | None = None) -> str:
    sender = "whatsapp:+62811000001" if to.startswith("whatsapp:") else SENDER
    words = {"status_callback": callback} if callback else {}
    return str(fake.client.messages.create(to=to, from_=sender, body=text, **words).sid)


def test_what_was_sent_is_remembered_and_listed_newest_first(fake: OpenFake) -> None:
    sids = [send(fake, text) for text in ("Satu.", "Dua.", "Tiga.")]
    send(fake, to="+6281200000002")
    listed = fake.client.messages.list(to=PATIENT, from_=SENDER)
    assert [(one.sid, one.body) for one in listed] == list(zip(reversed(sids), ("Tiga.", "Dua.", "Satu."), strict=True))


def test_a_long_list_comes_in_pages(fake: OpenFake) -> None:
    sids = [send(fake, f"Pesan {number}.") for number in range(7)]
    assert [one.sid for one in fake.client.messages.list(to=PATIENT, page_size=3)] == sids[::-1]


def test_one_message_is_fetched_and_an_unknown_one_is_not(fake: OpenFake) -> None:
    sid = send(fake)
    assert fake.client.messages(sid).fetch().to == PATIENT
    with pytest.raises(TwilioRestException) as caught:
        fake.client.messages("SM" + "0" * 32).fetch()
    assert caught.value.code == 20404


def test_the_day_filters_look_at_the_day_of_sending(fake: OpenFake) -> None:
    sid = send(fake)
    wait_until(lambda: fake.client.messages(sid).fetch().status == "delivered", seconds=5, what="delivered")
    today = datetime.now(UTC)
    found = [
        len(fake.client.messages.list(to=PATIENT, **days))
        for days in ({"date_sent": today}, {"date_sent_before": today - timedelta(days=1)}, {"date_sent_after": today})
    ]
    assert found == [1, 0, 1]


def test_templates_pictures_and_services_are_kept(fake: OpenFake) -> None:
    made = fake.account.contents.make(TEXT, now=0)["sid"]
    fake.client.messages.create(
        to=f"whatsapp:{PATIENT}", messaging_service_sid=MG, content_sid=made, content_variables='{"1": "B12", "2": "9"}'
    )
    fake.client.messages.create(
        to=PATIENT, from_=SENDER, body="Lihat.", media_url=["https://a.example/1", "https://a.example/2"]
    )
    first, second = fake.account.journal.messages()
    assert (first.service_sid, first.content_sid, first.variables, first.status_at(0)) == (
        MG,
        made,
        {"1": "B12", "2": "9"},
        "accepted",
    )
    assert first.body == "Antrian B12, jam 9."
    assert (second.media, second.sid[:2]) == (("https://a.example/1", "https://a.example/2"), "MM")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        pytest.param({"to": "", "body": "Baik."}, 21604, id="nobody"),
        pytest.param({"to": "hello", "body": "Baik."}, 21211, id="no number"),
        pytest.param({"to": PATIENT, "body": ""}, 21619, id="nothing"),
        pytest.param({"to": PATIENT, "body": "x" * 1601}, 21617, id="too long"),
        pytest.param({"to": PATIENT, "body": "Baik.", "from_": "whatsapp:+62811000001"}, 63007, id="another channel"),
        pytest.param({"to": PATIENT, "body": "Baik.", "from_": ""}, 21603, id="no sender"),
        pytest.param({"to": PATIENT, "content_sid": "HX1"}, 21655, id="no template"),
        pytest.param({"to": PATIENT, "content_sid": HX}, 21655, id="a template that is not there"),
        pytest.param({"to": PATIENT, "content_sid": HX, "content_variables": "{"}, 21656, id="no values"),
        pytest.param({"to": PATIENT, "body": "Baik.", "status_callback": "nowhere"}, 21609, id="no address"),
        pytest.param({"to": telling_number(21610, 1), "body": "Baik."}, 21610, id="said stop"),
    ],
)
def test_what_twilio_would_not_take_is_refused_and_not_kept(fake: OpenFake, fields: dict[str, str], code: int) -> None:
    with pytest.raises(TwilioRestException) as caught:
        fake.client.messages.create(**({"from_": SENDER} | fields))
    assert (caught.value.status, caught.value.code, fake.account.journal.messages()) == (400, code, ())


def test_wrong_keys_are_refused(fake: OpenFake) -> None:
    answer = httpx.get(f"{fake.url}/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json", auth=(ACCOUNT_SID, "wrong"))
    assert (answer.status_code, answer.json()["code"]) == (401, 20003)


QUICK = [fault for _, fault in FAULTS if fault.answer_after < 5]


@pytest.mark.parametrize("fault", QUICK, ids=lambda fault: fault.name)
def test_each_fault_takes_the_message_or_does_not_and_the_journal_knows(fake: OpenFake, fault: Fault) -> None:
    fake.account.ask_for([fault.name])
    answered_well = True
    try:
        send(fake)
    except (TwilioException, requests.RequestException, ValueError):
        answered_well = False
    kept = fake.account.journal.messages()
    assert len(kept) == (2 if fault.is_double else 1 if fault.accepts else 0)
    assert [taken.is_double for taken in kept] == [False, True][: len(kept)]
    assert answered_well == (fault.accepts and fault.status == 201 and fault.answer == "whole")
    (request,) = fake.account.journal.requests()
    assert (request.fault, request.is_taken) == (fault.name, fault.accepts)


def test_a_caller_that_gives_up_leaves_a_message_behind(fake: OpenFake) -> None:
    fake.account.ask_for(["no answer within 14 s, taken at once"])
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(
            f"{fake.url}/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json",
            data={"To": PATIENT, "From": SENDER, "Body": "Baik."},
            auth=(ACCOUNT_SID, TOKEN),
            timeout=0.5,
        )
    assert len(fake.client.messages.list(to=PATIENT)) == 1


def test_a_new_message_is_not_in_the_list_at_once(open_fake: Open) -> None:
    fake = open_fake(Plan(seed=1, weights=()))
    fake.account.begin()
    send(fake)
    assert fake.client.messages.list(to=PATIENT) == []
    wait_until(lambda: len(fake.client.messages.list(to=PATIENT)) == 1, seconds=2, what="the list shows it")


def test_statuses_are_told_signed_and_in_order(fake: OpenFake, customer: Customer) -> None:
    sid = send(fake, callback=customer.url)
    wait_until(lambda: len(customer.posted) == 2, seconds=5, what="both statuses are told")
    assert [form["MessageStatus"] for form, _ in customer.posted] == ["sent", "delivered"]
    validator = RequestValidator(TOKEN)
    assert all(validator.validate(customer.url, form, signature) for form, signature in customer.posted)
    assert {form["MessageSid"] for form, _ in customer.posted} == {sid}


@pytest.mark.parametrize(
    ("number", "code"),
    [
        pytest.param(telling_number(30003, 1), "30003", id="unreachable"),
        pytest.param("whatsapp:" + telling_number(63003, 1), "63003", id="not on WhatsApp"),
        pytest.param("whatsapp:" + telling_number(63016, 1), "63016", id="outside the window"),
    ],
)
def test_a_number_that_says_what_is_wrong_ends_so(fake: OpenFake, customer: Customer, number: str, code: str) -> None:
    sid = send(fake, to=number, callback=customer.url)
    wait_until(lambda: len(customer.posted) == 2, seconds=5, what="both statuses are told")
    last = customer.posted[-1][0]
    assert (last["MessageStatus"], last["ErrorCode"]) == ("undelivered", code)
    fetched = fake.client.messages(sid).fetch()
    assert (fetched.status, str(fetched.error_code)) == ("undelivered", code)


def test_a_template_reaches_who_has_not_written_for_a_day(fake: OpenFake) -> None:
    number = "whatsapp:" + telling_number(63016, 1)
    sid = str(fake.account.contents.make(TEXT, now=0)["sid"])
    fake.account.contents.ask_approval(sid, {"name": "antrian", "category": "UTILITY"}, now=0)
    made = fake.client.messages.create(to=number, from_="whatsapp:+62811000001", content_sid=sid)
    wait_until(lambda: fake.client.messages(made.sid).fetch().status == "delivered", seconds=5, what="delivered")


def test_a_template_is_approved_a_moment_after_it_was_asked_for(fake: OpenFake) -> None:
    sid = str(fake.account.contents.make(TEXT, now=0)["sid"])
    statuses = [fake.account.contents.approval(sid, now=0)["whatsapp"]["status"]]
    fake.account.contents.ask_approval(sid, {"name": "antrian", "category": "UTILITY"}, now=10)
    statuses += [fake.account.contents.approval(sid, now=now)["whatsapp"]["status"] for now in (10.5, 11.5)]
    assert statuses == ["unsubmitted", "received", "approved"]


def test_a_value_with_a_line_break_is_refused(fake: OpenFake) -> None:
    sid = str(fake.account.contents.make(TEXT, now=0)["sid"])
    with pytest.raises(TwilioRestException) as caught:
        fake.client.messages.create(to=PATIENT, from_=SENDER, content_sid=sid, content_variables='{"1": "a\\nb"}')
    assert caught.value.code == 21656


def test_a_status_is_told_again_where_nobody_listens(fake: OpenFake) -> None:
    send(fake, callback="http://127.0.0.1:9/status")
    wait_until(lambda: len(fake.account.journal.callbacks()) == 4, seconds=10, what="each of two was tried twice")
    assert {row.answered for row in fake.account.journal.callbacks()} == {None}


def _tellings(seed: int, count: int) -> list[Telling]:
    plan = Plan(seed)
    return [
        plan.telling(sid=f"SM{number}", recipient=f"whatsapp:{PATIENT}", failure=None, is_troubled=True)
        for number in range(count)
    ]


def test_statuses_come_twice_late_backwards_and_in_strange_words() -> None:
    told = {one.style: [status for _, status in one.steps] for one in _tellings(1, 400)}
    assert set(told) == {"in order", "twice", "late", "backwards", "strange words", "lost"}
    assert told["backwards"][0] in ("delivered", "read") and told["backwards"][-1] == "sending"
    assert {"pre-queued", "partially_delivered"} <= set(told["strange words"])


def test_the_same_seed_decides_the_same_and_another_one_does_not() -> None:
    def faults(seed: int) -> list[str]:
        plan = Plan(seed)
        tries = range(300)
        return [plan.fault(recipient=f"+{n}", content="Baik.", attempt=0, seconds=1.0).name for n in tries]

    assert (faults(7), outages_of(7, seconds=400)) == (faults(7), outages_of(7, seconds=400))
    assert faults(7) != faults(8)


def test_every_fault_of_the_table_comes_up_about_as_often_as_it_says() -> None:
    plan, tries = Plan(3), 40_000
    seen = Counter(plan.fault(recipient=f"+{n}", content="Baik.", attempt=0, seconds=1.0).name for n in range(tries))
    for weight, fault in FAULTS:
        assert 0.7 * weight <= 100 * seen[fault.name] / tries <= 1.3 * weight, fault.name


def test_during_an_outage_everybody_meets_it() -> None:
    plan = Plan(1, outages=(Outage("401", 5.0, 8.0),))

    def status_at(seconds: float | None) -> int:
        return plan.fault(recipient=PATIENT, content="Baik.", attempt=0, seconds=seconds).status

    assert (status_at(None), status_at(5.0), status_at(7.9)) == (201, 401, 401)
    assert status_at(8.0) != 401


def test_trouble_begins_and_ends_when_the_fake_is_told_so(open_fake: Open) -> None:
    fake = open_fake(Plan(1, weights=((100.0, BY_NAME["503 before taking it"]),)))
    outcomes = []
    for word in ("calm", "begin", "calm"):
        httpx.post(f"{fake.url}/_fake/{word}")
        try:
            outcomes.append(bool(send(fake)))
        except TwilioException:
            outcomes.append(False)
    assert outcomes == [True, False, True]
    assert time.time() - fake.account.journal.messages()[0].taken_at < 60
