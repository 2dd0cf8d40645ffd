"""Tells a danger sign that is meant from one that is past, supposed, asked about or a figure of speech."""

from __future__ import annotations

from nlu.danger_text import Message, Span
from nlu.danger_words import DangerWords

# What stays dangerous after it has ended.
_LASTING = frozenset(["self_harm", "seizure", "unconscious", "stroke", "heart", "poisoning"])


def is_meant(message: Message, span: Span, *, kind: str, words: DangerWords) -> bool:
    """True unless the sentence around the sign takes it back."""
    span = _with_repeats(message, span)
    if _is_named_for_a_service(message, span, words) or _is_hearsay(message, words):
        return False
    if kind in ("self_harm", "violence"):
        return not _is_asked_about(message, span, words) and not _is_figure(message, span, kind=kind, words=words)
    if kind == "breathing" and _is_crowd(message, span, words):
        return False
    return not (
        _is_past(message, span, words)
        or _is_supposed(message, span, words)
        or _is_asked_about(message, span, words)
        or _is_figure(message, span, kind=kind, words=words)
        or (kind in words.can_end and _has_ended(message, span, words))
    )


def _with_repeats(message: Message, span: Span) -> Span:
    """ "kejang kejang" is one sign: what stands before and behind it is looked for outside of both."""
    start, end = span.start, span.end
    while start and message.words[start - 1] == message.words[start]:
        start -= 1
    while end + 1 < len(message.words) and message.words[end + 1] == message.words[end]:
        end += 1
    return Span(start, end)


def _is_named_for_a_service(message: Message, span: Span, words: DangerWords) -> bool:
    """ "kontrol luka bakar", "konseling kdrt", "rujukan untuk stroke": to be had, not what happens."""
    if {"tolong", "sekarang", "barusan", "tadi", "mendadak", "tiba"} & set(message.words):
        return False
    sentence = message.stands_in(span)
    for at in range(span.start - 1, max(sentence.start, span.start - 4) - 1, -1):
        if message.words[at] in words.context["service"]:
            return True
        if message.words[at] not in words.context["service_link"]:
            return False
    return False


def _is_hearsay(message: Message, words: DangerWords) -> bool:
    """ "kabar anak digigit anjing, benar?", "... mitos ya", "... tanya saja"."""
    heard = set(message.words)
    if {"tolong", "sekarang", "barusan", "ini"} & heard:
        return False
    ending = f" {' '.join(message.words[-6:])} "
    if any(f" {phrase} " in ending for phrase in words.just_asking):
        return True
    return bool(heard & words.context["hearsay"]) and bool(heard & words.context["truth"])


def _is_past(message: Message, span: Span, words: DangerWords) -> bool:
    """The nearest mark of time before the sign decides, else the nearest behind it."""
    sentence = message.stands_in(span)
    for at in range(span.end, sentence.start - 1, -1):
        mark = _time_mark(message, at, words)
        if mark:
            return mark == "past"
    for at in range(span.end + 1, sentence.stop):
        mark = _time_mark(message, at, words)
        if mark:
            return mark == "past"
    return False


def _time_mark(message: Message, at: int, words: DangerWords) -> str:
    word = message.words[at]
    before = message.words[at - 1] if at else ""
    after = message.words[at + 1] if at + 1 < len(message.words) else ""
    if before == "tahun" and word.isdigit() or word == "bekas" and after in ("tambang", "galian"):
        return "past" if word.isdigit() else ""
    if word in words.context["present"] and after not in ("lalu", "kemarin"):
        return "present"
    if word == "dulu":
        return "" if before in words.context["dulu_not_past"] else "past"
    if word == "pernah":
        return "" if message.denied[at] else "past"
    if word == "lalu":
        return "past" if before in ("tahun", "bulan", "minggu", "seminggu", "sebulan", "setahun", "yang") else ""
    if word == "kemarin":
        return "past" if before in ("tahun", "bulan", "minggu") else ""
    if word == "kecil":
        return "past" if before in ("waktu", "sejak", "dari", "masih") else ""
    return "past" if word in words.context["past"] else ""


