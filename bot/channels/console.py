"""Console: a person at this machine, who reads the answers from the outbox rows themselves."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.channels import Accepted, Capabilities, Inbound, Outgoing, StatusUpdate, Unreadable

CONSOLE = Capabilities(max_length=4096, has_buttons=False, has_media=False, window_hours=None)


@dataclass(frozen=True)
class ConsoleChannel:
    """Sending is done once the row is there: the same message always has the same id, however often it is sent."""

    route = "console"
    channel = "console"

    @property
    def capabilities(self) -> Capabilities:
        return CONSOLE

    def receive(self, given: Mapping[str, Any]) -> Inbound:
        """What was typed: {"id", "text"}, and "address" where it is not this machine's own."""
        if "id" not in given or "text" not in given:
            raise Unreadable("id or text is missing")
        address = str(given.get("address", "console"))
        return Inbound(str(given["id"]), self.channel, address, str(given["text"]), route=self.route)

    def status(self, given: Mapping[str, Any]) -> StatusUpdate:
        """Nothing is told about what stands on the screen already."""
        raise Unreadable("the console tells no status")

    def send(self, message: Outgoing) -> Accepted:
        return Accepted(provider_id=f"console-{message.outbox_id}", status="delivered")

    def find_sent(self, message: Outgoing, *, since: datetime, claimed: Collection[str] = ()) -> Accepted | None:
        return self.send(message)
