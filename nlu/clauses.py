"""Splits a message where one ask ends and another may begin: at marks, line breaks and words such as "sekalian"."""

from __future__ import annotations

import re
from itertools import pairwise

from nlu.normalise import normalise

MOST_CLAUSES = 4
"""Each may cost a reading of its own; what comes later stays with the last one."""
LEAST_WORDS = 2
LOOKED_AT = 400

_MARK = r"(?:[?!;\n]+|(?<!\bdr)(?<!\bdrg)(?<!\bjl)(?<!\bno)(?<!\bdll)\.+(?=\s|$)|,(?=\s))"
_JOINING = (
    r"\b(?:oh\s+(?:iya|ya|y)|satu\s+lagi|btw|selain\s+itu|sama|sm|karo|sekalian|skalian|sklian|skln|terus|trus|trs|dan|tapi"
    r"|(?:(?:saya|sy|aku)\s+)?(?:juga|jg)\s+mau)\b"
)
_SEAM = re.compile(rf"(?P<mark>{_MARK})|(?P<joining>{_JOINING})", re.I)
_JOINS_PEOPLE = re.compile(r"\s*(?:sama|sm|dan)\b", re.I)
_WISHING = frozenset(
    "mau ingin pengen hendak tolong minta mohon tanya bertanya daftar daftarkan ambil ambilkan cek lihat batal batalkan"
    " ganti pindah lapor komplain mengadu info butuh perlu tahu jadwal".split()
)
_ASKING = frozenset(
    "apa apakah kapan berapa mana dimana siapa bagaimana kenapa mengapa kok bisa boleh cara caranya adakah bisakah"
    " bolehkah".split()
)
_ASKING_AT_THE_END = re.compile(r"\b(?:sudah\b.*\bbelum|tidak|kan|kah)(?: (?:ya|bu|ibu|pak|bapak|kak|min|dok|sih))*$")


def clauses_of(text: str) -> tuple[str, ...]:
    """The parts of a message that can stand alone, in their order; a message without such a seam is one clause."""
    found: list[str] = []
    for piece in _pieces(text[:LOOKED_AT]):
        if not found or (len(found) < MOST_CLAUSES and stands_alone(found[-1]) and stands_alone(piece)):
            found.append(piece)
        else:
            found[-1] += piece
    return tuple(piece.strip(" ,\n") for piece in found if piece.strip())


def head_and_rest(text: str) -> tuple[str, str]:
    """What stands before the first seam, and a rest that asks by itself: "besok pagi", "bawa apa aja ya"."""
    head, *pieces = _pieces(text[:LOOKED_AT])
    rest = "".join(pieces)
    return (head.strip(" ,.\n"), rest.strip(" ,\n")) if stands_alone(rest) else (text, "")


def stands_alone(piece: str) -> bool:
    """A wish or a question of its own, in more than one word; "sama dokter?" is still about what stands before it."""
    words = normalise(piece).split()
    if len(words) < LEAST_WORDS:
        return False
    return bool(_WISHING & set(words)) or is_question(piece, by_mark=_JOINS_PEOPLE.match(piece) is None)


def is_question(piece: str, *, by_mark: bool = True) -> bool:
    """Whether something is asked, by the question mark or by a word ("sudah aktif blm ya")."""
    if by_mark and "?" in piece:
        return True
    plain = normalise(piece)
    return bool(_ASKING & set(plain.split())) or _ASKING_AT_THE_END.search(plain) is not None


def _pieces(text: str) -> list[str]:
    """The text cut behind every mark and before every joining word; together they are the text again."""
    cuts = {0, len(text)} | {seam.end() if seam["mark"] else seam.start() for seam in _SEAM.finditer(text)}
    return [text[start:end] for start, end in pairwise(sorted(cuts))] or [text]
