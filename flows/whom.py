"""Whom a message is about: one of the people this phone speaks for, or somebody new."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from clinic.contacts import LinkedPerson
from flows.dialog import Choice, Heard, Unclear
from flows.readers import read_choice, read_name, reader
from flows.words import first_name, short_names
from nlu.lexicon import known_words
from nlu.normalise import normalise
from nlu.understanding import Understanding

SOMEBODY_ELSE = "other"
NEW = "new:"
MOST_CHOICES = 7
MOST_WORDS = 6
LONGEST_WORD = 20
"""Longer is speech without spaces."""
ROLES = {
    "saya": "self",
    "anak": "child",
    "bayi": "child",
    "suami": "spouse",
    "istri": "spouse",
    "ibu": "parent",
    "bapak": "parent",
    "orang_tua": "parent",
    "mertua": "parent",
}
# "bapak" may not be the parent we know, so one parent alone is still asked for.
SURE_WHEN_ALONE = ("self", "child", "spouse")
_INTRODUCED = re.compile(
    r"(?:\batas nama|\ba/n\.?|\ba\.\s?n\.?|\ban\.|\bnama(?:nya|ku)?|\bbernama)[\s:]+"
    r"(?:(?:saya|sy|aku|anak|anakku|ibu|bapak|suami|istri|nenek|kakek|adik|kakak|adalah)\s+)*(.+)",
    re.I,
)
_OPENING = re.compile(
    r"^(?:\s*(?:nama|namanya|namaku|nama nya|atas nama|a/n|an\.|saya|sy|aku|anak|adik|ibu|bu|bapak|pak|mas|mbak"
    r"|suami|istri|untuk|utk|buat|ya|iya|itu|adalah)\b[\s:,.]*)+",
    re.I,
)
_AGE = re.compile(r"[\s,(]*(?:umur|usia)?\s*\d+\s*(?:th|thn|tahun|bln|bulan|bl|hari|minggu)\w*\W*$", re.I)
_BORN = re.compile(
    r"[\s,(]+(?:(?:tgl|tanggal)?\.?\s*lahir(?:nya)?|ttl|tgl)?[\s:,]*"
    r"\d{1,2}\s?[-/. ]\s?(?:\d{1,2}|[a-z]{3,9})\s?[-/. ]\s?(?:\d{4}|\d{2})\W*$",
    re.I,
)
_LETTERS = re.compile(r"[a-zA-ZÀ-ÿ][a-zA-ZÀ-ÿ\s.,'!-]+")
_NOT_IN_A_NAME = frozenset(
    "apa siapa kapan mana dimana kenapa bagaimana gimana berapa mau tidak bukan belum sudah bisa boleh besok pagi siang"
    " sore hari jam poli daftar antrian antri nomor untuk buat yang saya aku kami batal ganti tolong maaf halo dokter"
    " puskesmas bpjs tanya periksa berobat sakit ini itu ya tau tahu lupa nama terima kasih umum gigi nik ktp kis noka"
    " kartu hp wa nope lahir ttl umur usia tanggal alamat rt rw kalau terus sekalian".split()
)


@dataclass(frozen=True)
class Found:
    """Who is meant for sure, or among whom to ask; with neither, nobody we know is meant."""

    person: LinkedPerson | None = None
    among: tuple[LinkedPerson, ...] = ()


def find_whom(people: Sequence[LinkedPerson], who: str | None) -> Found:
    """Who is meant by `who`: a choice ("p12"), a relation ("anak"), somebody else, or nothing said."""
    if not who:
        alone = len(people) == 1 and people[0].role == "self"
        return Found(person=people[0]) if alone else Found(among=tuple(people))
    if who.startswith(SOMEBODY_ELSE) or new_name(who) is not None:
        return Found()
    chosen = next((person for person in people if choice_value(person) == who), None)
    if chosen is not None:
        return Found(person=chosen)
    role = role_of(who)
    fitting = tuple(person for person in people if person.role == role)
    if len(fitting) == 1 and role in SURE_WHEN_ALONE:
        return Found(person=fitting[0])
    return Found(among=fitting)


def new_name(who: str | None) -> str | None:
    """The name that stands in the slot when somebody was named who is not known yet."""
    return who.removeprefix(NEW) if who and who.startswith(NEW) else None


def role_of(who: str | None) -> str:
    """The role of the person that a relation word names."""
    relation = (who or "").removeprefix(f"{SOMEBODY_ELSE}:")
    return ROLES.get(relation, SOMEBODY_ELSE)


def choice_value(person: LinkedPerson) -> str:
    """How a known person is kept in a slot."""
    return f"p{person.person_id}"


def choices_among(people: Sequence[LinkedPerson], *, who: str | None) -> tuple[Choice, ...]:
    """These people by name, and last somebody else, of whom we keep what they are to the writer."""
    offered = people[:MOST_CHOICES]
    names = short_names(offered)
    known = tuple(Choice(choice_value(person), names[person.person_id]) for person in offered)
    return (*known, Choice(f"{SOMEBODY_ELSE}:{who}" if who in ROLES else SOMEBODY_ELSE, "Orang lain"))


def named_in(text: str, people: Sequence[LinkedPerson]) -> LinkedPerson | None:
    """The one known person whose name stands in the text; a first name that is a word ("Putri") is not enough."""
    words = f" {_plain(text)} "
    by_full_name = [person for person in people if f" {_plain(person.name)} " in words]
    telling = [person for person in people if normalise(first_name(person.name)) not in known_words()]
    by_first_name = [person for person in telling if f" {_plain(first_name(person.name))} " in words]
    for found in (by_full_name, by_first_name):
        if len(found) == 1:
            return found[0]
    return None


def same_name(people: Sequence[LinkedPerson], name: str) -> LinkedPerson | None:
    """The person who is already known under that name."""
    return next((person for person in people if _plain(person.name) == _plain(name)), None)


def name_given(text: str) -> str | None:
    """A name that the message introduces: "atas nama Suparti", "nama Ahmad Fauzi lahir ..."."""
    found = _INTRODUCED.search(text)
    if found is None:
        return None
    words: list[str] = []
    for word in re.findall(r"[^\s,;:()]+", found.group(1)):
        if not word[0].isalpha() or not _may_be_a_name(word) or len(words) == 4:
            break
        words.append(word)
    name = " ".join(words).strip(" .,!")
    return _tidy(name) if len(name) > 2 else None


@reader
def read_patient_name(heard: Heard) -> str:
    """A patient's name, without the words around it: "nama anak saya budi 3 thn", "Budi, 5-3-20" is Budi."""
    bare = _BORN.sub("", _AGE.sub("", _OPENING.sub("", heard.text.strip().replace("’", "'"))))
    words = set(_plain(bare).split()) | set(normalise(bare).split())
    is_run_on = any(len(word) > LONGEST_WORD for word in bare.split())
    if not _LETTERS.fullmatch(bare) or words & _NOT_IN_A_NAME or len(bare.split()) > MOST_WORDS or is_run_on:
        raise Unclear("book_queue.name_please")
    try:
        return _tidy(read_name(Heard(_with_text(heard, bare), heard.today)))
    except Unclear:
        raise Unclear("book_queue.name_please") from None


@reader
def read_whom(heard: Heard) -> str:
    """One of the people offered: by digit, by name, or by what they are to the writer ("anak"); or a new name."""
    try:
        return read_choice(heard)
    except Unclear:
        relation = heard.understanding.value("person")
        if relation is not None:
            return relation
        if heard.keyword is not None or set(normalise(heard.text).split()) & known_words():
            raise
    return NEW + read_patient_name(heard)


def _may_be_a_name(word: str) -> bool:
    """ "Putri" is a name where "putri" is a word."""
    plain = normalise(word)
    return plain not in _NOT_IN_A_NAME and (word[0].isupper() or plain not in known_words())


def _with_text(heard: Heard, text: str) -> Understanding:
    return replace(heard.understanding, text=text)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[^\W\d_]+", text.casefold()))


def _tidy(name: str) -> str:
    return name.title() if name.islower() or name.isupper() else name
