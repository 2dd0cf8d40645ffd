"""Nudges: whoever left a booking half finished is asked once, an hour later, whether to go on."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from bot.turn import Talk, open_turn
from clinic.contacts import best_address, has_opted_out
from clinic.conversations import hold_if_quiet, left_open, load_state, save_state
from clinic.database import Session
from clinic.outbox import queue_message
from flows.dialog import Heard
from flows.engine import ask_to_go_on
from flows.render import offered, render
from flows.state import DialogState, state_from_json, state_to_json
from nlu.understanding import Understanding
from scheduler.quiet import sending_hours

log = logging.getLogger(__name__)

LOOK_BACK = timedelta(hours=3)
"""What was left open longer ago is not brought up again; the engine asks when the patient writes."""
USEFUL_FOR = timedelta(hours=2)


def nudge_left_open(talk: Talk) -> int:
    """Ask everyone who stopped in the middle of something worth going on with; how many were asked.

    Once per question, never in quiet hours, never those who said stop or whom a person is talking to.
    """
    now = talk.clock()
    if not sending_hours(talk.facility).allow(now):
        return 0
    until = now - timedelta(minutes=talk.facility.limits.resume_after_minutes)
    with talk.database.reading() as db:
        quiet = left_open(db, since=now - LOOK_BACK, until=until)
        open_ones = [contact for contact in quiet if _is_worth_it(talk, state_from_json(load_state(db, contact)))]
    asked = 0
    for contact_id in open_ones:
        with talk.database.transaction() as db:
            asked += _ask(talk, db, contact_id, now=now)
    if asked:
        log.info("nudged contacts=%s", asked)
    return asked


def _is_worth_it(talk: Talk, state: DialogState) -> bool:
    flow = talk.flows.by_name.get(state.flow or "")
    return flow is not None and flow.resumes and state.question is not None and state.asked_at is not None


def _ask(talk: Talk, db: Session, contact_id: int, *, now: datetime) -> bool:
    if not hold_if_quiet(db, contact_id) or has_opted_out(db, contact_id):
        return False
    state, address = state_from_json(load_state(db, contact_id)), best_address(db, contact_id)
    if address is None or not _is_worth_it(talk, state) or state.asked_at is None:
        return False
    nothing = Understanding(text="", intent="out_of_scope", confidence=0.0, by="none")
    heard = Heard(understanding=nothing, today=talk.facility.today(now))
    turn = open_turn(talk, db, heard, contact_id=contact_id, channel=address.channel, now=now)
    outcome = ask_to_go_on(talk.flows, turn, state)
    queued = queue_message(
        db,
        key=f"nudge:{contact_id}:{state.asked_at.isoformat()}",
        contact_id=contact_id,
        address_id=address.id,
        channel=address.channel,
        text=render(talk.replies, outcome.prompts, channel=address.channel),
        choices=offered(talk.replies, outcome.prompts),
        now=now,
        priority="notice",
        useless_after=now + USEFUL_FOR,
    )
    if queued is None:
        return False
    save_state(db, contact_id, state_to_json(outcome.state), now=now)
    return True
