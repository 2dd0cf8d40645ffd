"""A Mobile JKN for the tests, written from the fact sheet alone: what BPJS calls, over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

USERNAME, PASSWORD = "bpjs-contoh", "sandi-contoh-panjang"  # pragma: allowlist secret


@dataclass(frozen=True)
class Told:
    """What came back: the HTTP status, `metadata` and `response`."""

    status: int
    code: Any
    message: str
    response: Any

    @property
    def refusal(self) -> tuple[int, str]:
        return self.code, self.message


@dataclass
class MobileJkn:
    """One BPJS that knows the base address, the user and the password of a health centre."""

    url: str
    username: str = USERNAME
    password: str = PASSWORD
    token: str = ""
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=30.0, trust_env=False))

    def login(self) -> Told:
        told = self.call("GET", "/auth", headers={"x-username": self.username, "x-password": self.password})
        if told.code == 200:
            self.token = told.response["token"]
        return told

    def status(self, poli: str, day: str, *, v2: bool = False) -> Told:
        return self.call("GET", f"{'/v2' if v2 else ''}/antrean/status/{poli}/{day}")

    def take(self, body: Mapping[str, Any], *, v2: bool = False) -> Told:
        return self.call("POST", "/v2/antrean" if v2 else "/antrean", body=body)

    def left(self, card: str, poli: str, day: str) -> Told:
        return self.call("GET", f"/antrean/sisapeserta/{card}/{poli}/{day}")

    def cancel(self, body: Mapping[str, Any], *, v2: bool = False) -> Told:
        return self.call("PUT", "/v2/antrean/batal" if v2 else "/antrean/batal", body=body)

    def register(self, body: Mapping[str, Any]) -> Told:
        return self.call("POST", "/peserta", body=body)

    def call(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Told:
        given = {"x-token": self.token, "x-username": self.username} if headers is None else dict(headers)
        if body is not None:
            content, given = json.dumps(body).encode("ascii"), given | {"content-type": "application/json"}
        answer = self.http.request(method, self.url + path, content=content, headers=given)
        said = answer.json()
        assert set(said) <= {"metadata", "response"}, said
        assert set(said["metadata"]) == {"message", "code"}, said
        return Told(answer.status_code, said["metadata"]["code"], said["metadata"]["message"], said.get("response"))


def card(number: int) -> str:
    """An invented card: 13 digits, the leading zeros kept."""
    return f"{number:013d}"


def nik(number: int) -> str:
    """An invented NIK of a woman of Samarinda, born 14 February 1988."""
    return f"647201540288{number:04d}"


def wish(number: int, day: str, **fields: Any) -> dict[str, Any]:
    """The body of a booking, first version."""
    body = {"nomorkartu": card(number), "nik": nik(number), "kodepoli": "001", "tanggalperiksa": day}
    return body | {"keluhan": "batuk"} | fields


def wish_of_doctor(number: int, day: str, **fields: Any) -> dict[str, Any]:
    """The body of a booking, second version."""
    doctor = {"kodedokter": 900001, "jampraktek": "08:00-11:00", "norm": "012345", "nohp": "081200000001"}
    return wish(number, day) | doctor | fields


def newcomer(number: int, **fields: Any) -> dict[str, Any]:
    """The body of a registration."""
    body = {"nomorkartu": card(number), "nik": nik(number), "nomorkk": "6472010101100001", "nama": "SITI CONTOH"}
    person = {"jeniskelamin": "P", "tanggallahir": "1988-02-14", "alamat": "Jl. Contoh 1"}
    area = {"kodeprop": "64", "namaprop": "Kalimantan Timur", "kodedati2": "6472", "namadati2": "Kota Samarinda"}
    area |= {"kodekec": "647203", "namakec": "Samarinda Ulu", "kodekel": "6472031001", "namakel": "Contoh"}
    return body | person | area | {"rw": "001", "rt": "002"} | fields
