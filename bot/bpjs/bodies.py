"""Bodies: what BPJS is told of one number, or why it is not told at all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from bot.bpjs.words import words
from clinic.bpjs_doctors import doctor_of, practice_hours
from clinic.bpjs_effects import Effect, EffectFacts
from clinic.facility import Facility, Poli

REASONS = {
    "past": "their day was over",
    "taken_back": "given back before they were told",
    "restored": "taken back before their cancelling was told",
    "known": "BPJS has their number already",
    "no_poli_code": "their poli has no bpjs_code in puskesmas.yml",
    "no_doctor": "no doctor with a bpjs_code is there in their session",
    "no_identity": "the patient has neither card nor NIK here",
    "no_card": "the patient has no JKN card here",
    "unreadable": "the patient's numbers were kept with another SAPA_SECRET_KEY",
    "not_added": "BPJS does not know their number",
}
"""Why an effect is dropped -> what `sapa check` says."""


class NotTold(Exception):
    """It is of no use or cannot be told; the text is a key of REASONS."""


def body_of(effect: Effect, facts: EffectFacts, facility: Facility, *, today: date) -> Mapping[str, object]:
    """The body of add, panggil or batal; raises NotTold."""
    if facts.day < today:
        raise NotTold("past")
    poli = facility.poli(facts.poli)
    if poli is None or poli.bpjs_code is None:
        raise NotTold("no_poli_code")
    if effect.kind == "add":
        return _add(facts, facility, poli)
    if not facts.is_known:
        raise NotTold("not_added")
    if effect.kind == "batal" and facts.state != "cancelled":
        raise NotTold("restored")
    if not facts.card:
        raise NotTold("no_card")
    which = {"tanggalperiksa": facts.day.isoformat(), "kodepoli": poli.bpjs_code, "nomorkartu": facts.card}
    if effect.kind == "batal":
        return which | {"alasan": words("reason_of_cancel")}
    return which | {"status": effect.status, "waktu": int(effect.happened_at.timestamp() * 1000)}


def _add(facts: EffectFacts, facility: Facility, poli: Poli) -> Mapping[str, object]:
    if facts.is_known:
        raise NotTold("known")
    if facts.state == "cancelled":
        raise NotTold("taken_back")
    if not (facts.card or facts.nik):
        raise NotTold("no_identity")
    doctor = doctor_of(facility, facts.poli, facts.day, facts.session)
    if doctor is None:
        raise NotTold("no_doctor")
    return {
        "nomorkartu": facts.card,
        "nik": facts.nik,
        "nohp": facts.phone,
        "kodepoli": poli.bpjs_code,
        "namapoli": poli.name.upper(),
        "norm": facts.record_number,
        "tanggalperiksa": facts.day.isoformat(),
        "kodedokter": doctor.bpjs_code,
        "namadokter": doctor.name,
        "jampraktek": practice_hours(doctor),
        "nomorantrean": f"{poli.letter}-{facts.number}",
        "angkaantrean": facts.number,
        "keterangan": "",
    }
