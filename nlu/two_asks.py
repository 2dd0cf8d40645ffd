"""Two asks in one message: which they are, each with its own words and values, and which of them goes first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from nlu.clauses import clauses_of, head_and_rest, is_question
from nlu.normalise import normalise
from nlu.two_people import for_two_people
from nlu.understanding import Entity, Understanding

SURE = 0.7
"""A clause by itself is an ask from here on: it is read more surely than a sentence among others."""
SURE_OF_ALL = 0.6
SURE_TO_GO_FIRST = 0.85
"""From here on an ask is served before the one that the whole message is read as."""
LEAST_WORDS = 3
"""Shorter clauses belong to what stands beside them: "daftar gimana", "syaratnya apa"."""

WISHES = frozenset({"book_queue", "cancel_queue", "reschedule_queue", "talk_to_staff", "stop_messages"})
"""Asks that a statement makes ("mau daftar gigi"); the others are asks only where something is asked."""
QUESTIONS = frozenset(
    "queue_status membership_status dues_info change_membership_data facility_info doctor_schedule visit_history"
    " complaint_status vaccination_info checkup_info registration_requirements health_question".split()
)
COURTESIES = frozenset("greet thanks goodbye affirm deny help_menu out_of_scope".split())
ONE_ASK = (
    frozenset({"book_queue", "reschedule_queue"}),
    frozenset({"cancel_queue", "reschedule_queue"}),
    frozenset({"file_complaint", "complaint_status"}),
    frozenset({"change_membership_data", "registration_requirements"}),
)
"""Pairs that say one thing twice: "kalau penuh ganti rabu", "mau pindah faskes, apa syaratnya"."""
NOT_TAKEN_OVER = {"facility_info": frozenset({"poli", "person", "time"})}
TAKEN_OVER = frozenset({"poli", "date", "time", "person"})
_ASKS_TO_KNOW = frozenset("tanya bertanya info informasi minta cek lihat tau tahu jadwal ganti pindah ubah".split())
_ASKS_TO_REPORT = frozenset("lapor melaporkan laporkan komplain mengadu adukan keluhan protes".split())


def with_asks(whole: Understanding, read: Callable[[str], Understanding]) -> Understanding:
    """The reading of a whole message, with its two asks where it surely holds two.

    `read` is asked for each clause, and never for a message without a seam. The reading of the whole stays, unless it
    is a mere greeting before an ask, or unsure where two clauses are sure.
    """
    if whole.by != "model" or whole.intent == "emergency":
        return whole
    clauses = clauses_of(whole.text)
    if len(clauses) > 1:
        whole = _with_asks_of(whole, [read(clause) for clause in clauses])
    else:
        whole = _with_ask_behind(whole, read)
    pair = for_two_people(whole) if whole.intent == "book_queue" and not whole.asks else None
    return whole if pair is None else replace(whole, asks=pair)


def _with_asks_of(whole: Understanding, parts: Sequence[Understanding]) -> Understanding:
    sure = list(dict.fromkeys(part.intent for part in parts if _is_sure_ask(part)))
    main = _main(whole, parts, sure)
    if main is None:
        return whole
    beside = next((intent for intent in sure if intent != main and frozenset({intent, main}) not in ONE_ASK), None)
    if main != whole.intent:
        whole = _read_as(whole, main, parts)
    return whole if beside is None else replace(whole, asks=_two(whole, parts, main=main, beside=beside))


def _with_ask_behind(whole: Understanding, read: Callable[[str], Understanding]) -> Understanding:
    _, rest = head_and_rest(whole.text)
    behind = read(rest) if rest else None
    return whole if behind is None or not _is_sure_ask(behind) else replace(whole, behind=behind)


def _is_sure_ask(part: Understanding) -> bool:
    words = normalise(part.text).split()
    if part.by != "model" or part.confidence < SURE or len(words) < LEAST_WORDS:
        return False
    if part.intent == "file_complaint":
        return bool(_ASKS_TO_REPORT & set(words))
    if part.intent in QUESTIONS:
        return is_question(part.text) or bool(_ASKS_TO_KNOW & set(words))
    return part.intent in WISHES


def _main(whole: Understanding, parts: Sequence[Understanding], sure: Sequence[str]) -> str | None:
    """What the message is about: the reading of the whole where a clause bears it out, else the first sure ask."""
    if whole.intent in sure:
        return whole.intent
    if whole.intent in COURTESIES:
        return sure[0] if sure else None
    if whole.confidence < SURE_OF_ALL:
        return sure[0] if len(sure) > 1 else None
    is_served = whole.intent in WISHES | QUESTIONS
    return whole.intent if is_served and any(part.intent == whole.intent for part in parts) else None


def _read_as(whole: Understanding, intent: str, parts: Sequence[Understanding]) -> Understanding:
    """The whole message under the intent of its clause."""
    confidence = max(part.confidence for part in parts if part.intent == intent)
    others = (whole.intent, *(other for other in whole.others if other != intent))[: len(whole.others)]
    return replace(whole, intent=intent, confidence=confidence, others=others)


def _two(
    whole: Understanding, parts: Sequence[Understanding], *, main: str, beside: str
) -> tuple[Understanding, Understanding]:
    """Both asks, the first of the message first; a clause that asks for neither stays with the ask before it."""
    of_main: list[Understanding] = []
    of_beside: list[Understanding] = []
    mine = of_main
    for part in parts:
        if part.intent == main:
            mine = of_main
        elif part.intent == beside and _is_sure_ask(part):
            mine = of_beside
        mine.append(part)
    first, second = _joined(of_main, main, sure=whole.confidence), _joined(of_beside, beside)
    begins = next(part for part in parts if part.intent in (main, beside)).intent
    if begins == beside and second.confidence >= SURE_TO_GO_FIRST:
        first, second = second, first
    return first, _with_what_was_said(second, before=first)


def _joined(parts: Sequence[Understanding], intent: str, *, sure: float = 0.0) -> Understanding:
    """One ask out of its clauses."""
    entities: dict[str, Entity] = {}
    for entity in (entity for part in parts for entity in part.entities):
        entities.setdefault(entity.entity, entity)
    confidence = max([sure, *(part.confidence for part in parts if part.intent == intent)])
    return Understanding(" ".join(part.text for part in parts), intent, confidence, tuple(entities.values()))


def _with_what_was_said(ask: Understanding, *, before: Understanding) -> Understanding:
    """The second ask with the poli, day and person of the first where it names none: "gigi besok, dokternya siapa"."""
    has = {entity.entity for entity in ask.entities} | NOT_TAKEN_OVER.get(ask.intent, frozenset())
    missing = tuple(entity for entity in before.entities if entity.entity in TAKEN_OVER - has)
    return replace(ask, entities=ask.entities + missing)
