"""Choice labels: what stands on the buttons of a question, cut to what a phone shows, and what a label means."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nlu.normalise import normalise

CUT = "…"
DIGITS_HEARD = 8
"""9 calls a person and 0 the menu, so a choice behind the eighth is answered in words."""
SHORTEST_CUT = 3
_NUMBERED = re.compile(r"(?<![\w.,:{])\*?([1-9])\*?[ \t]+([^\d\n,.?!:;{}*][^\d\n,.?!:;{}*]*)")


def listed_in(text: str) -> tuple[str, ...]:
    """The labels that a text of ours lists by itself: "Batal? 1 Ya, 2 Tidak"; other numbers in it are none.

    The text is looked at before its placeholders are filled, so nothing that a patient wrote is taken for a choice.
    """
    labels: list[str] = []
    for number, label in _NUMBERED.findall(text):
        if int(number) == len(labels) + 1:
            labels.append(label.strip())
    return tuple(labels) if len(labels) > 1 else ()


def button_labels(labels: Sequence[str], limit: int) -> tuple[str, ...]:
    """The labels with their numbers in front, "1 Umum", none longer than `limit` and no two words alike.

    They are cut between words where that leaves something; of two that would look alike each keeps its end instead.
    """
    plain = [" ".join(label.split()) for label in labels]
    rooms = [limit - len(f"{number} ") for number in range(1, len(plain) + 1)]
    cut = [_cut(label, room) for label, room in zip(plain, rooms, strict=True)]
    alike = {label.casefold() for label in cut if [other.casefold() for other in cut].count(label.casefold()) > 1}
    shown = [
        _keep_end(full, room) if label.casefold() in alike else label
        for label, full, room in zip(cut, plain, rooms, strict=True)
    ]
    return tuple(f"{number} {label}" for number, label in enumerate(shown, 1))


def number_of(text: str, labels: Sequence[str], *, limits: Sequence[int]) -> int | None:
    """Which choice a whole message names as a button does: its label with the number in front, or cut off somewhere.

    None where it fits no choice or several. A label alone and whole is left to the reader of the question.
    """
    said, is_cut = _plain(text), text.rstrip().endswith((CUT, ".."))
    fitting = []
    for number, label in enumerate(labels, 1):
        shown = {_plain(button_labels(labels, limit)[number - 1]) for limit in limits}
        whole = _plain(f"{number} {label}")
        begins = is_cut and len(said) >= SHORTEST_CUT and (whole.startswith(said) or _plain(label).startswith(said))
        if said in {*shown, whole} or begins:
            fitting.append(number)
    return fitting[0] if len(fitting) == 1 else None


def _cut(label: str, room: int) -> str:
    if len(label) <= room:
        return label
    head = label[: room - len(CUT)]
    between_words = head.rsplit(" ", 1)[0] if label[len(head)] != " " and " " in head else head
    return between_words.rstrip(" ,.;:-") + CUT


def _keep_end(label: str, room: int) -> str:
    """ "Kesehatan… pagi": the beginning and the last word, so that two that begin alike look different."""
    if len(label) <= room:
        return label
    last = label.split()[-1]
    left = room - len(CUT) - 1 - len(last)
    if left < 1:
        return CUT + label[-(room - len(CUT)) :]
    return f"{label[:left].rstrip()}{CUT} {last}"


def _plain(text: str) -> str:
    return normalise(text.replace(CUT, " ").replace("*", " "))
