"""A fake Twilio in this process, with the official library pointed at it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from twilio.rest import Client

from tests.twilio_fake.__main__ import ACCOUNT_SID, TOKEN
from tests.twilio_fake.account import Account
from tests.twilio_fake.journal import Journal
from tests.twilio_fake.plan import Plan
from tests.twilio_fake.server import FakeServer

Open = Callable[..., "OpenFake"]


class OpenFake:
    """The account, its server on a free port, and a client of the official library."""

    def __init__(self, path: Path, plan: Plan) -> None:
        self.account = Account(Journal(path).open(), plan, account_sid=ACCOUNT_SID, token=TOKEN)
        self.server = FakeServer(self.account, 0)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.client = Client(ACCOUNT_SID, TOKEN)
        self.client.api.base_url = self.url
        self.account.poster.start()
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def open_fake(tmp_path: Path) -> Iterator[Open]:
    """Opens fakes with the plan that is given, and closes them."""
    opened: list[OpenFake] = []

    def open_one(plan: Plan | None = None) -> OpenFake:
        opened.append(OpenFake(tmp_path / f"fake-{len(opened)}.db", plan or Plan(seed=1, share=0.0)))
        return opened[-1]

    yield open_one
    for fake in opened:
        fake.close()


@pytest.fixture
def fake(open_fake: Open) -> OpenFake:
    """One in which nothing goes wrong by itself."""
    return open_fake()


class Customer(HTTPServer):
    """Somebody's webhook: keeps what was posted with its signature."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Hook)
        self.posted: list[tuple[Mapping[str, str], str]] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}/status"


class _Hook(BaseHTTPRequestHandler):
    server: Customer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = dict(parse_qsl(body, keep_blank_values=True))
        self.server.posted.append((form, self.headers.get("X-Twilio-Signature", "")))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def customer() -> Iterator[Customer]:
    server = Customer()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()
