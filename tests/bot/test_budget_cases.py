"""Staff hear once a month that the money runs low, and what is given up does not go out."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest

from bot.budget_cases import tell_of_budget
from bot.channels import Accepted, Capabilities, Inbound, Outgoing, StatusUpdate
from bot.delivery import Delivery
from clinic.budget import BudgetWatch
from clinic.cases import Case, close_case
from clinic.database import Database
from clinic.facility import Facility
from clinic.facility_delivery import Budget, Prices
from tests.clinic.sent_messages import a_sent_message
from tests.sent_world import Clock, SentWorld

PRICES = Prices(whatsapp_reply=80, whatsapp_template=400)


@dataclass
class Phone:
    """A way out that takes everything."""

    route: str = "whatsapp"
    channel: str = "whatsapp"
    capabilities: Capabilities = Capabilities(max_length=1600, has_buttons=False, has_media=False, window_hours=24)
    took: list[str] = field(default_factory=list)

    def receive(self, given: Mapping[str, Any]) -> Inbound:
        raise NotImplementedError

    def status(self, given: Mapping[str, Any]) -> StatusUpdate:
        raise NotImplementedError

    def send(self, message: Outgoing) -> Accepted:
        self.took.append(message.text)
        return Accepted(provider_id=f"SM{message.outbox_id}", status="queued")

    def find_sent(self, message: Outgoing, *, since: datetime, claimed: object = ()) -> Accepted | None:
        return None


@pytest.fixture
def centre(facility: Facility) -> Facility:
    budget = Budget(monthly=1000, warn_percent=80)
    return facility.model_copy(update={"budget": budget, "prices": PRICES})


@pytest.fixture
def world(database: Database, centre: Facility, now: datetime) -> SentWorld:
    return SentWorld(database, centre, Clock(now))


def spend(world: SentWorld, rupiah: int, *, kind: str = "reminder") -> None:
    with world.database.transaction() as db:
        a_sent_message(db, world.clock(), kind=kind, cost=rupiah * 100)


def tell(world: SentWorld) -> list[str | None]:
    """The topics of all cases after another run of the job."""
    tell_of_budget(world.database, world.facility, now=world.clock())
    return [case.topic for case in world.cases()]


def test_staff_are_told_once_that_the_money_runs_low(world: SentWorld) -> None:
    spend(world, 799)
    assert [] == tell(world)
    spend(world, 1)
    assert ["budget_warning"] == tell(world) == tell(world)


def test_a_case_that_was_closed_does_not_come_back_before_the_next_month(world: SentWorld) -> None:
    spend(world, 900)
    tell(world)
    with world.database.transaction() as db:
        close_case(db, world.cases()[0].id, staff_id=None, outcome="sudah dilaporkan", now=world.clock())
    world.clock.forward(hours=1)
    assert ["budget_warning"] == tell(world)
    world.clock.forward(days=31)
    spend(world, 900)
    assert ["budget_warning"] * 2 == tell(world)


def test_staff_are_told_when_things_are_given_up(world: SentWorld) -> None:
    spend(world, 850)
    tell(world)
    spend(world, 150)
    assert ["budget_warning", "budget_spent"] == tell(world) == tell(world)
    case = world.cases()[-1]
    assert (case.kind, case.contact_id, case.urgent) == ("delivery", None, False)
    assert "Biaya" in case.text


def test_without_a_budget_nobody_is_told(world: SentWorld, facility: Facility) -> None:
    spend(world, 10**6)
    assert 0 == tell_of_budget(world.database, facility, now=world.clock())


def test_several_processes_at_once_open_one_case(world: SentWorld) -> None:
    spend(world, 900)
    start = Barrier(4)

    def run() -> None:
        start.wait()
        tell_of_budget(world.database, world.facility, now=world.clock())

    threads = [Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 == len(world.cases())


@pytest.fixture
def phone() -> Phone:
    return Phone()


@pytest.fixture
def delivery(world: SentWorld, phone: Phone) -> Iterator[Delivery]:
    delivery = Delivery(
        database=world.database,
        facility=world.facility,
        channels={"whatsapp": phone},
        clock=world.clock,
        worker="w",
        random=random.Random(1),
        stopped_kinds=BudgetWatch(world.facility).stopped_kinds,
    )
    yield delivery
    delivery.close()


def test_reminders_do_not_go_out_when_the_money_is_spent_and_danger_and_replies_do(
    world: SentWorld, delivery: Delivery, phone: Phone
) -> None:
    spend(world, 1000)
    for number, kind in enumerate(("reminder", "notice", "staff", "reply", "danger"), 1):
        world.queue(kind, to=f"+628120000001{number}", priority=kind)
    delivery.deliver_due()
    assert ["danger", "reply", "staff"] == sorted(phone.took)
    dropped = {row.error_code for row in map(world.row, range(2, 7)) if row.state == "dropped"}
    assert {"budget"} == dropped


def test_what_goes_out_is_priced_and_the_price_counts(world: SentWorld, delivery: Delivery, phone: Phone) -> None:
    for number in range(30):
        world.queue(f"pesan {number}", to=f"+6281200001{number:03d}", priority="reminder")
        delivery.deliver_due()
        world.clock.forward(seconds=3)
    # Thirteen at 80 rupiah are the first that reach 1,000.
    assert 13 == len(phone.took)


def test_a_case_about_the_budget_is_due_like_others(world: SentWorld) -> None:
    spend(world, 900)
    tell(world)
    case: Case = world.cases()[0]
    assert timedelta(hours=world.facility.limits.due_hours.delivery) == case.due_at - case.opened_at
