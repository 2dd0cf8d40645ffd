"""Where a conversation stands, as a value that survives a restart: step names, never indexes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from flows.dialog import Act, Choice
from nlu.understanding import Entity


@dataclass(frozen=True)
class Question:
    """The question that is open: which step asked it, how its answer is read, and what was offered."""

    step: str
    slot: str
    then: str
    reader: str
    reply: str
    values: Mapping[str, str] = field(default_factory=dict)
    choices: tuple[Choice, ...] = ()
    simpler: str | None = None
    takes_anything: bool = False
    let_go: str | None = None


@dataclass(frozen=True)
class LaterAsk:
    """The second ask of a message, without NIK or card numbers: offered once the first is served."""

    intent: str
    text: str
    entities: tuple[Entity, ...]
    said_at: datetime
    is_for_another: bool = False
    """The same as the first ask, for somebody else: "daftarkan saya dan anak saya"."""


@dataclass(frozen=True)
class Served:
    """What was served last, and its values: a short "kalau yang sabtu?" is read in its light."""

    flow: str
    at: datetime
    slots: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DialogState:
    """One conversation. `flow` is None when nothing is open."""

    flow: str | None = None
    question: Question | None = None
    slots: Mapping[str, str] = field(default_factory=dict)
    trail: tuple[str, ...] = ()
    """Slots answered in this flow, oldest first: SALAH takes the last one back."""
    unclear: int = 0
    asked_at: datetime | None = None
    last_act: Act | None = None
    acted_at: datetime | None = None
    opened_by: str = ""
    """What the patient wrote to open this flow, without NIK or card numbers: a person who takes over reads it."""
    parked: Mapping[str, Any] | None = None
    """An interrupted flow, as JSON, while we ask whether to go on with it."""
    later: LaterAsk | None = None
    last: Served | None = None

    def closed(self) -> DialogState:
        """The same conversation with nothing open; what may be undone stays."""
        return DialogState(last_act=self.last_act, acted_at=self.acted_at)

    def counted_unclear(self) -> DialogState:
        return replace(self, unclear=self.unclear + 1)


def state_to_json(state: DialogState) -> dict[str, Any]:
    """A plain dict for the database; empty when there is nothing to remember."""
    kept: dict[str, Any] = {}
    if state.flow is not None:
        kept |= {"flow": state.flow, "slots": dict(state.slots), "trail": list(state.trail)}
    if state.question is not None:
        kept["question"] = _question_to_json(state.question)
    if state.unclear:
        kept["unclear"] = state.unclear
    if state.asked_at is not None:
        kept["asked_at"] = state.asked_at.isoformat()
    if state.last_act is not None and state.acted_at is not None:
        kept["act"] = [
            state.last_act.flow,
            state.last_act.kind,
            state.last_act.row,
            state.acted_at.isoformat(),
        ]
    if state.opened_by:
        kept["opened_by"] = state.opened_by
    if state.parked is not None:
        kept["parked"] = dict(state.parked)
    if state.later is not None:
        kept["later"] = _later_to_json(state.later)
    if state.last is not None:
        kept["last"] = [state.last.flow, state.last.at.isoformat(), dict(state.last.slots)]
    return kept


def state_from_json(kept: Mapping[str, Any]) -> DialogState:
    """Read what `state_to_json` wrote; what an older version wrote and we no longer know is dropped."""
    act = kept.get("act")
    question = kept.get("question")
    asked_at = kept.get("asked_at")
    later, last = kept.get("later"), kept.get("last")
    return DialogState(
        flow=kept.get("flow"),
        question=_question_from_json(question) if question else None,
        slots=dict(kept.get("slots", {})),
        trail=tuple(kept.get("trail", ())),
        unclear=int(kept.get("unclear", 0)),
        asked_at=datetime.fromisoformat(asked_at) if asked_at else None,
        last_act=Act(flow=act[0], kind=act[1], row=act[2]) if act else None,
        acted_at=datetime.fromisoformat(act[3]) if act else None,
        opened_by=str(kept.get("opened_by", "")),
        parked=kept.get("parked"),
        later=_later_from_json(later) if later else None,
        last=Served(last[0], datetime.fromisoformat(last[1]), dict(last[2])) if last else None,
    )


def _question_to_json(question: Question) -> dict[str, Any]:
    return {
        "step": question.step,
        "slot": question.slot,
        "then": question.then,
        "reader": question.reader,
        "reply": question.reply,
        "values": dict(question.values),
        "choices": [[choice.value, choice.label] for choice in question.choices],
        "simpler": question.simpler,
        "takes_anything": question.takes_anything,
        "let_go": question.let_go,
    }


def _question_from_json(kept: Mapping[str, Any]) -> Question:
    return Question(
        step=kept["step"],
        slot=kept["slot"],
        then=kept["then"],
        reader=kept["reader"],
        reply=kept["reply"],
        values=dict(kept.get("values", {})),
        choices=tuple(Choice(value=value, label=label) for value, label in kept.get("choices", ())),
        simpler=kept.get("simpler"),
        takes_anything=bool(kept.get("takes_anything", False)),
        let_go=kept.get("let_go"),
    )


def _later_to_json(later: LaterAsk) -> dict[str, Any]:
    entities = [[entity.entity, entity.value, entity.raw] for entity in later.entities]
    kept = {"intent": later.intent, "text": later.text, "entities": entities, "said_at": later.said_at.isoformat()}
    return kept | {"for_another": later.is_for_another}


def _later_from_json(kept: Mapping[str, Any]) -> LaterAsk:
    return LaterAsk(
        intent=kept["intent"],
        text=kept["text"],
        entities=tuple(Entity(*entity) for entity in kept["entities"]),
        said_at=datetime.fromisoformat(kept["said_at"]),
        is_for_another=bool(kept.get("for_another", False)),
    )
