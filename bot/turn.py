"""One message, top to bottom: from an unanswered row to what was said, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.unclear import note_if_unclear
from clinic.contacts import mark_greeted
from clinic.conversations import hand_to_bot, load_state, release, save_state
from clinic.database import Database, Session
from clinic.desk import Desk
from clinic.facility import Facility
from clinic.identity import IdentityKeeper
from clinic.inbound import InboundView, mark_answered, mark_silent
from clinic.outbox import queue_message
from clinic.standing import Standing, standing_of
from flows.dialog import Heard, Turn
from flows.engine import advance, answers_open_question
from flows.gates import Gate, Verdict
from flows.render import Prompt, render
from flows.replies import ReplyText
from flows.running import Flows, Outcome
from flows.state import DialogState, state_from_json, state_to_json
from nlu.extract import extract
from nlu.keywords import read_keyword
from nlu.understand import Understander
from nlu.understanding import Understanding

REPLY_IS_USEFUL_FOR = timedelta(hours=24)
HEARD = (Verdict.GO_ON, Verdict.COME_BACK)
"""What the dialog itself answers; the other verdicts do not look at what a message means."""


@dataclass(frozen=True)
class Talk:
    """What a turn works with; one for all turns of a process."""

    database: Database
    facility: Facility
    keeper: IdentityKeeper
    understander: Understander
    flows: Flows
    replies: Mapping[str, ReplyText]
    clock: Callable[[], datetime]


def handle(talk: Talk, inbound: InboundView, *, worker: str) -> None:
    """Answer one message: look, understand outside any transaction, then say, act and remember in one.

    `worker` holds the claim on this contact; raises ClaimLost, with nothing written, when somebody else has it now.
    """
    now = talk.clock()
    with talk.database.reading() as db:
        state = state_from_json(load_state(db, inbound.contact_id))
    heard = understand(talk, inbound, state, now=now)
    with talk.database.transaction() as db:
        # Looked up here, not before the parser was asked: a person may have taken the conversation meanwhile.
        standing = standing_of(db, inbound.contact_id, now=now, flood_minutes=talk.facility.limits.flood_minutes)
        verdict = Gate(talk.facility.limits).judge(standing, heard)
        if verdict is Verdict.SILENT:
            mark_silent(db, inbound.id, now=now)
            release(db, inbound.contact_id, worker=worker)
            return
        outcome = decide(talk, db, inbound, heard, state, verdict, now=now)
        if not _is_danger(heard):
            outcome = _introduced(outcome, standing, talk.facility)
        save_state(db, inbound.contact_id, state_to_json(outcome.state), now=now, worker=worker)
        _write(talk, db, inbound, heard, outcome, now=now)
        if verdict in HEARD:
            note_if_unclear(db, inbound.id, heard.understanding, outcome, now=now)
        release(db, inbound.contact_id, worker=worker)


def understand(talk: Talk, inbound: InboundView, state: DialogState, *, now: datetime) -> Heard:
    """What the message says: danger first, then what the open question takes, then keywords and the model.

    Danger is looked for in the whole message, however long; everything else is read from its beginning.
    """
    today = talk.facility.today(now)
    understander = talk.understander.for_one_message()
    danger = understander.danger_in(inbound.text, today=today)
    if danger is not None:
        return Heard(understanding=danger, today=today)
    text = inbound.text[: talk.facility.limits.max_text]
    keyword = read_keyword(text)
    name = keyword.name if keyword is not None else None
    entities = extract(text, today=today)
    plain = Understanding(text=text, intent="out_of_scope", confidence=1.0, entities=entities, by="step")
    heard = Heard(understanding=plain, today=today, keyword=name)
    if answers_open_question(state, heard):
        return heard
    return Heard(understanding=understander.understand(text, today=today), today=today, keyword=name)


def decide(
    talk: Talk,
    db: Session,
    inbound: InboundView,
    heard: Heard,
    state: DialogState,
    verdict: Verdict,
    *,
    now: datetime,
) -> Outcome:
    """What to say and where the conversation stands then; everything done goes through the desk, in `db`."""
    media = tuple(inbound.media)
    turn = open_turn(talk, db, heard, contact_id=inbound.contact_id, channel=inbound.channel, now=now, media=media)
    turn = replace(turn, written=inbound.text)
    if verdict is Verdict.HINT:
        return Outcome(state, (Prompt("everywhere.opted_out_hint"),))
    if verdict is Verdict.FLOOD:
        turn.desk.open_case(kind="handover", topic="flood", text="")
        return Outcome(state, (Prompt("everywhere.flood"),))
    if verdict is Verdict.COME_BACK:
        hand_to_bot(db, inbound.contact_id)
    if inbound.media and not inbound.text.strip():
        return Outcome(state, (Prompt("everywhere.media_only"),))
    return advance(talk.flows, turn, state)


def open_turn(
    talk: Talk,
    db: Session,
    heard: Heard,
    *,
    contact_id: int,
    channel: str,
    now: datetime,
    media: tuple[Mapping[str, Any], ...] = (),
) -> Turn:
    """What a step sees, with a desk for this contact in this transaction."""
    desk = Desk(db=db, facility=talk.facility, keeper=talk.keeper, contact_id=contact_id, channel=channel, now=now)
    local = now.astimezone(talk.facility.zone)
    return Turn(heard, slots={}, desk=desk, facility=talk.facility, now=local, channel=channel, media=media)


def _introduced(outcome: Outcome, standing: Standing, facility: Facility) -> Outcome:
    """The first answer a contact gets also says who we are; a question stays last."""
    if not standing.is_first_contact:
        return outcome
    who = Prompt("everywhere.first_contact", {"puskesmas": facility.short_name})
    if outcome.state.question is None:
        return replace(outcome, prompts=(*outcome.prompts, who))
    return replace(outcome, prompts=(*outcome.prompts[:-1], who, outcome.prompts[-1]))


def _write(talk: Talk, db: Session, inbound: InboundView, heard: Heard, outcome: Outcome, *, now: datetime) -> None:
    queue_message(
        db,
        key=f"inbound:{inbound.id}:1",
        contact_id=inbound.contact_id,
        address_id=inbound.address_id,
        channel=inbound.channel,
        text=render(talk.replies, outcome.prompts, channel=inbound.channel),
        now=now,
        priority="danger" if _is_danger(heard) else "reply",
        useless_after=now + REPLY_IS_USEFUL_FOR,
    )
    if not _is_danger(heard):
        mark_greeted(db, inbound.contact_id, now=now)
    mark_answered(db, inbound.id, now=now, reading=_reading(heard.understanding))


def _is_danger(heard: Heard) -> bool:
    """The reply to danger stands alone: who we are is said with the next one."""
    return heard.understanding.intent == "emergency"


def _reading(understanding: Understanding) -> dict[str, Any]:
    return {
        "intent": understanding.intent,
        "confidence": round(understanding.confidence, 3),
        "by": understanding.by,
        "danger": understanding.danger,
    }
