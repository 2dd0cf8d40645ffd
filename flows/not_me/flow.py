"""BUKAN SAYA: this phone belongs to somebody else; forgets whom it spoke for and stops writing."""

from __future__ import annotations

from flows.dialog import Ask, Flow, Say, Turn
from flows.readers import read_yes_no

flow = Flow("not_me", intents=())


@flow.step
def sure(turn: Turn) -> Ask:
    return Ask("not_me.sure", parse=read_yes_no, slot="sure", then="decided")


@flow.step
def decided(turn: Turn) -> Say:
    if turn.slot("sure") != "yes":
        return Say("not_me.kept")
    turn.desk.unlink_all()
    turn.desk.stop_messages()
    return Say("not_me.done")