def _is_supposed(message: Message, span: Span, words: DangerWords) -> bool:
    """ "kalau kejang gimana", "takut kejang": only people and small words between the two."""
    sentence = message.stands_in(span)
    for at in range(span.start - 1, sentence.start - 1, -1):
        word = message.words[at]
        if word in words.context["conditional"]:
            return _asks(message, at, span, words)
        if word not in words.context["between"] and word != ",":
            return False
    return False


def _asks(message: Message, at: int, span: Span, words: DangerWords) -> bool:
    if message.words[at] in ("awas", "takut", "khawatir", "kuatir", "was", "takutnya", "semoga", "cegah", "mencegah"):
        return True
    rest = message.words[span.end + 1 :]
    around = set(message.words[max(0, at - 4) : at]) | set(rest)
    if {"sekarang", "barusan", "tolong", "ini"} & around:
        return False
    asked = message.is_question or bool(words.context["question"] & around)
    return asked or message.words[at] in ("agar", "supaya", "jangan", "daripada", "sebelum")


def _is_asked_about(message: Message, span: Span, words: DangerWords) -> bool:
    """ "apa itu stroke", "gejala sesak napas", "penyuluhan kejang demam"."""
    sentence = message.stands_in(span)
    for at in range(span.start - 1, max(sentence.start, span.start - 9) - 1, -1):
        word = message.words[at]
        before = message.words[at - 1] if at else ""
        if word in ("itu", "maksudnya") and before == "apa":
            return True
        if word == "apakah" and at == span.start - 1 and "ini" not in message.words:
            return True
        if word in words.context["relative"] and word not in ("anak", "orang", "bayi", "pasien"):
            return False
        if word in words.context["knowledge"] and before not in words.context["knowledge_unless_before"]:
            return not {"tolong", "sekarang", "barusan"} & set(message.words)
    behind = message.words[span.end + 1 : span.end + 4]
    return behind[:2] == ["itu", "apa"] or bool(words.context["asks_behind"] & set(behind))


def _is_figure(message: Message, span: Span, *, kind: str, words: DangerWords) -> bool:
    """ "sesak napas lihat antrian", "aplikasi bikin stroke": the desk is the cause, nobody is ill."""
    sentence = message.stands_in(span)
    before = message.words[max(sentence.start, span.start - 5) : span.start]
    after = message.words[span.end + 1 : min(sentence.stop, span.end + 6)]
    if set(before) & words.context["relative"]:
        return False
    if kind != "self_harm" and words.context["laughter"] & set(message.words):
        return True
    if set(before[-2:]) & words.context["system"] or after and after[0] in words.context["desk"]:
        return True
    if any(
        word in words.context["cause"] | {"rasa"} and set(after[at + 1 :]) & words.context["hassle"]
        for at, word in enumerate(after[:3])
        if word not in ("karena", "kena", "pas", "waktu")
    ):
        return True
    mocking = words.context["cause"] | {"sangat", "sekali", "rasa"}
    if any(word in mocking and set(after[at:]) & words.context["desk"] for at, word in enumerate(after[:3])):
        return True
    causes = set(before) & (words.context["cause"] | {"sampai", "hampir", "rasa", "serasa"})
    return bool(causes and set(before) & words.context["desk"])


def _is_crowd(message: Message, span: Span, words: DangerWords) -> bool:
    """ "parkiran sesak", "sesak di dalam antrian": sesak is also said of a full place."""
    if "napas" in message.words[span.start : span.end + 2]:
        return False
    before = message.words[span.start - 1] if span.start else ""
    after = [word for word in message.words[span.end + 1 : span.end + 4] if word not in ("di", "dalam", "sangat")]
    return before in words.context["desk"] | words.context["crowd"] or bool(
        after and after[0] in words.context["desk"] | {"orang", "puskesmas"}
    )


def _has_ended(message: Message, span: Span, words: DangerWords) -> bool:
    sentence = message.stands_in(span)
    if message.words[max(0, span.start - 2) : span.start] == ["sembuh", "dari"]:
        return True
    for at in range(span.end + 1, sentence.stop):
        # "bibir kering" is a sign, "sudah kering" is not.
        is_dry = message.words[at] == "kering" and message.words[at - 1] not in ("sudah", "mulai")
        if message.words[at] in words.context["ended"] and not message.denied[at] and not is_dry:
            return True
    return False
