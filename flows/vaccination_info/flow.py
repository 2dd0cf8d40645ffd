"""When children are vaccinated here, what at which age, and what to bring. Whether a child may be is for a nurse."""

from __future__ import annotations

import re
from datetime import date

from flows.asked import subject_of
from flows.dialog import Flow, Say, Turn
from flows.timetable import first_poli, next_session_day, say_sessions
from flows.words import say_day
from nlu.normalise import normalise

POLIS = ("imunisasi", "kia")
SUBJECTS = {
    "staff": (
        "rabies meningitis covid booster umroh umrah haji flu influenza hpv dewasa sertifikat mmr tetanus"
        " bayar biaya tarif harga habis kosong stok"
    ).split(),
    "nurse": "demam panas sakit batuk pilek bengkak nangis rewel efek diare kejang alergi ruam mencret meriang".split(),
    "late": "telat terlambat terlewat ketinggalan tertinggal lewat kelewat mengejar susulan bolong".split(),
}
# The ages of the routine schedule: facts that several sources agree on; a midwife signs them off before use.
AT_AGE = {
    1: "vaccination_info.month_1",
    2: "vaccination_info.month_2",
    3: "vaccination_info.month_3",
    4: "vaccination_info.month_4",
    9: "vaccination_info.month_9",
    12: "vaccination_info.month_12",
    18: "vaccination_info.month_18",
}
_AGE = re.compile(r"\b(\d{1,2})\s*(bulan|tahun)\b")
_MONTHS_IN = {"bulan": 1, "tahun": 12}

flow = Flow("vaccination_info", intents=("vaccination_info",), takes={"date": "day"}, is_answer=True)


@flow.step
def answer(turn: Turn) -> Say:
    subject = subject_of(turn.text, SUBJECTS)
    if subject == "nurse":
        return Say("vaccination_info.ask_nurse")
    poli = first_poli(turn.facility, POLIS)
    if poli is None or subject == "staff":
        return Say("vaccination_info.ask_staff")
    values = {"poli": poli.name, "jadwal": say_sessions(poli)}
    if subject == "late":
        return Say("vaccination_info.late", values)
    at_age = AT_AGE.get(_age_in_months(turn.text) or 0)
    if at_age is not None:
        return Say(at_age, values)
    return _say_day(turn, poli.id, values)


def _say_day(turn: Turn, poli_id: str, values: dict[str, str]) -> Say:
    """The asked day when there is a session, else the next one and the usual days."""
    asked = date.fromisoformat(str(turn.slot("day"))) if turn.slot("day") else None
    if asked is not None and turn.desk.open_sessions(poli_id, asked):
        return Say("vaccination_info.that_day", {**values, "hari": say_day(asked, today=turn.today)})
    upcoming = next_session_day(turn.facility, poli_id, turn.now, sessions_on=turn.desk.open_sessions)
    if upcoming is None:
        return Say("vaccination_info.ask_staff")
    values["hari"] = say_day(upcoming, today=turn.today)
    if asked is not None:
        return Say("vaccination_info.not_that_day", {**values, "bukan": say_day(asked, today=turn.today)})
    return Say("vaccination_info.days", values)


def _age_in_months(text: str) -> int | None:
    found = _AGE.search(normalise(text))
    return int(found.group(1)) * _MONTHS_IN[found.group(2)] if found else None
