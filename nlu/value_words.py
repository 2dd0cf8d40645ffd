"""Turns a message into plain words for reading values: words of time in every language, figures for number words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache

from nlu import lexicon
from nlu.calendar_words import FULL_MONTHS, MARK, PARTS, PRAYERS, WEEKDAYS
from nlu.date_forms import MONTHS
from nlu.fuzzy import FuzzyWords
from nlu.normalise import clean, normalise
from nlu.number_words import with_figures
from nlu.slips import mended_by_place

# A figure that nobody writes: normalising leaves it alone and sees no word beside it.
_KEPT_MARK = "0:0:0:0"
_SOMEDAY = re.compile(r"\b(?:besok|bsk|suk)(?:2|-besok|-bsk|-suk|\s+besok|\s+bsk)\b")
_UNTIL = re.compile(r"\bs\s?/\s?d\b|\bs\.d\b\.?")
_IN_THE_NAME_OF = re.compile(r"\ba\s?/\s?n\b|\ba\.\s?n\b\.?|\ban\s?[.:]")
_TWICE = re.compile(r"\b([a-z]{3,})-(\1)(an|nya)?\b")
_TOKEN = re.compile(
    r"\d+(?:[./:-]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)*'?(?:\d(?!\d))?|(?<=[a-z])-(?=[a-z])|[,;!?\n()]|(?<=[a-z0-9]{2})\.(?=\s|$)"
)
_ABBREVIATED = frozenset("dr drg tgl jl jln gg no nmr tlp telp hp kel kec ibu bpk sdr sdri pkl jm".split())
_TIME_LIKE = frozenset((*WEEKDAYS, *PARTS, *PRAYERS)) | frozenset(
    "jam tanggal hari bulan tahun depan ini lalu nanti lagi besok lusa tulat sekarang kemarin setengah lg lgi ni iki"
    " niki ieu maneh deui malih ngarep muka seminggu sepekan saminggu".split()
)
_MINE = ("ku", "q", "qu")


def is_someday(text: str) -> bool:
    """Whether the text says "besok2": some other day, no day in particular."""
    return _SOMEDAY.search(clean(text)) is not None


def value_words(text: str) -> list[str]:
    """The plain words of a text with a MARK at every pause; number words are figures, "besok2" is left out."""
    text = _TWICE.sub(r"\g<1>2", clean(text.replace("½", " setengah ")))
    text = _IN_THE_NAME_OF.sub(" atas nama ", _UNTIL.sub(" sampai ", _SOMEDAY.sub(" ", text)))
    written = [part for token in _TOKEN.findall(text) for part in _parts(token)]
    plain = _in_context(written)
    kept = " ".join(_KEPT_MARK if word == MARK else word for word in _without_hyphens(plain))
    return with_figures(mended_by_place([MARK if word == _KEPT_MARK else word for word in normalise(kept).split()]))


def without_marks(words: Sequence[str]) -> str:
    """The words in one string, pauses forgotten."""
    return " ".join(word for word in words if word != MARK)


def _parts(written: str) -> tuple[str, ...]:
    """ "bapakku" is "bapak saya", "jam8" is "jam 8", "anak2" is "anak"; marks become one."""
    if written == "-" or written[0].isdigit():
        return (written,)
    if not written[0].isalpha():
        return (MARK,)
    if written[-1].isdigit():
        letters, digit = written[:-1], written[-1]
        if digit == "2" and letters in _listed("morning_or_tomorrow"):
            return ("pagi",)
        is_twice = digit == "2" and len(letters) >= 3 and letters not in lexicon.neighbours("counted")
        return _parts(letters) if is_twice else (*_parts(letters), digit)
    for ending in _MINE:
        if written.endswith(ending) and written[: -len(ending)] in _people():
            return (written[: -len(ending)], "saya")
    return (written,)


def _in_context(written: list[str]) -> list[str]:
    language = _language(written)
    plain: list[str] = []
    for at, word in enumerate(written):
        before = plain[-1] if plain else ""
        after = written[at + 1] if at + 1 < len(written) else ""
        if word == MARK and _is_abbreviated(written[at - 1] if at else "", read_as=before):
            continue
        plain.append(_read(word, before=before, after=after, language=language))
    return plain


def _is_abbreviated(word: str, *, read_as: str) -> bool:
    """Whether the dot behind this word ends no sentence: "dr.", "tgl. 5"."""
    return word in _ABBREVIATED and read_as in (word, "tanggal", "jam")


def _read(word: str, *, before: str, after: str, language: str) -> str:
    if not word[0].isalpha():
        return word
    if word in _listed("morning_or_tomorrow"):
        return _morning_or_tomorrow(word, before=before, language=language)
    if before[:1].isdigit() or before in _number_words() or before == "bulan":
        month = _month(word)
        if month is not None:
            return month
    if word in _forms("uncounted") and not _is_count(before):
        return _forms("uncounted")[word]
    if word in _forms("beside"):
        return _beside(word, before=before, after=after)
    if word == "j" and after[:1].isdigit():
        return "jam"
    if word in ("set", "seten") and (after[:1].isdigit() or after in _number_words()):
        return "setengah"
    if word == "besuk":
        return "jenguk" if before in ("jam", "mau", "mo", "bisa", "bs", "boleh", "untuk", "waktu") else "besok"
    return _word_of_time(word) or word


def _beside(word: str, *, before: str, after: str) -> str:
    meant = _forms("beside")[word]
    follows = _word_of_time(after) or after
    is_beside = before in _TIME_LIKE or follows in _TIME_LIKE
    if _is_count(before):
        is_beside = meant == "hari" or follows == "lagi" or after in ("lg", "lgi")
    return meant if is_beside else word


def _morning_or_tomorrow(word: str, *, before: str, language: str) -> str:
    """ "isuk" is tomorrow for Banjar, morning for Java; "isukan" the other way round with Sunda; "enjing" both."""
    is_behind_a_day = before in ("besok", "hari", "lusa", *WEEKDAYS)
    if word.startswith("isukan"):
        return "besok" if language == "sundanese" else "pagi"
    if word.startswith("isuk"):
        is_morning = language in ("javanese", "sundanese") or (is_behind_a_day and language != "banjar")
        return "pagi" if is_morning else "besok"
    return "pagi" if is_behind_a_day or language == "javanese" else "besok"


def _language(written: list[str]) -> str:
    """The regional language that most of the telling words belong to, else ""."""
    counts = {
        "banjar": sum(word in lexicon.banjar_words() for word in written if word not in _listed("morning_or_tomorrow")),
        "javanese": sum(word in _markers("javanese") for word in written),
        "sundanese": sum(word in _markers("sundanese") for word in written),
    }
    most = max(counts, key=lambda name: counts[name])
    return most if counts[most] else ""


def _without_hyphens(words: list[str]) -> list[str]:
    """ "senin-jumat" is "senin sampai jumat"; between other words a hyphen says nothing."""
    kept: list[str] = []
    for at, word in enumerate(words):
        if word != "-":
            kept.append(word)
        elif words[at - 1] in WEEKDAYS and words[at + 1 : at + 2] and words[at + 1] in WEEKDAYS:
            kept.append("sampai")
    return kept


def _is_count(word: str) -> bool:
    return word[:1].isdigit() or word in _number_words() or word in ("ratus", "puluh", "belas")


@lru_cache(maxsize=20_000)
def _word_of_time(word: str) -> str | None:
    """The plain word of time that this form is, endings and one slip forgiven; None for any other word."""
    forms = _forms("words")
    short = re.sub(r"(.)\1{2,}", r"\1", word)
    for form in (word, short, word[:-1] if word.endswith("2") else word):
        if form in forms:
            return forms[form]
    for ending in ("nya", "lah", "kah", "an"):
        stem = short.removesuffix(ending)
        if stem != short and forms.get(stem) in _TIME_LIKE and short not in lexicon.known_words():
            return forms[stem] if ending != "an" or forms[stem] in ("pagi", "siang", "sore", "malam") else None
    if not short.isalpha() or short in lexicon.left_alone() or short in lexicon.spelling() or short in _no_days():
        return None
    return _fuzzy_days().find(short)


@lru_cache(maxsize=5_000)
def _month(word: str) -> str | None:
    if word in MONTHS:
        return FULL_MONTHS[MONTHS[word] - 1]
    if len(word) < 4 or word in lexicon.left_alone() or word in lexicon.spelling():
        return None
    return _fuzzy_months().find(word)


@cache
def _forms(section: str) -> dict[str, str]:
    """Form -> plain word of one section of values.yml."""
    written = lexicon.load("values")[section]
    plain_words = {} if section == "uncounted" else {plain: plain for plain in written}
    return plain_words | {form: plain for plain, forms in written.items() for form in forms.split()}


@cache
def _listed(section: str) -> frozenset[str]:
    return frozenset(lexicon.load("values")[section].split())


@cache
def _markers(language: str) -> frozenset[str]:
    return frozenset(lexicon.load("values")["languages"][language].split())


@cache
def _number_words() -> frozenset[str]:
    return frozenset(form for forms in lexicon.load("values")["numbers"].values() for form in str(forms).split())


@cache
def _no_days() -> frozenset[str]:
    return _listed("no_days")


@cache
def _people() -> frozenset[str]:
    """Words for people as written, to know "mertuaku" by."""
    forms = {form.strip() for written in lexicon.load("person")["people"].values() for form in written.split(",")}
    return frozenset(forms | {form for form, plain in lexicon.spelling().items() if plain in forms})


@cache
def _fuzzy_days() -> FuzzyWords:
    return FuzzyWords((*WEEKDAYS, "besok", "sekarang", "seminggu", "sendiri", "setengah", "seperempat", "maghrib"))


@cache
def _fuzzy_months() -> FuzzyWords:
    return FuzzyWords(FULL_MONTHS)
