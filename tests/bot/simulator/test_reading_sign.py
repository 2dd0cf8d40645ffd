"""A simulated phone shows that a message is being read for as long as it waits for its answer."""

from __future__ import annotations

from clinic.inbound import mark_answered, receive
from tests.pages_world import World

SIGN = "sedang membaca"
PHONE = "+6281200000001"


def test_the_sign_stands_from_the_message_to_its_answer(world: World) -> None:
    seen = [_screen(world)]
    with world.services.database.transaction() as db:
        kept = receive(db, provider_id="SM1", channel="sms", address=PHONE, text="halo", now=world.clock())
    seen.append(_screen(world))
    with world.services.database.transaction() as db:
        mark_answered(db, kept.inbound_id, now=world.clock(), reading={})
    seen.append(_screen(world))

    assert [False, True, False] == [SIGN in screen for screen in seen]


def _screen(world: World) -> str:
    return world.app.test_client().get("/simulator/sms/screen", query_string={"sms": PHONE}).get_data(as_text=True)
