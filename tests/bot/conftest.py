"""A carrier that listens on a port of its own, as Twilio would."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from bot.channels.twilio import TwilioChannel, open_client
from bot.channels.twilio_http import TwilioHttp
from bot.simulator.carrier import Carrier, create_carrier_app
from bot.simulator.carrier_store import CarrierMessage, CarrierStore
from clinic.database import Database
from clinic.facility import Facility
from tests.sent_world import Clock, SentWorld

CALLBACK = "http://127.0.0.1:9/webhooks/twilio/status"


@dataclass(frozen=True)
class LiveCarrier:
    """The pretended carrier, its address, and channels that lead to it."""

    carrier: Carrier
    url: str

    def channel(self, name: str = "whatsapp", *, read_seconds: float = 5.0) -> TwilioChannel:
        http = TwilioHttp(base_url=self.url, read_seconds=read_seconds)
        client = open_client(account_sid=self.carrier.account_sid, auth_token=self.carrier.auth_token, http=http)
        return TwilioChannel(client=client, channel=name, sender="+62811000001", status_callback=CALLBACK)

    def taken(self) -> tuple[CarrierMessage, ...]:
        """What the carrier took, oldest first."""
        return tuple(reversed(self.carrier.store.outbound()))


@pytest.fixture
def live_carrier(tmp_path: Path) -> Iterator[LiveCarrier]:
    # Callbacks far in the future: these tests call the status webhook themselves.
    carrier = Carrier(CarrierStore(tmp_path / "carrier.db"), sent_after=3600, delivered_after=3600)
    server = make_server("127.0.0.1", 0, create_carrier_app(carrier), threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield LiveCarrier(carrier=carrier, url=f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    thread.join(timeout=5)


@pytest.fixture
def sent_world(database: Database, facility: Facility) -> SentWorld:
    """A database with messages on their way; every test that asks for it runs on SQLite and on Postgres."""
    return SentWorld(database=database, facility=facility, clock=Clock())
