"""A stand-in for BPJS' antrean service: real HTTP, the documented protocol, and every fault on demand."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from flask import Flask, Response, request
from lzstring import LZString

CONS_ID, SECRET, USER_KEY = "12345", "rahasia", "kunci-antrean-contoh"  # pragma: allowlist secret
SKEW_SECONDS = 300
DOCTOR = {"namadokter": "dr. Contoh Melati", "kodedokter": 900001, "jampraktek": "08:00-11:00", "kapasitas": 60}
POLIS = [{"namapoli": "POLI UMUM", "kodepoli": "001"}, {"namapoli": "POLI GIGI & MULUT", "kodepoli": "002"}]


@dataclass
class Told:
    """What we were told of one number, or one call of it."""

    kind: str
    body: Mapping[str, Any]


@dataclass
class StandIn:
    """Its memory and its faults. `faults` are used up one per call; an empty list means that all is well."""

    clock: Callable[[], float] = time.time
    faults: list[str] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    calls: int = 0
    slow_seconds: float = 1.5
    doctors: Mapping[str, list[Mapping[str, Any]]] = field(default_factory=lambda: {"001": [DOCTOR]})
    remembers_doubles: bool = True
    lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, kind: str) -> list[Mapping[str, Any]]:
        return [each.body for each in self.told if each.kind == kind]

    def app(self) -> Flask:
        app = Flask("bpjs")
        app.before_request(self._check_headers)
        app.add_url_rule("/antreanfktp/antrean/<kind>", view_func=self._tell, methods=["POST"])
        app.add_url_rule("/antreanfktp/ref/poli/tanggal/<day>", view_func=self._polis)
        app.add_url_rule("/antreanfktp/ref/dokter/kodepoli/<code>/tanggal/<day>", view_func=self._doctors)
        return app

    def _check_headers(self) -> Response | None:
        with self.lock:
            self.calls += 1
        cons_id, stamp = request.headers.get("x-cons-id", ""), request.headers.get("x-timestamp", "")
        message = f"{cons_id}&{stamp}".encode()
        wanted = base64.b64encode(hmac.new(SECRET.encode(), message, hashlib.sha256).digest()).decode()
        if cons_id != CONS_ID or request.environ.get("HTTP_USER_KEY") != USER_KEY:
            return Response("Authentication failed", status=401, mimetype="text/plain")
        if not stamp.isdigit() or abs(self.clock() - int(stamp)) > SKEW_SECONDS:
            return said(400, "Invalid signature: timestamp expired")
        if not hmac.compare_digest(wanted, request.headers.get("x-signature", "")):
            return said(400, "Invalid signature")
        return None

    def _tell(self, kind: str) -> Response:
        with self.lock:
            fault = self.faults.pop(0) if self.faults else ""
        body = json.loads(request.get_data())
        if fault and not fault.startswith("after"):
            return self._fail(fault)
        refusal = self._refusal(kind, body)
        if refusal is not None:
            return said(201, refusal)
        with self.lock:
            self.told.append(Told(kind, body))
        if fault == "after-timeout":
            time.sleep(self.slow_seconds)
        if fault == "after-500":
            return Response("<html>Bad gateway</html>", status=502, mimetype="text/html")
        return said(200, "Ok")

    def _refusal(self, kind: str, body: Mapping[str, Any]) -> str | None:
        """What the real one may check: known poli, a number only once, and only numbers that it knows."""
        if body["kodepoli"] not in {each["kodepoli"] for each in POLIS}:
            return "Poli Tidak Ditemukan"
        number = (body["tanggalperiksa"], body["kodepoli"])
        if kind == "add":
            assert isinstance(body["angkaantrean"], int), body
            doubles = [each for each in self.of("add") if each["angkaantrean"] == body["angkaantrean"]]
            is_double = any((each["tanggalperiksa"], each["kodepoli"]) == number for each in doubles)
            return "Nomor Antrean sudah ada" if is_double and self.remembers_doubles else None
        if not body["nomorkartu"]:
            return "Nomor kartu Tidak Boleh Kosong"
        if kind == "panggil":
            assert isinstance(body["waktu"], int), body
            assert body["waktu"] > 10**12, body
            assert body["status"] in (1, 2), body
        return None

    def _fail(self, fault: str) -> Response:
        """Nothing is remembered of such a call."""
        match fault:
            case "401":
                return Response("Authentication failed", status=401, mimetype="text/plain")
            case "429":
                return Response("Too many requests", status=429, mimetype="text/plain")
            case "500":
                return said(500, "INTERNAL_SERVER_ERROR", http=500)
            case "html":
                return Response("<html><body>maintenance</body></html>", status=200, mimetype="text/html")
            case "empty":
                return Response("", status=200)
            case "malformed":
                return Response('{"response":null,"metaData":{"message":null,"code":0}}', mimetype="application/json")
            case "half":
                return Response('{"metadata":{"mess', mimetype="application/json")
            case _:
                return said(201, fault)

    def _polis(self, day: str) -> Response:
        return self._sealed({"list": POLIS})

    def _doctors(self, code: str, day: str) -> Response:
        rows = self.doctors.get(code)
        return said(201, "Jadwal Dokter tidak ditemukan") if rows is None else self._sealed({"list": rows})

    def _sealed(self, content: Any) -> Response:
        sealed = seal(json.dumps(content), CONS_ID + SECRET + request.headers["x-timestamp"])
        body = {"metadata": {"code": 1, "message": "OK"}, "response": sealed}
        return Response(json.dumps(body), mimetype="application/json")


def seal(text: str, secret: str) -> str:
    """As the fact sheet has it: packed by LZ-string, AES-256-CBC with PKCS#7, base64."""
    key = hashlib.sha256(secret.encode()).digest()
    packed = LZString().compressToEncodedURIComponent(text).encode()
    fill = 16 - len(packed) % 16
    writer = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(writer.update(packed + bytes([fill]) * fill) + writer.finalize()).decode()


def said(code: int | str, message: str, *, http: int = 200) -> Response:
    body = json.dumps({"metadata": {"message": message, "code": code}})
    return Response(body, status=http, mimetype="application/json")
