"""`sapa run`: what the supervisor hears of the worker."""

from __future__ import annotations

from bot.cli.run import _silence
from clinic.database import Base
from clinic.heartbeats import beat
from tests.pages_world import World


def test_the_silence_of_the_worker_is_counted_from_its_last_heartbeat(world: World) -> None:
    assert _silence(world.services, "worker") is None
    with world.services.database.transaction() as db:
        beat(db, part="worker", now=world.clock())
    world.clock.forward(seconds=75)

    assert 75 == _silence(world.services, "worker")


def test_a_database_that_cannot_say_is_no_silence(world: World) -> None:
    Base.metadata.drop_all(world.services.database.engine)

    assert _silence(world.services, "worker") is None
