"""Late: hears that somebody who has a number today is still on the way, or missed their turn."""

from __future__ import annotations

import re

from flows.dialog import Turn
from flows.doubt import may_act_on

_LATE = re.compile(
    r"\b(?:telat|terlambat|kesiangan|ketinggalan|ketiduran|otw|macet|(?:ter|ke)lewat(?:an)?|(?:di ?|ti )jalan"
    r"|(?:belum|blm|blum) (?:sampai|sampe|nyampe))\b",
    re.I,
)
_ANOTHER_MATTER = re.compile(
    r"\b(?:haid|mens|kb|suntik|imunisasi|vaksin|kontrol|bayar|iuran|bulan|daftar|batal\w*|ganti|pindah\w*|dokter\w*)\b",
    re.I,
)
ABOUT_NUMBERS = frozenset({"queue_status", "book_queue", "out_of_scope"})


def says_late(text: str) -> bool:
    """ "saya telat", "masih di jalan", "nomor saya terlewat"; not "telat haid", nor "telat, batalkan saja"."""
    return _LATE.search(text) is not None and _ANOTHER_MATTER.search(text) is None


def comes_late(turn: Turn) -> bool:
    """Whether this is said by somebody with a number today, unless the message surely wants something else."""
    if not says_late(turn.text):
        return False
    understanding = turn.heard.understanding
    is_another_wish = understanding.by == "model" and may_act_on(understanding)
    if is_another_wish and understanding.intent not in ABOUT_NUMBERS:
        return False
    return any(ticket.day == turn.today for ticket in (*turn.desk.tickets(), *turn.desk.skipped()))
