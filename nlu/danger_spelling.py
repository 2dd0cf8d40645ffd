"""Reads one written word as the danger word it was probably meant to be: SMS spelling, joined words, local sounds."""

from __future__ import annotations

from functools import lru_cache

from nlu import lexicon
from nlu.danger_words import DangerWords, danger_words
from nlu.normalise import normalise_word

_ENDINGS = ("nya", "ny", "ku", "mu", "lah", "e", "q", "x")
_SMALL = frozenset("ga gak gk tdk di ke sy aq aku yg dan ini itu udh sdh lg ank bpk ny bgt bngt trs krn jg".split())
_LONGEST_JOINED = 40
# How a verb begins, and the letter of the root that this beginning has swallowed.
_ROOTS = (
    *(("meng", ""), ("meng", "k"), ("meny", "s"), ("mem", ""), ("mem", "p"), ("men", ""), ("men", "t"), ("me", "")),
    *(("nge", ""), ("ng", ""), ("ng", "k"), ("ny", "s"), ("n", "t"), ("m", "p")),
    *(("ter", ""), ("ke", ""), ("di", ""), ("ber", ""), ("", "")),
)
_BEGINNINGS = frozenset(["di", "ke", "ter", "me", "ber"])
# What Banjar begins with "ta-" and "ba-" begins with one of these in Indonesian: tasiram, tersiram.
_LOCAL_BEGINNINGS = {"ta": ("ter", "ke", "te"), "ba": ("ber", "be"), "ka": ("ke",), "ma": ("me", "mem")}


@lru_cache(maxsize=20_000)
def plain_word(written: str) -> str:
    """The word in its plain spelling (several words where it was written for several)."""
    return _read(written, danger_words())


def join_beginnings(written: list[str], words: DangerWords) -> list[str]:
    """ "di lecehkan", "ke setrum": the beginning belongs to the word behind it."""
    joined: list[str] = []
    for word in written:
        if joined and joined[-1] in _BEGINNINGS and joined[-1] + word in words.vocabulary:
            joined[-1] += word
        else:
            joined.append(word)
    return joined


def _read(written: str, words: DangerWords) -> str:
    short = _shorthand(written, words)
    if short is not None:
        return short
    if written in words.vocabulary:
        return normalise_word(written) if written in lexicon.spelling() else written
    word = normalise_word(written)
    is_right = word in words.vocabulary or word in words.context_words or word in lexicon.left_alone()
    if is_right or " " in word or not word[0].isalpha():
        return word
    for find in (_joined, _near, _without_vowels, _local, _by_root, _far, _near_context):
        found = find(word, words)
        if found is not None:
            return found
    return word


def _shorthand(written: str, words: DangerWords) -> str | None:
    for form in (written, written.rstrip("2")):
        if form in words.shorthand:
            return words.shorthand[form]
    for ending in _ENDINGS:
        stem = written.removesuffix(ending)
        if stem != written and len(stem) >= 3 and stem in words.shorthand and written not in words.vocabulary:
            return words.shorthand[stem]
    return None


def _near(word: str, words: DangerWords) -> str | None:
    near = words.fuzzy.find(word)
    return normalise_word(near) if near is not None else None


def _by_root(word: str, words: DangerWords) -> str | None:
    """ "menggerakkan", "kepukulan": another form of a danger word, its beginning and ending taken off."""
    for beginning, first in _ROOTS:
        if not word.startswith(beginning):
            continue
        for ending in ("", "kan", "in", "an", "i", "nya"):
            root = first + word.removeprefix(beginning).removesuffix(ending)
            if len(root) >= 4 and word.endswith(ending):
                found = next((form for form in (root, "di" + root, "ke" + root) if form in words.vocabulary), None)
                if found is not None:
                    return found
    return None


def _far(word: str, words: DangerWords) -> str | None:
    far = words.fuzzy.find_far(word)
    return normalise_word(far) if far is not None else None


def _near_context(word: str, words: DangerWords) -> str | None:
    """ "gejaala", "rjukan": the words that take a sign back are misspelt as often as the signs."""
    return words.context_fuzzy.find(word) or words.context_fuzzy.find_by_consonants(word)


def _without_vowels(word: str, words: DangerWords) -> str | None:
    """ "ktubn", "dprkosa", "ngomongny": every consonant is there, some vowels are not."""
    stems = [word, *(word.removesuffix(ending) for ending in ("nya", "ny", "ku") if word.endswith(ending))]
    for stem in stems:
        found = words.fuzzy.find_by_consonants(stem) if stem not in words.vocabulary else stem
        if found is not None:
            return normalise_word(found)
    return None


def _local(word: str, words: DangerWords) -> str | None:
    """ "tasiram" is tersiram, "kasatrum" is kesetrum: Banjar says "a" where Indonesian has "e"."""
    if len(word) < 6:
        return None
    forms = [new + word[2:] for new in _LOCAL_BEGINNINGS.get(word[:2], ())]
    # Javanese puts a nasal before the word: mbanjir, nggigit.
    forms += [word.removeprefix(nasal) for nasal in ("ng", "ny", "m", "n") if word.startswith(nasal)]
    for form in [word, *forms]:
        if form in words.vocabulary:
            return form
        found = words.by_local_sound.get(form.replace("e", "a"))
        if found is not None:
            return found
    return None


def _joined(word: str, words: DangerWords) -> str | None:
    """ "keluardarah", "tolonganaksayakejang": words typed as one, a danger word of five letters among them."""
    if not 7 <= len(word) <= _LONGEST_JOINED:
        return None
    best: list[list[str] | None] = [[]] + [None] * len(word)
    for end in range(2, len(word) + 1):
        for start in range(max(0, end - 16), end - 1):
            before = best[start]
            if before is None or not _is_whole(word[start:end], words):
                continue
            parts = [*before, word[start:end]]
            if best[end] is None or len(parts) < len(best[end] or []):
                best[end] = parts
    found = best[-1]
    if found is None or len(found) < 2 or not any(len(part) >= 4 and _is_danger(part, words) for part in found):
        return None
    return " ".join(_shorthand(part, words) or normalise_word(part) for part in found)


def _is_danger(part: str, words: DangerWords) -> bool:
    return part in words.vocabulary or (len(part) >= 5 and normalise_word(part) in words.vocabulary)


def _is_whole(part: str, words: DangerWords) -> bool:
    """A word that may stand in a joined one; "nga" and "kada" hide in too many words."""
    if part in _SMALL:
        return True
    if len(part) < 3:
        return False
    is_known = part in words.shorthand or len(part) >= 4 and part in lexicon.known_words()
    return is_known or _is_danger(part, words) or part in lexicon.joinable_words()
