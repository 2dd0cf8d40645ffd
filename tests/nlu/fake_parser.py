"""A stand-in for the Rasa server's model pages: says which model it serves, and takes or refuses another one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlsplit

TOKEN = "rahasia"


@dataclass
class FakeParser:
    """What the stand-in serves and what it was asked to load; `refuses` makes it answer as to a broken file."""

    model: str
    refuses: bool = False
    forgets: bool = False
    """Says yes to a model and goes on with the one it has."""
    asked: list[str] = field(default_factory=list)
    url: str = ""


@contextmanager
def fake_parser(parser: FakeParser) -> Iterator[FakeParser]:
    """Run it on a free port of this machine."""

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self._is_allowed():
                self._answer(200, {"model_file": parser.model, "model_id": "x"})

        def do_PUT(self) -> None:
            if not self._is_allowed():
                return
            file = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["model_file"]
            parser.asked.append(file)
            if parser.refuses:
                self._answer(400, {"reason": "BadRequest"})
                return
            if not parser.forgets:
                parser.model = Path(file).name
            self._answer(204, None)

        def log_message(self, *words: object) -> None:
            """Quiet."""

        def _is_allowed(self) -> bool:
            is_allowed = parse_qs(urlsplit(self.path).query).get("token") == [TOKEN]
            if not is_allowed:
                self._answer(401, {"reason": "NotAuthenticated"})
            return is_allowed

        def _answer(self, status: int, body: object) -> None:
            self.send_response(status)
            text = b"" if body is None else json.dumps(body).encode()
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    parser.url = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield parser
    finally:
        server.shutdown()
        server.server_close()
