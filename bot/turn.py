"""One message, top to bottom: from an unanswered row to what was said, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from bot.bursts import Burst
from bot.hearing import Ears
from bot.loops import tell_of_loop
from bot.pieces import is_only_later_pieces
from bot.taps import after_old_tap, as_meant, is_old_tap, unless_old
from bot.unclear import note_if_unclear
from clinic.contacts import mark_greeted
from clinic.conversations import hand_to_bot, load_state, release, save_state
from clinic.database import Database, Session
from clinic.desk import Desk
from clinic.facility import Facility
from clinic.identity import IdentityKeeper
from clinic.inbound import InboundView, mark_answered, mark_silent
from clinic.outbox import queue_message
from clinic.programmes import last_open_reminder
from clinic.standing import Standing, standing_of
from flows.dialog import Heard, Turn
from flows.engine import advance
from flows.gates import LOOPS, UNANSWERED, Gate, Verdict
from flows.own_words import OwnWords
from flows.render import Prompt, offered, render
from flows.replies import ReplyText
from flows.running import Flows, Outcome
from flows.state import DialogState, state_from_json, state_to_json
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

    @cached_property
    def ears(self) -> Ears:
        return Ears(self.understander, self.facility, self._own_words)

    @cached_property
    def _own_words(self) -> OwnWords:
        return OwnWords(self.replies)


def handle(talk: Talk, burst: Burst, *, worker: str) -> None:
    """Answer one burst: look, understand outside any transaction, then say, act and remember in one.

    `worker` holds the claim on this contact; raises ClaimLost, with nothing written, when somebody else has it now.
    """
    now, contact_id = talk.clock(), burst.last.contact_id
    with talk.database.reading() as db:
        state = state_from_json(load_state(db, contact_id))
        burst = _as_meant(talk, db, burst, state)
        reminder_waits = last_open_reminder(db, contact_id, now=now) is not None if burst.is_closed else False
    heard = talk.ears.hear(burst, state, now=now, reminder_waits=reminder_waits)
    with talk.database.transaction() as db:
        # Looked up here, not before the parser was asked: a person may have taken the conversation meanwhile.
        standing = standing_of(db, contact_id, now=now, limits=talk.facility.limits, taken_up=burst.messages)
        verdict = Gate(talk.facility.limits).judge(standing, heard)
        if verdict in UNANSWERED or (is_only_later_pieces(burst.messages) and not _is_danger(heard)):
            _stay_silent(talk, db, burst, heard, standing, verdict, now=now)
        else:
            _answer(talk, db, burst, heard, state, standing, verdict, now=now, worker=worker)
        release(db, contact_id, worker=worker)


def _as_meant(talk: Talk, db: Session, burst: Burst, state: DialogState) -> Burst:
    """With a tap or a copied label as the dialog is to hear it, where it stands alone or ends the burst."""
    if len(burst.messages) > 1 and not burst.is_closed:
        return burst
    return burst.with_last(as_meant(db, burst.last, state, replies=talk.replies, facility=talk.facility))


def _stay_silent(
    talk: Talk, db: Session, burst: Burst, heard: Heard, standing: Standing, verdict: Verdict, *, now: datetime
) -> None:
    """A person holds the conversation, or a machine wrote; of a loop staff are told once."""
    reading: dict[str, Any] = {}
    if verdict is Verdict.AUTO_REPLY or verdict in LOOPS:
        reading = {**_reading(heard.understanding), "silent": verdict.value}
    if verdict in LOOPS:
        turn = open_turn(talk, db, heard, contact_id=standing.contact_id, channel=burst.last.channel, now=now)
        tell_of_loop(turn, standing, replies=talk.replies, written=burst.whole.text)
    mark_silent(db, burst.last.id, now=now, reading=reading, joined=burst.earlier_ids)


def _answer(
    talk: Talk,
    db: Session,
    burst: Burst,
    heard: Heard,
    state: DialogState,
    standing: Standing,
    verdict: Verdict,
    *,
    now: datetime,
    worker: str,
) -> None:
    whole = burst.whole
    outcome = decide(talk, db, whole, heard, state, verdict, now=now)
    if not _is_danger(heard):
        outcome = _introduced(outcome, standing, talk.facility)
    save_state(db, standing.contact_id, state_to_json(outcome.state), now=now, worker=worker)
    if not _provider_confirms(whole, heard):
        _write(talk, db, whole, heard, outcome, now=now)
        if not _is_danger(heard):
            mark_greeted(db, standing.contact_id, now=now)
    reading = _reading(heard.understanding)
    mark_answered(db, whole.id, now=now, reading=reading, joined=burst.earlier_ids)
    if verdict in HEARD and len(burst.texts) <= 1:  # what several texts mean together is the meaning of none
        note_if_unclear(db, whole.id, heard.understanding, outcome, now=now)


def _provider_confirms(inbound: InboundView, heard: Heard) -> bool:
    """Where the provider itself saw STOP or START it has said so to the patient: once is enough."""
    return heard.keyword in ("stop", "start") and inbound.extra.get("opt_out_type") in ("STOP", "START")


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
    if "fragment" in inbound.extra and not _is_danger(heard):
        return Outcome(state, (Prompt("everywhere.part_missing"),), took_answer=True)
    if is_old_tap(inbound):
        return after_old_tap(state)
    return unless_old(inbound, state, advance(talk.flows, turn, state))


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
        choices=offered(talk.replies, outcome.prompts),
        now=now,
        priority="danger" if _is_danger(heard) else "reply",
        useless_after=now + REPLY_IS_USEFUL_FOR,
    )


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
