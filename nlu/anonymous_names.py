"""Anonymous names: takes people's names out of a message: those that are known, and those in the places of names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from nlu import lexicon
from nlu.fuzzy import FuzzyWords
from nlu.normalise import normalise_word

NEUTRAL_NAME = "Fulan"
MOST_NAME_WORDS = 4
SHORTEST_OF_CONTACT, SHORTEST_OF_REGISTER = 3, 4

_TOKEN = re.compile(r"\ba\.\s?n\b\.?|\ba/n\b|[^\W\d_]+(?:['’`][^\W\d_]+)*", re.IGNORECASE)
_DOUBLED = re.compile(r"(.)\1+")
_ENDINGS = ("nya", "ku", "mu", "lah", "kah")
_CLOSE = re.compile(r"[ .'’`\-]*")
_SAME_NAME = re.compile(rf"{NEUTRAL_NAME}(?:[\s.'’`/_-]*{NEUTRAL_NAME})+")
_VERB = re.compile(r"(?:di(?!an|ah)|ter|men|mem|meng|meny|ber|ke)\w{4,}")


@lru_cache(maxsize=20_000)
def _key(token: str) -> str:
    """A word as names are compared: small, without accents, "Annisa" like "anisa"."""
    plain = unicodedata.normalize("NFKD", token.casefold())
    kept = "".join(sign for sign in plain if not unicodedata.combining(sign) and sign not in "'’`")
    return _DOUBLED.sub(r"\1", kept)


def _keys(words: Iterable[str]) -> frozenset[str]:
    return frozenset(_key(word) for word in words)


_BEFORE_NAME = _keys("nama namanya namax nm nma bernama a.n. a.n an a/n".split())
"""What a name follows, often after some of the next words."""
_IN_BETWEEN = _keys(
    "saya sy aku sya anak ibu bapak suami istri bayi ibunya bapaknya anaknya pasien lengkap peserta panggilan kepala"
    " keluarga itu yaitu adalah ialah ya nya bu pak mas mbak hj haji h dr drg ny tn sdr sdri bin binti m"
    " muh moh st".split()
)
_TITLES = _keys(
    "pak bu bapak ibu mas mbak kak bang abang adik dr drg dokter bidan suster perawat ustad ustadz haji hj nyonya ny tn"
    " tuan sdr sdri saya sy aku ini dengan dgn dg anak suami istri nenek kakek mama ayah".split()
)
_CALLED = _keys("pak bu mas mbak haji hj ny tn".split())
"""Behind these even an everyday word with a capital is a name."""
_FIELDS = _keys(
    "nik ktp kk kis jkn bpjs hp wa no nomor nmr noka umur usia tgl ttl lahir alamat faskes rt rw jl jln gang gg".split()
)
"""What stands beside a name in a form, and is none."""
_NO_NAMES = _keys(
    "hapus catat coret keliru dobel ejaan ejaannya sekalian beliau aye sementara asli aslinya tampilan perusahaan"
    " pemilik sertifikat bupati kandung muncul mirip keberatan hilang plat kok siapa apa ini lama baru depan belakang"
    " lah kan kah sih deh dong nih tuh gadis latin".split()
)
"""What is said of names more often than it is one."""
_ALSO_NAMES = _keys(
    "indah mawar melati putri putra bunga bintang intan cahaya surya fajar embun mega berkah gunung cantik mulia jaya"
    " sakti wahyu rahmat hidayat sinar mentari dewa dewi ratu raja agung harapan lestari".split()
)
"""Everyday words that are names where a name is expected."""


@dataclass(frozen=True)
class KnownNames:
    """Names to look for wherever they stand: of the contact, and of everybody in the register."""

    phrases: tuple[tuple[str, ...], ...]
    words: frozenset[str]
    slips: FuzzyWords
    register: frozenset[str]

    @classmethod
    def of(cls, names: Iterable[str], *, register: frozenset[str] = frozenset()) -> KnownNames:
        """The names of one contact and the people linked to it; `register` comes from name_words."""
        split = [tuple(_key(token) for token in _TOKEN.findall(name)) for name in names]
        phrases = tuple(words for words in split if len(words) > 1)
        single = {word for words in split for word in words if _may_stand_alone(word, SHORTEST_OF_CONTACT)}
        single |= {"".join(words) for words in phrases}
        return cls(phrases, frozenset(single), FuzzyWords(single), register)


def name_words(names: Iterable[str]) -> frozenset[str]:
    """The single words of many names that can be told from everyday words."""
    words = {_key(token) for name in names for token in _TOKEN.findall(name)}
    return frozenset(word for word in words if _may_stand_alone(word, SHORTEST_OF_REGISTER) and not _is_plain(word))


def without_names(text: str, known: KnownNames) -> str:
    """The text with one neutral name in the place of every name that was found.

    A name that nobody knows, in small letters and in no place where a name is expected, stays.
    """
    read = _Read.of(text)
    parts, end = [], 0
    for at in sorted(read.known(known) | read.introduced() | read.addressed()):
        token = read.tokens[at]
        parts += [text[end : token.start()], NEUTRAL_NAME]
        end = token.end()
    return _SAME_NAME.sub(NEUTRAL_NAME, "".join([*parts, text[end:]]))


@dataclass(frozen=True)
class _Read:
    """A message word by word; the answers are places of words that are names."""

    text: str
    tokens: tuple[re.Match[str], ...]
    words: tuple[str, ...]
    is_loud: bool
    """So many capitals that a single one says nothing."""

    @classmethod
    def of(cls, text: str) -> _Read:
        tokens = tuple(_TOKEN.finditer(text))
        capitals = sum(token[0][0].isupper() for token in tokens)
        return cls(text, tokens, tuple(_key(token[0]) for token in tokens), capitals * 2 > len(tokens) + 1)

    def known(self, known: KnownNames) -> set[int]:
        """Known names as a whole, their single words, and these with one slip in them."""
        found = {at for at, word in enumerate(self.words) if _is_known(word, known)}
        for phrase in known.phrases:
            for start in range(len(self.words) - len(phrase) + 1):
                if self.words[start : start + len(phrase)] == phrase:
                    found |= {start + at for at, word in enumerate(phrase) if word not in _kin()}
        return found

    def introduced(self) -> set[int]:
        """What follows "nama saya", "a.n." and their like, as long as it reads as a name."""
        found: set[int] = set()
        for at, word in enumerate(self.words):
            if word not in _BEFORE_NAME or self._is_half_a_word(at):
                continue
            start = at + 1
            while start < len(self.words) and self.words[start] in _IN_BETWEEN:
                start += 1
            if start < len(self.words) and (self._reads_as_name(start) or self._stands_out(start)):
                found |= self._name_from(start)
        return found

    def addressed(self) -> set[int]:
        """Capitalised words that are no everyday words, behind "bu", "pak", "saya" and their like."""
        found: set[int] = set()
        for at in range(1, len(self.words)):
            before, word = self.words[at - 1], self.words[at]
            is_odd = not _is_plain(word) or (before in _CALLED and word not in _kin())
            follows = before in _TITLES or at - 1 in found
            if follows and is_odd and len(word) > 2 and self._is_close(at) and self._is_capital(at):
                found.add(at)
        return found

    def _name_from(self, start: int) -> set[int]:
        """The words of one name: the first, and what goes on without a comma, a figure or an everyday word."""
        name = {start}
        for at in range(start + 1, min(start + MOST_NAME_WORDS, len(self.words))):
            goes_on = self._reads_as_name(at) or self.words[at] in ("bin", "binti")
            if not goes_on or not self._is_close(at):
                break
            name.add(at)
        return name

    def _reads_as_name(self, at: int) -> bool:
        """Whether this word is a name where one is expected."""
        word = self.words[at]
        if len(word) < 3 or word in _IN_BETWEEN or word in _NO_NAMES:
            return False
        is_verb = _VERB.fullmatch(word) is not None and not self.tokens[at][0][0].isupper()
        return word in _ALSO_NAMES or not (is_verb or _is_plain(word))

    def _stands_out(self, at: int) -> bool:
        return len(self.words[at]) > 2 and self._is_capital(at)

    def _is_capital(self, at: int) -> bool:
        """A capital that means something: not a shout, and not one of a text full of them."""
        written = self.tokens[at][0]
        return not self.is_loud and written[0].isupper() and not written.isupper()

    def _is_close(self, at: int) -> bool:
        """Nothing but a blank, a dot or a hyphen between this word and the one before."""
        return _CLOSE.fullmatch(self.text[self.tokens[at - 1].end() : self.tokens[at].start()]) is not None

    def _is_half_a_word(self, at: int) -> bool:
        """ "an" in "kos2an" """
        start = self.tokens[at].start()
        return start > 0 and self.text[start - 1].isdigit()


def _is_known(word: str, known: KnownNames) -> bool:
    forms = {word} | {word.removesuffix(ending) for ending in _ENDINGS if len(word) > len(ending) + 2}
    if forms & known.words:
        return True
    return not _is_plain(word) and (bool(forms & known.register) or known.slips.find(word) is not None)


def _may_stand_alone(word: str, shortest: int) -> bool:
    return len(word) >= shortest and word not in _kin() and word not in lexicon.joinable_words()


@lru_cache(maxsize=20_000)
def _is_plain(word: str) -> bool:
    """Whether this is an everyday word, however it is spelled."""
    return not word or word in _kin() or all(_key(part) in _known_keys() for part in normalise_word(word).split())


@lru_cache(maxsize=1)
def _known_keys() -> frozenset[str]:
    return _keys(lexicon.known_words())


@lru_cache(maxsize=1)
def _kin() -> frozenset[str]:
    """Words for relatives and titles, part of many profile names, and words of forms: they name nobody."""
    people = lexicon.load("person")["people"].values()
    listed = _keys(word for forms in people for word in str(forms).replace(",", " ").split())
    return (listed | _TITLES | _IN_BETWEEN | _FIELDS | {"bunda"}) - _ALSO_NAMES
