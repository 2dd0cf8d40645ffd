"""Reads whole messages that need no model: digits, menu and stop words, yes and no, greetings."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from nlu import lexicon
from nlu.consent import read_consent
from nlu.normalise import normalise

# Longer messages are sentences, not keywords.
_LONGEST_KEYWORD = 8

INTENT_OF = {
    "menu": "help_menu",
    "staff": "talk_to_staff",
    "undo": "deny",
    "cancel": "deny",
    "yes": "affirm",
    "no": "deny",
    "stop": "stop_messages",
    "start": "help_menu",
    "continue": "affirm",
    "not_me": "stop_messages",
    "thanks": "thanks",
    "greet": "greet",
    "goodbye": "goodbye",
    "digit": "help_menu",
}


@dataclass(frozen=True)
class Keyword:
    """`name` is a key of INTENT_OF; `value` is the digit for "digit", else the plain wording."""

    name: str
    value: str

    @property
    def intent(self) -> str:
        """What this keyword means where no step of a conversation expects it."""
        return INTENT_OF[self.name]


def read_keyword(text: str) -> Keyword | None:
    """The keyword that this message is, or None when it says anything more."""
    plain = normalise(text)
    if len(plain.split()) > _LONGEST_KEYWORD or (text.strip()[:1] == "-" and plain.isdigit()):
        return None
    if len(plain) == 1 and plain in "12345678":
        return Keyword("digit", plain)
    kind = _whole().get(plain)
    if kind is not None:
        return Keyword(kind, plain)
    return _polite_keyword(plain) or _consent_keyword(plain, text)


def _polite_keyword(plain: str) -> Keyword | None:
    """The keyword that polite words stand around."""
    core = " ".join(_without_small(plain.split()))
    if core == plain or not core:
        return _only_small(plain)
    kind = _whole().get(core)
    if kind is None and len(core) == 1 and core in "12345678":
        return Keyword("digit", core)
    return Keyword(kind, core) if kind is not None else None


def _consent_keyword(plain: str, text: str) -> Keyword | None:
    """STOP or START in other words; "stop sms?" only asks, and "/stop_messages" is no word of a patient."""
    name = None if set("?_/") & set(text) else read_consent(plain)
    return Keyword(name, plain) if name is not None else None


def has_yes_word(text: str) -> bool:
    """True when any word of the message can stand for a yes."""
    return bool(_yes_words() & set(normalise(text).split()))


def _without_small(words: list[str]) -> list[str]:
    """The message without polite words at either end."""
    small = _small()
    while words and words[0] in small:
        words = words[1:]
    while words and words[-1] in small:
        words = words[:-1]
    return words


def _only_small(plain: str) -> Keyword | None:
    """ "iya pak", "ya bu": nothing but polite words, one of them a yes."""
    first = plain.split()[0] if plain else ""
    is_yes = first in ("iya", "ya") and all(word in _small() for word in plain.split())
    return Keyword("yes", plain) if is_yes else None


@lru_cache(maxsize=1)
def _whole() -> dict[str, str]:
    listed = lexicon.load("keywords")["whole"]
    whole: dict[str, str] = {}
    for kind, forms in listed.items():
        for form in str(forms).split(","):
            whole.setdefault(normalise(form), kind)
    return whole


@lru_cache(maxsize=1)
def _small() -> frozenset[str]:
    return frozenset(normalise(word) for word in lexicon.load("keywords")["small"].split(","))


@lru_cache(maxsize=1)
def _yes_words() -> frozenset[str]:
    return frozenset(form for form, name in _whole().items() if name in ("yes", "continue") and " " not in form)
