"""What a question is about, by the words in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from nlu.normalise import normalise


def words_in(text: str) -> frozenset[str]:
    """The plain words of a message, each once, as written and as spelled right."""
    return frozenset(normalise(text).split()) | frozenset(text.lower().split())


def subject_of(text: str, subjects: Mapping[str, Iterable[str]]) -> str | None:
    """The first subject one of whose words stands in the text; None when none does."""
    words = words_in(text)
    return next((subject for subject, named_by in subjects.items() if words & frozenset(named_by)), None)
