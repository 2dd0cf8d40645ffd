"""Server: the fake over HTTP, threaded, able to answer wrongly, late, in part or not at all."""

from __future__ import annotations

import base64
import json
import socket
import struct
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.twilio_fake.account import Account, Reply
from tests.twilio_fake.contents import words_of
from tests.twilio_fake.resources import error_json

GATEWAY_PAGE = b"<html><head><title>Bad Gateway</title></head><body>The upstream did not answer.</body></html>"


class FakeServer(ThreadingHTTPServer):
    """One account behind a port of 127.0.0.1."""

    daemon_threads = True
    request_queue_size = 128
    allow_reuse_address = True

    def __init__(self, account: Account, port: int) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.account = account

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that was killed or has given up is no news; anything else is."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """One connection: Twilio's three addresses, and under /_fake what a test says to the fake itself."""

    protocol_version = "HTTP/1.1"
    server: FakeServer
    timeout = 60

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        posted, path = self.rfile.read(length).decode("utf-8"), urlsplit(self.path).path
        fields = parse_qs(posted, keep_blank_values=True)
        if path.startswith("/_fake/"):
            self._send(self._told(path.removeprefix("/_fake/"), fields))
        elif not self._is_known(path):
            return
        elif path == self._messages_path():
            self._send(self.server.account.create(fields))
        elif words_of(path) is not None:
            self._send(self.server.account.content("POST", path, _json_object(posted)))
        else:
            self._send(_not_found())

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        account = self.server.account
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        one = self._messages_path().removesuffix(".json") + "/"
        if parts.path == "/_fake/left":
            self._send(Reply(200, {"left": account.poster.left()}))
        elif not self._is_known(parts.path):
            return
        elif parts.path == self._messages_path():
            self._send(account.show_list(asked, path=parts.path))
        elif parts.path.startswith(one) and parts.path.endswith(".json"):
            self._send(account.show_one(parts.path.removeprefix(one).removesuffix(".json")))
        elif words_of(parts.path) is not None:
            self._send(account.content("GET", parts.path, asked))
        else:
            self._send(_not_found())

    def log_message(self, format: str, *args: Any) -> None:
        """The journal says more than an access log."""

    def _messages_path(self) -> str:
        return f"/2010-04-01/Accounts/{self.server.account.account_sid}/Messages.json"

    def _is_known(self, path: str) -> bool:
        """The right account and token; answers 401 otherwise."""
        account = self.server.account
        keys = base64.b64encode(f"{account.account_sid}:{account.token}".encode()).decode()
        if self.headers.get("Authorization") == f"Basic {keys}":
            return True
        self._send(Reply(401, error_json(401, 20003, "Authenticate")))
        return False

    def _told(self, word: str, fields: dict[str, list[str]]) -> Reply:
        account = self.server.account
        if word == "begin":
            account.begin()
        elif word == "calm":
            account.calm()
        elif word == "next":
            account.ask_for(fields.get("fault", []))
        else:
            return _not_found()
        return Reply(200, {})

    def _send(self, reply: Reply) -> None:
        kind = reply.fault.answer
        if kind == "reset":
            self._reset()
            return
        body = GATEWAY_PAGE if kind == "html" else json.dumps(reply.body).encode()
        sent = body[: len(body) // 2] if kind in ("half_json", "broken_off") else body
        try:
            self.send_response(reply.status)
            self.send_header("Content-Type", "text/html" if kind == "html" else "application/json")
            self.send_header("Content-Length", str(len(body if kind == "broken_off" else sent)))
            if reply.retry_after is not None:
                self.send_header("Retry-After", str(reply.retry_after))
            self.end_headers()
            self.wfile.write(sent)
            self.wfile.flush()
        except OSError:
            self.close_connection = True  # the caller has given up or was killed
        if kind == "broken_off":
            self.close_connection = True

    def _reset(self) -> None:
        """RST instead of a farewell."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


def _json_object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _not_found() -> Reply:
    return Reply(404, error_json(404, 20404, "The requested resource was not found"))
