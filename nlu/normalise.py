"""Turns what people type into plain Indonesian words: spelling, doubled letters, abbreviations, local words."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from nlu import lexicon

# A cut keeps one huge message from holding up everyone else's.
LONGEST = 4000
LONGEST_WORD = 40

_TOKEN = re.compile(r"\d+(?:[./:-]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)*'?(?:\d(?!\d))?", re.UNICODE)
_REPEATED = re.compile(r"(.)\1{2,}")
_DOUBLED = re.compile(r"([a-z])\1")
_HYPHENED = re.compile(r"\b([a-z]{3,})-(\1)(an|nya)?\b")


def clean(text: str) -> str:
    """Lower case, plain letters, one kind of apostrophe, nothing invisible or broken; line breaks stay."""
    text = unicodedata.normalize("NFKD", text[:LONGEST].replace("’", "'").replace("`", "'"))
    kept = (
        " " if char == "\ufffd" else char
        for char in text
        if char in "\n\t" or unicodedata.category(char) not in ("Cf", "Cc", "Cs", "Co", "Cn", "Mn")
    )
    return "".join(kept).lower()


def words_of(text: str) -> list[str]:
    """The words and numbers of a cleaned text, as written; emoji and punctuation dropped."""
    text = _HYPHENED.sub(r"\g<1>2", text)
    return [token[:LONGEST_WORD] if token[0].isalpha() else token for token in _TOKEN.findall(text)]


def normalise(text: str) -> str:
    """Plain words parted by single spaces; numbers and dates stay as they are."""
    written = words_of(clean(text))
    is_banjar = any(word in lexicon.banjar_words() for word in written)
    plain: list[str] = []
    for at, word in enumerate(written):
        before = written[at - 1] if at else ""
        after = written[at + 1] if at + 1 < len(written) else ""
        if is_banjar and word in lexicon.local_traps():
            plain.append(lexicon.local_traps()[word])
            continue
        plain.append(_by_neighbours(word, before=before, after=after) or normalise_word(word))
    return " ".join(plain)


def _by_neighbours(word: str, *, before: str, after: str) -> str | None:
    """Abbreviations that mean two things: the words beside them decide."""
    if word in ("dr", "drg"):
        if word == "drg":
            return "dokter gigi"
        is_doctor = after in lexicon.neighbours("doctor_after") or before in lexicon.neighbours("doctor_before")
        return "dokter" if is_doctor else "dari"
    if word == "td":
        return "td" if before in lexicon.neighbours("vaccine_before") else "tadi"
    if word == "u":
        return "untuk" if after in lexicon.neighbours("person_after") else "u"
    if word == "d":
        return "di"
    if word == "k":
        return "ke"
    return "ya" if word == "y" else None


@lru_cache(maxsize=20_000)
def normalise_word(word: str) -> str:
    """One word in its plain spelling; several words where it was short for several."""
    if not word[0].isalpha():
        return word
    found = _listed(word)
    if found is not None:
        return found
    if word[-1].isdigit():
        return _with_digit(word)
    for candidate in _shorter(word):
        found = _listed(candidate)
        if found is not None:
            return found
    stem = _stem(word)
    if stem != word:
        return _listed(stem) or stem
    squeezed = _REPEATED.sub(r"\1", word)
    return _taken_apart(squeezed) or squeezed.rstrip("'")


def _listed(word: str) -> str | None:
    plain = lexicon.spelling().get(word)
    if plain is not None:
        return plain
    return word if word in lexicon.known_words() else None


def _with_digit(word: str) -> str:
    """ "anak2" is anak said twice; "jam8" is a word and a number."""
    letters, digit = word[:-1], word[-1]
    if digit == "2" and len(letters) >= 3 and letters not in lexicon.neighbours("counted"):
        return normalise_word(letters)
    return f"{normalise_word(letters)} {digit}"


def _shorter(word: str) -> list[str]:
    """The word with its stretched letters taken back, longest first: "maaaaf" -> "maaf", "maf"."""
    twice = _REPEATED.sub(r"\1\1", word)
    once = _REPEATED.sub(r"\1", word)
    return [form for form in (twice, once, _DOUBLED.sub(r"\1", once)) if form != word]


def _stem(word: str) -> str:
    """Without -nya, -ny, -x, -kah, -lah where a word remains."""
    word = _REPEATED.sub(r"\1", word)
    kept = lexicon.neighbours("keep_nya") | lexicon.neighbours("keep_kah")
    for ending, least in (("nya", 3), ("kah", 4), ("lah", 4)):
        stem = word[: -len(ending)]
        if word.endswith(ending) and len(stem) >= least and word not in kept:
            return stem if ending == "nya" or _listed(stem) else word
    for ending in ("ny", "x", "ku"):
        stem = word[: -len(ending)]
        if word.endswith(ending) and len(stem) >= 3 and _listed(stem):
            return stem
    return word


def _taken_apart(word: str) -> str | None:
    """Two words typed as one, where both are common: "antrigigi", "sayamau"."""
    if not 6 <= len(word) <= 20:
        return None
    joinable = lexicon.joinable_words()
    for cut in range(3, len(word) - 2):
        first, second = word[:cut], word[cut:]
        if first in joinable and second in joinable:
            return f"{normalise_word(first)} {normalise_word(second)}"
    return None
