"""Near-duplicates: sentences that say the same in nearly the same words, so that one gives the other away.

Two sentences are near-duplicates when, in plain spelling,
- both have at least 4 different words and share at least 4 in 5 of all the words in them, or
- they are the same once polis, days, parts of the day, persons, numbers and names are blanked.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from nlu import lexicon
from nlu.anonymous import NEUTRAL_NAME, anonymous
from nlu.date_forms import MONTHS
from nlu.normalise import normalise

FEWEST_WORDS = 4
SHARED, OF = 4, 5
"""The least share of common words, as a fraction, so that no rounding decides."""
DAY_WORDS = tuple("senin selasa rabu kamis jumat sabtu minggu ahad besok lusa tulat".split())
PARTS_OF_DAY = tuple("pagi subuh siang sore petang malam".split())
DAY, PART, PERSON, POLI, NAME, NUMBER = BLANKS = ("<day>", "<part>", "<person>", "<poli>", "<name>", "<number>")


@dataclass(frozen=True)
class Form:
    """What is compared of a sentence: its different words, and its words with the values blanked."""

    words: frozenset[str]
    skeleton: str


def form_of(text: str) -> Form:
    """The form of a sentence as somebody wrote it, without marks of entities."""
    plain, nameless = normalise(text), anonymous(text)
    blanked = _blanked(plain if nameless == text else normalise(nameless))
    # A sentence of nothing but values has no skeleton of its own: "gigi" is not "umum".
    says_more = any(word not in BLANKS for word in blanked.split())
    return Form(frozenset(plain.split()), blanked if says_more else plain)


@dataclass(frozen=True)
class Likeness:
    """The place of a near-duplicate among the indexed sentences, and the share of words that both have."""

    place: int
    share: float


class Neighbours:
    """Sentences indexed by their rarest words, so that similar ones are found without comparing each with each."""

    def __init__(self, forms: Sequence[Form]) -> None:
        self._forms = forms
        self._frequency = Counter(word for form in forms for word in form.words)
        self._by_word: dict[str, list[int]] = defaultdict(list)
        self._by_skeleton: dict[str, list[int]] = defaultdict(list)
        for place, form in enumerate(forms):
            self._by_skeleton[form.skeleton].append(place)
            for word in self._telling(form.words):
                self._by_word[word].append(place)

    def like(self, form: Form) -> list[Likeness]:
        """Every indexed near-duplicate in the order of places, the sentence itself included when it is indexed."""
        same = set(self._by_skeleton.get(form.skeleton, ())) if form.skeleton else set()
        candidates = {place for word in self._telling(form.words) for place in self._by_word.get(word, ())}
        similar = {place for place in candidates if _share_enough(form.words, self._forms[place].words)}
        return [Likeness(place, _share(form.words, self._forms[place].words)) for place in sorted(same | similar)]

    def _telling(self, words: frozenset[str]) -> list[str]:
        """The rarest words: two sets that share enough have at least one of these in common."""
        if len(words) < FEWEST_WORDS:
            return []
        must_share = -(-SHARED * len(words) // OF)
        return sorted(words, key=lambda word: (self._frequency[word], word))[: len(words) - must_share + 1]


def _share_enough(words: frozenset[str], others: frozenset[str]) -> bool:
    return OF * len(words & others) >= SHARED * len(words | others)


def _share(words: frozenset[str], others: frozenset[str]) -> float:
    return len(words & others) / max(1, len(words | others))


def _blanked(plain: str) -> str:
    """The words with every value in its place's sign; "besok senin" is one day."""
    words, kept, at = plain.split(), [""], 0
    while at < len(words):
        taken, signs = _value_at(words, at)
        kept += signs if signs[0] != kept[-1] or signs[0] not in BLANKS else signs[1:]
        at += taken
    return " ".join(kept[1:])


def _value_at(words: Sequence[str], at: int) -> tuple[int, tuple[str, ...]]:
    """How many words the value that begins here has, and what stands for them; a word that is no value stays."""
    for phrase, signs in _values().get(words[at], ()):
        if tuple(words[at : at + len(phrase)]) == phrase:
            return len(phrase), signs
    return 1, (NUMBER,) if words[at][0].isdigit() else (words[at],)


@cache
def _values() -> Mapping[str, Sequence[tuple[tuple[str, ...], tuple[str, ...]]]]:
    """First word -> the values that begin with it, the longest first."""
    poli, person = lexicon.load("poli"), lexicon.load("person")["people"]
    listed: list[tuple[str, tuple[str, ...]]] = [(form, (DAY,)) for form in ["hari ini", *DAY_WORDS, *MONTHS]]
    listed += [(form, (PART,)) for form in PARTS_OF_DAY]
    listed += [(form, (PERSON,)) for form in forms_in(person)]
    listed += [(form, (POLI,)) for form in forms_in(poli["named"])]
    listed += [
        (f"{before} {form}", (*before.split(), POLI))
        for before in forms_of(poli["poli_words"])
        for form in forms_in(poli["after_poli"])
    ]
    listed.append((NEUTRAL_NAME.lower(), (NAME,)))
    by_first: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = defaultdict(list)
    for form, signs in sorted(dict(listed).items()):
        phrase = tuple(form.split())
        by_first[phrase[0]].append((phrase, signs))
    return {first: sorted(phrases, key=lambda each: -len(each[0])) for first, phrases in by_first.items()}


def forms_in(section: Mapping[str, str]) -> list[str]:
    """The forms of every value of one part of the lexicon."""
    return [form for written in section.values() for form in forms_of(written)]


def forms_of(written: str) -> list[str]:
    """Listed forms in plain spelling, as they stand in a normalised sentence."""
    return [normalise(form) for form in written.split(",") if form.strip()]
