"""Finds for whom a message is: the writer, or what the patient is to the writer."""

from __future__ import annotations

import re
from functools import cache

from nlu import lexicon
from nlu.calendar_words import MARK
from nlu.phrases import alternatives, plain, split

_SHORT_ANSWER = 3
_BOY = re.compile(r"(?<=\sanak) laki(?: laki)?(?=\s)")
_NOT = r"(?<!\sbukan)(?<!\sbukan untuk)(?<!\sbukan buat)(?<!\sjangan)"


def find_person(words: list[str]) -> str | None:
    """ "saya" or a relation; None when nobody is named."""
    padded = f" {' '.join(words)} "
    padded = _helpers().sub(" _ ", _masked().sub(" _ ", _BOY.sub("", padded)))
    for pattern in _patterns():
        if found := pattern.search(padded):
            return _people()[found[1]]
    if _self().search(padded) or (len(words) <= _SHORT_ANSWER and "sendiri" in words):
        return "saya"
    for pattern in (_with_context(), _bare()):
        if found := pattern.search(padded):
            return _people()[found[1]]
    return None


@cache
def _people() -> dict[str, str]:
    """A word for a person as it stands in a normalised text, and as written -> the person."""
    people: dict[str, str] = {}
    for person, forms in lexicon.load("person")["people"].items():
        for form in split(forms):
            people.setdefault(plain(form), person)
            people.setdefault(form, person)
    return people


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    """ "untuk anak", then "ibu mertua", then "ibu saya", in this order of trust."""
    people, which, owners = alternatives(_people()), _which(), alternatives(_forms("owners"))
    between = r"(?:si|ke|kedua|dua|nama|\d|pun|,|bapak(?= mertua)|ibu(?= mertua)|sang)"
    return (
        re.compile(rf"{_NOT}\s(?:{alternatives(_forms('for'))})\s(?:{between}\s)?({_relations()})(?=\s)"),
        re.compile(rf"{_NOT}\s(?:bapak|ibu)\s(mertua)\s"),
        re.compile(rf"{_NOT}\s({people})\s(?:(?:{which})\s){{0,2}}(?:{owners})\s"),
        re.compile(rf"\spun\s({people})\s"),
    )


@cache
def _relations() -> str:
    """People, without the words that are names as often: "atas nama putri"."""
    return alternatives(form for form in _people() if form not in ("putri", "putra"))


@cache
def _with_context() -> re.Pattern[str]:
    """ "jadwal bapak", "ibu sakit": a person that elsewhere may be the reader."""
    people, of, does = alternatives(_people()), alternatives(_forms("of")), alternatives(_forms("does"))
    behind = rf"{_NOT}\s(?:{of})\s(?=(?:{_relations()})\s(?!saya))"
    before = rf"(?<!\s{MARK})\s(?=(?:{people})\s(?:{does})\s)"
    two = rf"\s(?=(?:{people})\ssama\s(?:{people})\s)"
    return re.compile(rf"(?:{behind}|{before}|{two})({_relations()})\s")


@cache
def _bare() -> re.Pattern[str]:
    """A relation named without more; "dokter anak" and "poli anak" name a doctor, not a child."""
    addresses = set(_forms("addresses"))
    people = alternatives(form for form in _people() if form not in addresses)
    return re.compile(rf"{_NOT}(?<!dokter)(?<!poli)(?<!klinik)(?<!spesialis)\s({people})(?=\s)")


@cache
def _self() -> re.Pattern[str]:
    return re.compile(rf"{_NOT}\s(?:{alternatives(_forms('self'))})\s")


@cache
def _masked() -> re.Pattern[str]:
    """What is no person, and "kk", a family card as long as it does not do what a brother does."""
    brother = rf"saya\s(?:{alternatives(_forms('does'))}|mau|ingin|minta|perlu|hamil|lagi)\s"
    card = rf"(?<!untuk )(?<!buat )(?<!bawa )kk\s(?!{brother})"
    return re.compile(rf"\s(?:(?:{alternatives(_forms('no_people'))}|laki laki)\s(?!saya\s)|{card})")


@cache
def _helpers() -> re.Pattern[str]:
    """ "kata tetangga", "suami bilang", "saya anak bu Tumini", "istri pak Joko": none of them is ill."""
    people = alternatives(_people())
    before, behind = alternatives(_forms("helpers_before")), alternatives(_forms("helpers_behind"))
    forms = (
        rf"(?:{before})\s(?:{people})",
        rf"(?:{people})\s(?:saya\s)?(?:{behind})",
        r"saya anak(?= (?:ibu|bu|bapak|pak|dari))",
        r"(?:istri|suami) (?:pak|bapak|bu|ibu)(?! saya| hamil)",
    )
    return re.compile(rf"\s(?:{'|'.join(forms)})\s")


@cache
def _forms(section: str) -> tuple[str, ...]:
    """The forms of one list of person.yml, as written and in plain spelling."""
    written = split(lexicon.load("person")[section])
    return tuple(dict.fromkeys((*(plain(form) for form in written), *written)))


@cache
def _which() -> str:
    """What may stand between a person and its owner; patterns themselves."""
    return alternatives(split(lexicon.load("person")["which"]))
