"""Console: a person at this machine, who reads the answers from the outbox rows themselves."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from bot.channels import Accepted, Capabilities, Outgoing


@dataclass(frozen=True)
class ConsoleChannel:
    """Sending is done once the row is there: the same message always has the same id, however often it is sent."""

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(max_length=4096, has_buttons=False, has_media=False, window_hours=None)

    def send(self, message: Outgoing) -> Accepted:
        return Accepted(provider_id=f"console-{message.outbox_id}", status="delivered")

    def find_sent(self, message: Outgoing, *, since: datetime, claimed: Collection[str] = ()) -> Accepted | None:
        return self.send(message)
