"""A provider that fails as told and then takes everything, for the tests of delivery."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.channels import Accepted, Capabilities, Inbound, Outgoing, SendUnknown, StatusUpdate


@dataclass
class FakeChannel:
    """Plays a provider: fails as told, then takes everything."""

    failures: list[Exception] = field(default_factory=list)
    taken: list[Outgoing] = field(default_factory=list)
    before_answer: Callable[[Outgoing], None] = lambda _message: None
    is_lost: bool = False
    """The message is taken, but the answer never comes."""
    cannot_say: bool = False
    found_status: str = "sent"
    found_code: str | None = None
    route: str = "whatsapp"
    window_hours: int | None = None

    @property
    def channel(self) -> str:
        return self.route if self.route in ("whatsapp", "console") else "sms"

    def receive(self, given: Mapping[str, Any]) -> Inbound:
        raise NotImplementedError  # nobody hears anything through this one

    def status(self, given: Mapping[str, Any]) -> StatusUpdate:
        raise NotImplementedError

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(max_length=1600, has_buttons=False, has_media=False, window_hours=self.window_hours)

    def send(self, message: Outgoing) -> Accepted:
        self.before_answer(message)
        if self.failures:
            raise self.failures.pop(0)
        self.taken.append(message)
        if self.is_lost:
            raise SendUnknown("ReadTimeout")
        return Accepted(provider_id=self._id(len(self.taken)), status="queued")

    def find_sent(self, message: Outgoing, *, since: datetime, claimed: Collection[str] = ()) -> Accepted | None:
        if self.cannot_say:
            raise SendUnknown("list")
        for number, taken in enumerate(self.taken, start=1):
            same = (taken.address, taken.text) == (message.address, message.text)
            if same and self._id(number) not in claimed:
                return Accepted(self._id(number), self.found_status, self.found_code)
        return None

    def texts(self) -> list[str]:
        return [message.text for message in self.taken]

    def _id(self, number: int) -> str:
        return f"{id(self)}-{number}"
