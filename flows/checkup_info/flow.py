"""Check-ups that come round: mother and child, posyandu, routine control, the yearly free check-up."""

from __future__ import annotations

from flows.asked import subject_of
from flows.dialog import Flow, Say, Turn
from flows.timetable import first_poli, say_sessions

SUBJECTS = {
    "posyandu": "posyandu timbang menimbang penimbangan".split(),
    "yearly": "ckg gratis skrining screening tahunan".split(),
    "mother": "hamil kandungan kehamilan usg nifas bumil melahirkan kb iud implan spiral anc".split(),
    "control": (
        "kontrol prolanis tensi gula hipertensi diabetes kolesterol hba1c lansia posbindu senam darting rutin".split()
    ),
}
POLIS = {"mother": ("kia",), "control": ("umum",)}
TEXTS = {"mother": "checkup_info.mother", "control": "checkup_info.control"}

flow = Flow("checkup_info", intents=("checkup_info",), is_answer=True)


@flow.step
def answer(turn: Turn) -> Say:
    subject = subject_of(turn.text, SUBJECTS)
    if subject == "posyandu":
        return Say("checkup_info.posyandu")
    if subject == "yearly":
        return Say("checkup_info.yearly")
    poli = first_poli(turn.facility, POLIS.get(subject or "", ()))
    if subject is None or poli is None:
        return Say("checkup_info.any")
    return Say(TEXTS[subject], {"poli": poli.name, "jadwal": say_sessions(poli)})
