"""Asks what was meant: one likely wish is confirmed, two are offered, and a person is always the way out."""

from __future__ import annotations

from flows.dialog import Ask, Choice, Flow, Heard, Result, Switch, Turn, Unclear
from flows.doubt import SAID
from flows.readers import read_choice, read_yes_no, reader

NONE_OF_THEM = "menu"
LABELS = {
    "book_queue": "Ambil antrian",
    "queue_status": "Cek antrian",
    "cancel_queue": "Batal antrian",
    "reschedule_queue": "Ganti hari",
    "membership_status": "Cek BPJS aktif",
    "dues_info": "Iuran BPJS",
    "change_membership_data": "Ubah data BPJS",
    "facility_info": "Jam buka",
    "doctor_schedule": "Jadwal dokter",
    "visit_history": "Riwayat berobat",
    "file_complaint": "Keluhan",
    "complaint_status": "Kabar keluhan",
    "vaccination_info": "Imunisasi",
    "checkup_info": "Periksa rutin",
    "registration_requirements": "Syarat daftar",
    "health_question": "Tanya sakit",
    "stop_messages": "Berhenti pesan",
    "talk_to_staff": "Bicara petugas",
}

flow = Flow("meant", intents=())


@reader
def read_meant(heard: Heard) -> str:
    """One of the offered wishes, or the menu for "neither"; a yes takes the only one that was offered."""
    try:
        return read_choice(heard)
    except Unclear:
        if read_yes_no(heard) == "no":
            return NONE_OF_THEM
        if len(heard.choices) > 2:
            raise
        return heard.choices[0].value


@flow.step
def which(turn: Turn) -> Ask:
    likely = [name for name in turn.slots.get("likely", "").split(",") if name in LABELS]
    if len(likely) == 1:
        choices = (Choice(likely[0], "Ya"), Choice(NONE_OF_THEM, "Bukan"))
        wish = {"keinginan": LABELS[likely[0]]}
        return Ask("meant.confirm", parse=read_meant, slot="meant", then="chosen", values=wish, choices=choices)
    offered = (*(Choice(name, LABELS[name]) for name in likely), Choice(NONE_OF_THEM, "Lain"))
    return Ask("meant.which", parse=read_meant, slot="meant", then="chosen", choices=offered)


@flow.step
def chosen(turn: Turn) -> Result:
    said = {slot.removeprefix(SAID): value for slot, value in turn.slots.items() if slot.startswith(SAID)}
    return Switch(turn.slots["meant"], said)
