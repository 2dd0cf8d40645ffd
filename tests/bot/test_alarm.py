"""Alarm: the duty phone hears once that messages are stuck, by a way that works, and once that they go out again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random

import pytest
from sqlalchemy import select

from bot.alarm import TEXTS, Alarm
from bot.channels import Channel, SendFailed
from bot.delivery import Delivery
from clinic import routes
from clinic.contacts import Address, Contact
from clinic.outbox import OutboxMessage
from flows.replies import ReplyText
from flows.text_gate import reply_faults
from tests.bot.fake_channel import FakeChannel
from tests.sent_world import SentWorld

DUTY = "+6281200000099"
ALL = ("whatsapp", "gammu", "twilio_sms", "console")
NOTICE = "HX" + "0" * 32


@pytest.fixture
def world(sent_world: SentWorld) -> SentWorld:
    return replace(sent_world, facility=sent_world.facility.model_copy(update={"duty_phone": DUTY}))


def alarm_of(world: SentWorld, *, routes: tuple[str, ...] = ALL, **facility: object) -> Alarm:
    changed = world.facility.model_copy(update=facility)
    return Alarm(database=world.database, facility=changed, routes=routes, clock=world.clock)


def alarms(world: SentWorld) -> list[OutboxMessage]:
    with world.database.reading() as db:
        found = db.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
        return [row for row in found if row.key.startswith("alarm:")]


def told(world: SentWorld) -> list[tuple[str, str]]:
    """Of each alarm: its name within the incident, and the channel."""
    return [(row.key.split(":")[2], row.channel) for row in alarms(world)]


def set_state(world: SentWorld, message_id: int, state: str, **values: object) -> None:
    with world.database.transaction() as db:
        row = db.get_one(OutboxMessage, message_id)
        row.state = state
        for name, value in values.items():
            setattr(row, name, value)


def break_route(world: SentWorld, *names: str) -> None:
    with world.database.transaction() as db:
        for name in names:
            for _ in range(routes.OPENS_AFTER):
                routes.note_failure(db, name, error="unreachable", now=world.clock())


def stuck(world: SentWorld, **fields: object) -> int:
    """A message that has waited a little longer than is allowed."""
    made = world.queue(**fields)  # type: ignore[arg-type]  # texts and numbers
    world.clock.forward(minutes=5, seconds=1)
    return made


def test_nothing_is_said_before_the_time_is_over(world: SentWorld) -> None:
    world.queue()
    world.clock.forward(minutes=5)

    assert (None, []) == (alarm_of(world).look(), alarms(world))


def test_a_stuck_whatsapp_message_is_told_by_sms(world: SentWorld) -> None:
    stuck(world)

    assert "told" == alarm_of(world).look()
    assert [("001", "sms")] == told(world)
    (row,) = alarms(world)
    assert "1 pesan macet sejak jam" in row.text
    assert 5 == row.priority, "before everything but danger, and never held back"


def test_a_stuck_sms_is_told_by_whatsapp_where_a_template_allows_it(world: SentWorld) -> None:
    stuck(world, channel="sms")
    break_route(world, "gammu", "twilio_sms")

    assert "told" == alarm_of(world, whatsapp_templates={"notice": NOTICE}).look()
    (row,) = alarms(world)
    assert ("whatsapp", {"sid": NOTICE, "variables": {"1": row.text}}) == (row.channel, row.template)


def test_whatsapp_carries_it_without_a_template_only_while_the_phone_wrote_lately(world: SentWorld) -> None:
    stuck(world, channel="sms")
    break_route(world, "gammu", "twilio_sms")
    alarm = alarm_of(world)
    assert "nobody" == alarm.look()
    world.queue("Terima kasih.", to=DUTY)  # as if it had just written

    assert "told" == alarm.look()
    assert [("001", "whatsapp")] == told(world)


def test_a_modem_that_is_dead_is_passed_over(world: SentWorld) -> None:
    stuck(world, channel="sms")
    with world.database.transaction() as db:
        routes.note_look(db, "gammu", seen_at=None, trouble="modem_dead")

    assert "nobody" == alarm_of(world, routes=("gammu", "console")).look()
    assert "told" == alarm_of(world, routes=("gammu", "twilio_sms", "console")).look()


def test_one_incident_is_one_message_an_hour(world: SentWorld) -> None:
    stuck(world)
    alarm = alarm_of(world)
    alarm.look()
    set_state(world, alarms(world)[0].id, "delivered")
    for _ in range(3):
        world.clock.forward(minutes=15)
        alarm.look()
    assert [("001", "sms")] == told(world)
    world.clock.forward(minutes=16)
    alarm.look()

    assert [("001", "sms"), ("002", "sms")] == told(world)
    first, second = alarms(world)
    assert "masih macet" in second.text
    assert first.key.split(":")[1] == second.key.split(":")[1], "the same incident"


def test_two_workers_tell_it_once(world: SentWorld) -> None:
    stuck(world)

    assert ["told", None] == [alarm_of(world).look(), alarm_of(world).look()]


@pytest.mark.parametrize("state", ["failed", "undelivered"])
def test_an_alarm_that_did_not_arrive_takes_another_channel(world: SentWorld, state: str) -> None:
    stuck(world)
    alarm = alarm_of(world, whatsapp_templates={"notice": NOTICE})
    alarm.look()
    set_state(world, alarms(world)[0].id, state)
    world.clock.forward(minutes=1)
    alarm.look()
    alarm.look()

    assert [("001", "sms"), ("002", "whatsapp")] == told(world)


def test_an_alarm_that_is_stuck_itself_takes_another_channel_and_then_staff_are_told(world: SentWorld) -> None:
    stuck(world)
    alarm = alarm_of(world, whatsapp_templates={"notice": NOTICE})
    said = []
    for _ in range(3):
        said.append(alarm.look())
        world.clock.forward(minutes=5, seconds=1)

    assert ["told", "told", "nobody"] == said
    assert ["sms", "whatsapp"] == [channel for _, channel in told(world)]
    (case,) = world.cases()
    assert ("delivery", "alarm", True) == (case.kind, case.topic, case.urgent)


def test_without_any_way_staff_get_one_case_and_the_log_cries_once_an_hour(
    world: SentWorld, caplog: pytest.LogCaptureFixture
) -> None:
    stuck(world)
    break_route(world, "gammu", "twilio_sms", "whatsapp")
    alarm = alarm_of(world)
    with caplog.at_level(logging.CRITICAL):
        said = [alarm.look() for _ in range(3)]
        world.clock.forward(hours=1)
        alarm.look()

    assert ["nobody"] * 3 == said
    assert (1, [], 2) == (len(world.cases()), alarms(world), len(caplog.records))
    assert "1 pesan macet" in world.cases()[0].text


def test_without_a_duty_phone_staff_are_told_as_well(world: SentWorld) -> None:
    stuck(world)

    assert "nobody" == alarm_of(world, duty_phone=None).look()
    assert 1 == len(world.cases())


def test_when_all_goes_out_again_the_phone_hears_it_once(world: SentWorld) -> None:
    message = stuck(world)
    alarm = alarm_of(world)
    alarm.look()
    set_state(world, alarms(world)[0].id, "sent")
    set_state(world, message, "sent")

    assert ["well", None, None] == [alarm.look() for _ in range(3)]
    assert [("001", "sms"), ("well", "sms")] == told(world)


def test_an_alarm_that_never_left_is_taken_back_and_nothing_is_said_of_the_end(world: SentWorld) -> None:
    message = stuck(world)
    alarm = alarm_of(world)
    alarm.look()
    set_state(world, message, "sent")
    alarm.look()

    assert [("001", "dropped", "over")] == [(row.key[-3:], row.state, row.error_code) for row in alarms(world)]
    assert alarm.look() is None


def test_the_next_trouble_is_another_incident(world: SentWorld) -> None:
    message = stuck(world)
    alarm = alarm_of(world)
    alarm.look()
    set_state(world, alarms(world)[0].id, "sent")
    set_state(world, message, "sent")
    alarm.look()
    set_state(world, alarms(world)[1].id, "sent")
    stuck(world, text="Yang berikut.")
    alarm.look()

    assert ["001", "well", "001"] == [name for name, _ in told(world)]
    assert 2 == len({row.key.split(":")[1] for row in alarms(world)})


def test_an_unsent_alarm_is_not_what_the_next_alarm_is_about(world: SentWorld) -> None:
    message = stuck(world)
    alarm = alarm_of(world)
    alarm.look()
    set_state(world, alarms(world)[0].id, "unknown")
    set_state(world, message, "sent")
    world.clock.forward(minutes=30)

    assert alarm.look() is None


def test_the_duty_phone_is_not_greeted_as_a_patient(world: SentWorld) -> None:
    stuck(world)
    alarm_of(world).look()
    with world.database.reading() as db:
        query = select(Contact).join(Address, Address.contact_id == Contact.id).where(Address.address == DUTY)
        assert db.scalars(query).one().greeted_at is not None


Deliver = Callable[..., Delivery]


@pytest.fixture
def deliver(world: SentWorld) -> Iterator[Deliver]:
    opened: list[Delivery] = []

    def make(**channels: Channel) -> Delivery:
        parts = {"database": world.database, "facility": world.facility, "clock": world.clock}
        opened.append(Delivery(**parts, channels=channels, worker="w", random=Random(1)))  # type: ignore[arg-type]
        return opened[-1]

    yield make
    for each in opened:
        each.close()


def test_it_really_leaves_by_the_modem_while_whatsapp_is_down(world: SentWorld, deliver: Deliver) -> None:
    down = [SendFailed("unreachable", action="retry") for _ in range(200)]
    whatsapp, gammu = FakeChannel(failures=down), FakeChannel(route="gammu")
    delivery = deliver(whatsapp=whatsapp, gammu=gammu)
    alarm = alarm_of(world, routes=("whatsapp", "gammu"))
    for number in range(6):
        world.queue(f"Antrian {number}", to=f"+628120000001{number}")
    for _ in range(30):
        delivery.deliver_due()
        alarm.look()
        world.clock.forward(seconds=30)
    assert (["alarm:"], [DUTY]) == ([sent.key[:6] for sent in gammu.taken], [sent.address for sent in gammu.taken])
    assert "6 pesan macet" in gammu.texts()[0]

    whatsapp.failures.clear()
    for _ in range(30):
        delivery.deliver_due()
        alarm.look()
        world.clock.forward(seconds=30)
    assert 6 == len(whatsapp.taken)
    assert "jalan lagi" in gammu.texts()[1]
    assert 2 == len(gammu.taken)


@pytest.mark.parametrize("reply", TEXTS.values(), ids=lambda reply: reply.key)
def test_the_texts_are_one_plain_sms_each(reply: ReplyText) -> None:
    assert [] == list(reply_faults(reply))
