"""Channels: how a message enters and leaves, one module per provider, the same verbs for each."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

Action = Literal["retry", "stop", "tell_staff", "opted_out", "fallback"]
"""After a refusal: try again later; give up; give up and tell staff; the patient said stop; use SMS."""


@dataclass(frozen=True)
class Inbound:
    """One message from a patient, as the provider gave it."""

    provider_id: str
    channel: str
    """whatsapp, sms or console."""
    address: str
    """E.164 without "whatsapp:", or the provider's user id when there is no number."""
    text: str
    media: tuple[dict[str, Any], ...] = ()
    profile_name: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class StatusUpdate:
    """What became of something we sent."""

    provider_id: str
    status: str
    error_code: str | None = None


@dataclass(frozen=True)
class Outgoing:
    """One message on its way out."""

    outbox_id: int
    channel: str
    address: str
    text: str
    template: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Accepted:
    """The provider took it."""

    provider_id: str
    status: str
    error_code: str | None = None
    """Where it was taken some time ago and could not be delivered since."""


class SendFailed(Exception):
    """The provider refused it; `action` says what to do."""

    def __init__(self, code: str, *, action: Action, retry_after: float | None = None) -> None:
        super().__init__(f"{code}: {action}")
        self.code = code
        self.action: Action = action
        self.retry_after = retry_after


class SendUnknown(Exception):
    """The call broke off: the provider may or may not have taken it. Ask before sending again."""


@dataclass(frozen=True)
class Capabilities:
    """What a channel can carry."""

    max_length: int
    has_buttons: bool
    has_media: bool
    window_hours: int | None
    """Free text only within so many hours after the last inbound message; None: always."""


class Channel(Protocol):
    """The verbs every provider has."""

    @property
    def capabilities(self) -> Capabilities: ...

    def send(self, message: Outgoing) -> Accepted:
        """Hand the message over; raises SendFailed or SendUnknown."""
        ...

    def find_sent(self, message: Outgoing, *, since: datetime, claimed: Collection[str] = ()) -> Accepted | None:
        """Look whether the provider has this message already; raises SendUnknown when it cannot say.

        `claimed` are the provider ids that other messages to the same address hold: of two equal texts to one
        person each is found once.
        """
        ...
