"""The comparison itself: whatever is lost, doubled, out of order, forgotten or moved back is found."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest

from tests.chaos.compare import Answers, Happened, Verdict, judge
from tests.chaos.records import InboundRow, OutboxRow, Records, StatusWatch
from tests.chaos.script import BURST, Patient, Script
from tests.chaos.table import details, markdown, plain, tables
from tests.chaos.writing import SentIn
from tests.twilio_fake.journal import CallbackRow, Request, Taken
from tests.twilio_fake.plan import telling_number

TALK = ("0", "4", "0")
TALKER = Patient("+6281200000001", "whatsapp", TALK, (0.0, 1.0, 2.0))
REMINDED = "+6281200100001"
ANSWERS: Answers = {("whatsapp", TALK): ("menu", "lainnya", "menu")}


@dataclass
class After:
    """After a run in which one patient wrote three times and one was reminded; then something is wrong."""

    bodies: list[str] = field(default_factory=lambda: ["menu", "lainnya", "menu"])
    doubles: set[int] = field(default_factory=set)
    """Places of messages that the provider made by itself."""
    reminders: int = 1
    patients: list[Patient] = field(default_factory=lambda: [TALKER])
    more: list[Taken] = field(default_factory=list)
    callbacks: list[CallbackRow] = field(default_factory=list)
    confirmed_after: float | None = 0.1
    backwards: tuple[tuple[int, str, str], ...] = ()

    def happened(self) -> Happened:
        sent = [
            SentIn(patient, place, f"in-{patient.number}-{place}", self.confirmed_after)
            for patient in self.patients
            for place in range(len(patient.texts))
        ]
        messages = [
            taken(number, f"whatsapp:{TALKER.number}", body, is_double=number in self.doubles)
            for number, body in enumerate(self.bodies)
        ]
        messages += [taken(100 + number, REMINDED, "ingat") for number in range(self.reminders)] + self.more
        return Happened(
            script=Script(tuple(self.patients), (("sms", REMINDED),)),
            sent=sent,
            answers=ANSWERS,
            messages=messages,
            requests=[request(one) for one in messages],
            callbacks=self.callbacks,
            records=Records(
                inbound=tuple(InboundRow(n, one.sid, "answered", is_joined=False) for n, one in enumerate(sent)),
                outbox=tuple(row(one) for one in messages if not one.is_double),
                stopped=frozenset(),
                blocked=frozenset(),
                told=frozenset(),
            ),
            backwards=self.backwards,
            kills={"web": 2, "worker": 3},
        )


def taken(number: int, recipient: str, body: str, *, is_double: bool = False) -> Taken:
    return Taken(
        id=number,
        sid=f"SM{number}",
        sender="+62811000001",
        recipient=recipient,
        body=body,
        content_sid=None,
        variables={},
        media=(),
        service_sid=None,
        status_callback=None,
        request_id=number - is_double,
        is_double=is_double,
        fault="502 after taking it",
        style="in order",
        taken_at=float(number),
        visible_at=float(number),
        steps=(),
        error_code=None,
    )


def request(one: Taken) -> Request:
    return Request(one.id, 0.0, "POST", "Messages", one.recipient, one.body, 0, one.fault, True, 502, None)


def row(one: Taken, *, state: str = "delivered") -> OutboxRow:
    now = datetime(2026, 11, 26, tzinfo=UTC)
    return OutboxRow(one.id, f"key-{one.id}", one.number, "sms", state, 1, one.sid, None, now, one.body)


def verdict(**what: object) -> Verdict:
    return judge(After(**what).happened())  # type: ignore[arg-type]  # fields of After


def test_where_all_went_well_every_promise_is_kept() -> None:
    found = verdict()
    assert found.is_kept
    assert (found.replies.wanted, found.reminders.wanted, found.inbound.wanted) == (3, 1, 3)
    assert found.faults == {"502 after taking it": (4, 0, 0)}


def test_a_lost_reply_is_found_although_an_equal_one_came() -> None:
    found = verdict(bodies=["menu", "lainnya"])
    assert (found.is_kept, found.replies.lost) == (False, [TALKER.number])
    assert found.faults["502 after taking it"] == (3, 1, 0)


def test_a_doubled_reply_is_found_and_does_not_make_up_for_a_lost_one() -> None:
    found = verdict(bodies=["menu", "lainnya", "lainnya"])
    assert (found.replies.lost, found.replies.doubled) == ([TALKER.number], [TALKER.number])


def test_what_the_provider_doubles_by_itself_is_counted_apart() -> None:
    found = verdict(bodies=["menu", "lainnya", "lainnya", "menu"], doubles={2})
    assert (found.is_kept, found.replies.by_provider) == (True, 1)


def test_one_double_of_the_provider_does_not_excuse_one_of_ours() -> None:
    found = verdict(bodies=["menu", "lainnya", "lainnya", "lainnya", "menu"], doubles={2})
    assert (len(found.replies.doubled), found.replies.by_provider) == (1, 1)


def test_a_wrong_order_is_found() -> None:
    found = verdict(bodies=["lainnya", "menu", "menu"])
    assert (found.replies.wrong_order, found.replies.lost, found.is_kept) == ([TALKER.number], [], False)


def test_an_apology_in_the_place_of_an_answer_is_no_answer() -> None:
    found = verdict(bodies=["menu", "maaf", "menu"])
    assert (len(found.replies.lost), len(found.replies.other), found.is_kept) == (1, 1, False)


@pytest.mark.parametrize(("count", "lost", "doubled"), [(0, 1, 0), (1, 0, 0), (2, 0, 1)])
def test_reminders_are_counted_by_person(count: int, lost: int, doubled: int) -> None:
    found = verdict(reminders=count)
    assert (len(found.reminders.lost), len(found.reminders.doubled)) == (lost, doubled)


def test_a_message_that_was_never_confirmed_is_lost_and_no_answer_to_it_is_wanted() -> None:
    found = verdict(confirmed_after=None, bodies=[])
    assert (len(found.inbound.lost), found.replies.wanted, found.is_kept) == (3, 0, False)


def test_a_slow_confirmation_is_told() -> None:
    assert (verdict(confirmed_after=15.5).late, verdict(confirmed_after=14.0).late) == (3, 0)


def test_a_message_that_was_confirmed_and_not_kept_is_lost() -> None:
    happened = After().happened()
    found = judge(replace(happened, records=replace(happened.records, inbound=happened.records.inbound[1:])))
    assert len(found.inbound.lost) == 1


def test_a_message_at_the_provider_that_we_know_nothing_of_is_found() -> None:
    happened = After().happened()
    found = judge(replace(happened, records=replace(happened.records, outbox=happened.records.outbox[1:])))
    assert (len(found.unknown_to_us), found.is_kept) == (1, False)


def test_a_message_that_is_not_settled_in_the_end_is_found() -> None:
    happened = After().happened()
    rows = (row(happened.messages[0], state="unknown"), *happened.records.outbox[1:])
    assert not judge(replace(happened, records=replace(happened.records, outbox=rows))).is_kept


@pytest.mark.parametrize(("status", "answered", "count"), [("read", 200, 1), ("read", None, 0), ("sent", 200, 0)])
def test_a_status_that_was_confirmed_has_to_show(status: str, answered: int | None, count: int) -> None:
    callback = CallbackRow("SM0", status, None, 0.0, answered, "")
    assert len(verdict(callbacks=[callback]).forgotten) == count


def test_a_status_that_came_before_we_knew_the_message_is_counted_apart() -> None:
    happened = After(callbacks=[CallbackRow("SM0", "delivered", None, 0.0, 200, "")]).happened()
    rows = (row(happened.messages[0], state="sent"), *happened.records.outbox[1:])
    found = judge(replace(happened, records=replace(happened.records, outbox=rows)))
    assert (found.is_kept, found.asked_later) == (True, 1)


def test_a_thought_in_three_messages_may_have_one_answer_or_three_but_as_many_as_were_read_apart() -> None:
    patient = Patient("+6281200000009", "sms", BURST, (0.0, 0.5, 1.0))
    happened = After(patients=[TALKER, patient], more=[taken(50, patient.number, "alamat")]).happened()
    joined = tuple(
        replace(one, is_joined=one.provider_id.endswith(("09-0", "09-1"))) for one in happened.records.inbound
    )
    assert judge(replace(happened, records=replace(happened.records, inbound=joined))).is_kept
    assert len(judge(happened).replies.lost) == 2


def test_a_phone_that_said_stop_gets_nothing_and_is_known_to_have_said_it() -> None:
    patient = Patient(telling_number(21610, 0), "sms", ("0",), (0.0,), 21610)
    happened = After(patients=[TALKER, patient]).happened()
    stopped = replace(happened.records, stopped=frozenset({patient.number}))
    assert judge(replace(happened, records=stopped)).is_kept
    assert judge(happened).refused[21610].other == [f"{patient.number}: not stopped"]


def test_who_is_not_on_whatsapp_gets_it_once_more_by_sms_unless_we_were_never_told() -> None:
    patient = Patient(telling_number(63003, 0), "whatsapp", ("0",), (0.0,), 63003)
    first = replace(taken(60, f"whatsapp:{patient.number}", "menu"), error_code=63003)
    told = [CallbackRow(first.sid, "undelivered", 63003, 0.0, 200, "")]
    outcomes = {
        name: judge(After(patients=[TALKER, patient], more=more, callbacks=callbacks).happened()).refused[63003]
        for name, more, callbacks in (
            ("by sms", [first, taken(61, patient.number, "menu")], told),
            ("nothing", [first], told),
            ("twice", [first, taken(61, patient.number, "menu"), taken(62, patient.number, "menu")], told),
            ("untold", [first], []),
        )
    }
    counted = {name: (len(count.lost), len(count.doubled), count.untold) for name, count in outcomes.items()}
    assert counted == {"by sms": (0, 0, 0), "nothing": (1, 0, 0), "twice": (0, 1, 0), "untold": (0, 0, 1)}


def test_the_watch_notes_what_moves_back_and_nothing_else() -> None:
    watch = StatusWatch(None)  # type: ignore[arg-type]  # compares what it is given
    for states in ({1: "sent", 2: "sending"}, {1: "delivered", 2: "queued"}, {1: "sent", 2: "sent"}):
        watch.compare(states)
    assert watch.backwards == [(1, "delivered", "sent")]


def test_a_status_that_moved_back_breaks_a_promise() -> None:
    assert not verdict(backwards=((1, "read", "sent"),)).is_kept


def test_the_tables_say_all_of_it() -> None:
    happened = After(bodies=["menu", "lainnya"]).happened()
    found = judge(happened)
    for draw in (plain, markdown):
        drawn = "\n".join(draw(*table) for table in tables(happened, found))
        assert "replies" in drawn and "502 after taking it" in drawn and "SIGKILL to workers" in drawn
    assert "replies lost: 1, such as +6281200000001" in details(found)
