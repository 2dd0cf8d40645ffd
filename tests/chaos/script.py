"""Script: who writes what and when, and who is to be reminded; decided by the seed alone."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from tests.twilio_fake.plan import telling_number

FREE = (
    "alamat puskesmas dimana",
    "syarat daftar pasien baru",
    "nomor telepon",
    "layanan apa saja",
    "jadwal dokter gigi",
)
"""Free words: answered after a pause in which more of the thought may come, so each of these has a phone of its own."""
TALKS = (
    ("0", "4", "0", "4"),
    ("menu", "4", "0", "4"),
    ("4", "0", "4", "0"),
)
"""What is answered at once, each by itself; some answers of a talk are the same text twice."""
BURST = ("selamat pagi bu", "mau tanya", "alamat puskesmas dimana")
"""One thought in three messages within two seconds: answered together, or apart where a kill came between them."""
DANGER = "anak saya kejang"
TELLING = {
    "sms": (21610, 21614, 30003, 30005, 30008),
    "whatsapp": (63003, 63013, 63014, 63016),
}
"""Phones that the provider cannot or will not serve, by what it says of them."""
CHANNELS = ("whatsapp", "sms")


@dataclass(frozen=True)
class Patient:
    """One phone and what is written from it."""

    number: str
    channel: str
    texts: tuple[str, ...]
    at: tuple[float, ...]
    """Seconds after the beginning; a text waits for the one before it to be confirmed."""
    code: int | None = None
    """What the provider says of this phone, where something is wrong with it."""

    @property
    def is_burst(self) -> bool:
        return self.texts == BURST


@dataclass(frozen=True)
class Script:
    """One run."""

    patients: tuple[Patient, ...]
    reminded: tuple[tuple[str, str], ...]
    """(channel, number)"""

    @property
    def messages(self) -> int:
        return sum(len(patient.texts) for patient in self.patients)


def write_script(seed: int, *, messages: int, reminders: int, seconds: float) -> Script:
    """Half of the messages in talks of four, a tenth in bursts of three, the others one by one.

    One in ten of these tells of danger, and some come from phones on which no answer arrives.
    """
    dice = random.Random(f"{seed}:script")
    patients = [*_telling(dice, messages, seconds)]
    numbers = (f"+62812000{count:05d}" for count in range(messages))
    patients += [_talk(dice, next(numbers), seconds) for _ in range(max(1, messages // 8))]
    patients += [_burst(dice, next(numbers), seconds) for _ in range(max(1, messages // 30))]
    left = messages - sum(len(patient.texts) for patient in patients)
    for _ in range(left):
        text = DANGER if dice.random() < 0.1 else dice.choice(FREE)
        patients.append(Patient(next(numbers), dice.choice(CHANNELS), (text,), (dice.uniform(0, seconds),)))
    reminded = tuple((dice.choice(CHANNELS), f"+62812001{count:05d}") for count in range(reminders))
    return Script(tuple(patients), reminded)


def references() -> tuple[Patient, ...]:
    """One phone for every way of writing and channel: what they get while nothing is wrong is what all must get."""
    ways: Sequence[tuple[str, ...]] = [*TALKS, *((text,) for text in FREE), (DANGER,), ("0",)]
    pairs = [(channel, way) for channel in CHANNELS for way in ways]
    return tuple(
        Patient(f"+62812009{count:05d}", channel, way, tuple(1.5 * step for step in range(len(way))))
        for count, (channel, way) in enumerate(pairs)
    )


def _talk(dice: random.Random, number: str, seconds: float) -> Patient:
    texts = dice.choice(TALKS)
    at = [dice.uniform(0, max(1.0, seconds - 20))]
    while len(at) < len(texts):
        at.append(at[-1] + dice.uniform(0.5, 5.0))
    return Patient(number, dice.choice(CHANNELS), texts, tuple(at))


def _burst(dice: random.Random, number: str, seconds: float) -> Patient:
    first = dice.uniform(0, max(1.0, seconds - 5))
    return Patient(number, dice.choice(CHANNELS), BURST, (first, first + dice.uniform(0.2, 1), first + 1.5))


def _telling(dice: random.Random, messages: int, seconds: float) -> list[Patient]:
    each = max(1, messages // 400)
    return [
        Patient(telling_number(code, count), channel, ("0",), (dice.uniform(0, seconds),), code)
        for channel, codes in TELLING.items()
        for code in codes
        for count in range(each)
    ]
