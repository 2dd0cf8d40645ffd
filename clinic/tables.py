"""All tables in one place: importing this module makes them known to the metadata."""

from clinic.audit import AuditEntry
from clinic.cases import Case
from clinic.contacts import Address, Contact, PersonLink
from clinic.content_templates import ContentTemplate
from clinic.conversations import Conversation
from clinic.database import Base
from clinic.heartbeats import Heartbeat
from clinic.inbound_table import InboundMessage
from clinic.media import MediaFile
from clinic.membership import Membership
from clinic.outbox import OutboxMessage
from clinic.people import Person
from clinic.programmes import Dose, Enrolment, Reminder
from clinic.queue_table import (
    BpjsEffect,
    PaperBlock,
    QueueCounter,
    QueueEntry,
    QueueEvent,
    QueuePush,
    SessionChange,
    SessionCounter,
)
from clinic.routes import RouteState
from clinic.staff import StaffMember
from clinic.told_apart import ToldApart
from clinic.unclear_messages import UnclearMessage

METADATA = Base.metadata

__all__ = [
    "METADATA",
    "Address",
    "AuditEntry",
    "BpjsEffect",
    "Case",
    "Contact",
    "ContentTemplate",
    "Conversation",
    "Dose",
    "Enrolment",
    "Heartbeat",
    "InboundMessage",
    "MediaFile",
    "Membership",
    "OutboxMessage",
    "PaperBlock",
    "Person",
    "PersonLink",
    "QueueCounter",
    "QueueEntry",
    "QueueEvent",
    "QueuePush",
    "Reminder",
    "RouteState",
    "SessionChange",
    "SessionCounter",
    "StaffMember",
    "ToldApart",
    "UnclearMessage",
]
