"""What a message was understood to mean: the one value that leaves this room."""

from __future__ import annotations

from dataclasses import dataclass

INTENTS = (
    "greet",
    "goodbye",
    "thanks",
    "affirm",
    "deny",
    "book_queue",
    "queue_status",
    "cancel_queue",
    "reschedule_queue",
    "membership_status",
    "dues_info",
    "change_membership_data",
    "facility_info",
    "doctor_schedule",
    "visit_history",
    "file_complaint",
    "complaint_status",
    "vaccination_info",
    "checkup_info",
    "registration_requirements",
    "talk_to_staff",
    "emergency",
    "health_question",
    "stop_messages",
    "help_menu",
    "out_of_scope",
)

ENTITIES = ("poli", "date", "time", "person", "nik", "card_number", "phone", "complaint_topic")


@dataclass(frozen=True)
class Entity:
    """One value found in a message.

    `value` is normalised: poli id ("umum", "gigi", "kia", ...), ISO date "2026-11-23", time "08:30" or a part of
    the day ("pagi", "siang", "sore", "malam"), person role or relation ("saya", "anak", "ibu", "bapak", "suami",
    "istri", ...), 16 digits (nik), 13 digits (card_number), E.164 (phone), or a complaint topic id.
    `raw` is the text it was read from.
    """

    entity: str
    value: str
    raw: str


@dataclass(frozen=True)
class Understanding:
    """A message and its reading.

    `danger` names the kind of danger sign found by the word list ("bleeding", "self_harm", ...) or is None.
    `by` says who decided: "step", "keyword", "danger", "model", "none" (no model answered and no keyword fitted).
    """

    text: str
    intent: str
    confidence: float
    entities: tuple[Entity, ...] = ()
    danger: str | None = None
    by: str = "model"
    others: tuple[str, ...] = ()
    """What the model holds for next likely, best first; empty unless it was asked."""
    asks: tuple[Understanding, ...] = ()
    """The two asks of a message that surely holds two, each by itself, in the order in which they are served."""
    behind: Understanding | None = None
    """What is surely asked behind words that ask nothing: an open question may take those ("besok, bawa apa ya")."""

    @property
    def also(self) -> str | None:
        """The intent of the ask beside the main one, or None."""
        return next((ask.intent for ask in self.asks if ask.intent != self.intent), None)

    def value(self, entity: str) -> str | None:
        """The first value found for this entity, or None."""
        for found in self.entities:
            if found.entity == entity:
                return found.value
        return None
