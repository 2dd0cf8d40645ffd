"""Channels: how a message enters and leaves, one module per provider, the same three verbs for each."""

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
    """whatsapp, sms or console: what the patient sees."""
    address: str
    """E.164 without "whatsapp:", or the provider's user id when there is no number."""
    text: str
    media: tuple[dict[str, Any], ...] = ()
    profile_name: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    route: str | None = None
    """By which route it came: whatsapp, gammu, android or console."""


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
    choices: tuple[str, ...] = ()
    """Labels of the numbered choices that the text ends with; the first comes back as "1"."""
    media: tuple[str, ...] = ()
    """Public addresses of files that go with the text."""
    key: str = ""
    """The outbox key with the number of the try: the same for the same attempt, so a provider can know it again."""
    useless_after: datetime | None = None


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
    """What a channel can carry, and what that costs."""

    max_length: int
    has_buttons: bool
    has_media: bool
    window_hours: int | None
    """Free text only within so many hours after the last inbound message; None: always."""
    is_two_way: bool = True
    """False: the patient cannot answer there."""
    billed_by: Literal["message", "segment", "nothing"] = "nothing"
    rank: int = 9
    """Where the health centre says nothing: the lower one is taken first."""
    most_buttons: int = 0
    button_letters: int = 0
    most_rows: int = 0
    """Of a list from which one is picked, where there are more choices than buttons."""
    row_letters: int = 0


class Unreadable(Exception):
    """What the provider handed us lacks what a message or status needs; the text names the field."""


class Channel(Protocol):
    """The verbs every provider has: receive, status and send; find_sent asks what became of a send that broke off."""

    @property
    def route(self) -> str:
        """whatsapp, gammu, android, twilio_sms or console."""
        ...

    @property
    def channel(self) -> str:
        """whatsapp, sms or console: what the patient sees; several routes may lead to one."""
        ...

    @property
    def capabilities(self) -> Capabilities: ...

    def receive(self, given: Mapping[str, Any]) -> Inbound:
        """A patient's message in our words, from the provider's own (form, row, JSON); raises Unreadable."""
        ...

    def status(self, given: Mapping[str, Any]) -> StatusUpdate:
        """What became of something we sent, from the provider's own words; raises Unreadable."""
        ...

    def send(self, message: Outgoing) -> Accepted:
        """Hand the message over; raises SendFailed or SendUnknown."""
        ...

    def find_sent(self, message: Outgoing, *, since: datetime, claimed: Collection[str] = ()) -> Accepted | None:
        """Look whether the provider has this message already; raises SendUnknown when it cannot say.

        `claimed` are the provider ids that other messages to the same address hold: of two equal texts to one
        person each is found once.
        """
        ...
