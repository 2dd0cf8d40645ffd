"""What patients read: one SMS, plain letters, no disease, nothing that operators filter."""

from __future__ import annotations

import re

import pytest

from flows.text_gate import sms_faults, whatsapp_faults
from scheduler.planning import Enrolled, PlannedReminder
from scheduler.texts import ONE_SMS, REPLIES, reminder_text, template_variables
from scheduler.wording import first_name, list_in_words
from tests.scheduler.wonorejo import INFANTS, PRESSURE, UP_TO_4_MONTHS, WONOREJO, child, got, make_facility, plan


def _reminder(now: str = "2026-11-21 07:00") -> PlannedReminder:
    (reminder,) = plan(child("2026-02-24"), now, doses=got(UP_TO_4_MONTHS))
    return reminder


def _text(name: str, now: str = "2026-11-21 07:00", channel: str = "sms") -> str:
    return reminder_text(_reminder(now), INFANTS, name=name, facility=WONOREJO, channel=channel)


@pytest.mark.parametrize(
    ("now", "text"),
    [
        pytest.param(
            "2026-11-21 07:00",
            "Puskesmas Wonorejo: Budi waktunya suntik campak dan polio. Selasa 24 Nov jam 8 pagi. "
            "Balas 1 datang, 2 ganti hari, 3 sudah.",
            id="before",
        ),
        pytest.param(
            "2026-11-24 07:00",
            "Puskesmas Wonorejo: hari ini Budi waktunya suntik campak dan polio. Datang sebelum jam 11 siang. "
            "Balas 1 datang, 2 ganti hari, 3 sudah.",
            id="today",
        ),
        pytest.param(
            "2026-12-01 07:00",
            "Puskesmas Wonorejo: Budi belum suntik campak dan polio? Datang Rabu 2 Des jam 8 pagi. "
            "Balas 1 datang, 2 ganti hari, 3 sudah.",
            id="missed",
        ),
    ],
)
def test_parents_read_who_what_and_when(now: str, text: str) -> None:
    assert _text("Budi Santoso", now) == text


def test_a_control_visit_says_kontrol_rutin_and_no_disease() -> None:
    enrolled = Enrolled(7, "hipertensi", child("2026-10-24").anchor, child("2026-10-24").enrolled_on)
    (reminder,) = plan(enrolled, "2026-11-23 07:00", programme=PRESSURE)
    assert reminder_text(reminder, PRESSURE, name="SITI AMINAH", facility=WONOREJO, channel="sms") == (
        "Puskesmas Wonorejo: Ibu/Bapak Siti waktunya kontrol rutin. Selasa 24 Nov jam 8 pagi. "
        "Balas 1 datang, 2 ganti hari, 3 sudah."
    )


def test_a_list_too_long_for_one_sms_is_said_in_short_and_in_full_on_whatsapp() -> None:
    wordy = make_facility(short_name="Puskesmas Pembantu Sempaja Dua")
    (reminder,) = plan(child("2026-02-24", enrolled_on=child("2026-08-03").anchor), "2026-08-03 07:00")
    sms = reminder_text(reminder, INFANTS, name="Muhammad", facility=wordy, channel="sms")
    whatsapp = reminder_text(reminder, INFANTS, name="Muhammad", facility=wordy, channel="whatsapp")
    assert "beberapa imunisasi" in sms and len(sms) <= ONE_SMS
    assert "suntik BCG, DPT, PCV dan polio, tetes polio" in whatsapp


@pytest.mark.parametrize("key", sorted(REPLIES))
def test_every_text_fits_one_sms_reads_easily_and_passes_the_operators(key: str) -> None:
    text = REPLIES[key].text.format_map(REPLIES[key].example)
    names = REPLIES[key].example.values()
    whatsapp = REPLIES[key].whatsapp.format_map(REPLIES[key].example)
    assert (*sms_faults(text, names=names), *whatsapp_faults(whatsapp, names=names)) == ()
    assert len(text) <= ONE_SMS and text.isascii()
    assert text.endswith("Balas 1 datang, 2 ganti hari, 3 sudah.")


def test_no_text_about_control_visits_names_a_disease() -> None:
    texts = [reply.text + reply.whatsapp for key, reply in REPLIES.items() if key.startswith("hipertensi.")]
    texts += [PRESSURE.lay_many, *(repeat.lay for repeat in PRESSURE.repeats)]
    words = set(re.findall(r"[a-z]+", " ".join(texts).lower()))
    assert len(texts) == 5
    assert not words & {"hipertensi", "tensi", "tekanan", "darah", "tinggi", "penyakit", "sakit", "obat"}


@pytest.mark.parametrize(
    ("name", "called"),
    [
        pytest.param("Budi Santoso", "Budi", id="first word"),
        pytest.param("NY. SARI", "Sari", id="titles are left out"),
        pytest.param("BY. NY. SARI", None, id="a newborn is not called by its mother's name"),
        pytest.param("Bayi Sari", None, id="a newborn, in full"),
        pytest.param("M. Rizky", "Rizky", id="initials are left out"),
        pytest.param("Zoë", "Zoe", id="plain letters"),
        pytest.param("Selamat Riyadi", None, id="a word operators filter"),
        pytest.param("Abdurrahmansyah", None, id="too long"),
        pytest.param("李", None, id="no letters we can send"),
        pytest.param("", None, id="no name"),
    ],
)
def test_a_name_is_used_when_an_sms_can_carry_it(name: str, called: str | None) -> None:
    assert first_name(name, longest=12) == called


def test_a_child_without_a_usable_name_is_called_a_child() -> None:
    assert "Anak Ibu/Bapak waktunya" in _text("Selamat")


def test_doses_with_one_first_word_are_listed_together() -> None:
    lay = ["suntik DPT", "tetes polio", "suntik PCV", "tetes polio"]
    assert list_in_words(lay) == "suntik DPT dan PCV, tetes polio"


def test_a_template_gets_the_same_values_by_number() -> None:
    assert template_variables(_reminder(), INFANTS, name="Budi", facility=WONOREJO) == {
        "1": "Puskesmas Wonorejo",
        "2": "Budi",
        "3": "suntik campak dan polio",
        "4": "Selasa 24 Nov",
        "5": "jam 8 pagi",
    }
