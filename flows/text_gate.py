"""The quality of a text for people who read with difficulty, measured: length of sentences, LIX, words, SMS filter.

LIX is C. H. Bjoernsson's measure (1968): words per sentence plus the percentage of words of more than six letters.
It needs no syllables and so fits Indonesian spelling. The limits are our own choice: an official letter measures
about 77, our plain examples 10 to 18.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flows.choice_labels import button_labels
from flows.replies import ReplyText

MOST_WORDS = 12
HIGHEST_LIX = 30.0
LONG_WORD = 7
MOST_WHATSAPP_LETTERS = 700

EVERYDAY_LONG_WORDS = frozenset("puskesmas posyandu petugas antrian imunisasi".split())
"""Long, but on every sign and door of a health centre, and no shorter word is as clear."""

OFFICIALESE = frozenset(
    "anda kamu fasilitas faskes kepesertaan verifikasi melakukan dilakukan formulir mohon dimohon silakan silahkan"
    " tersebut merupakan apabila bilamana dikarenakan terkait perihal adapun guna demikian sehubungan berdasarkan"
    " rujukan tunggakan prosedur persyaratan administrasi registrasi dokumen identitas konfirmasi informasi pelayanan"
    " mengajukan menyampaikan pengaduan pemeriksaan pendaftaran penanganan".split()
)

FILTERED_WORDS = frozenset("nomor pin kode akun token selamat juta dana".split())
"""Words for which Indonesian operators drop SMS from long numbers."""

_ABBREVIATION = re.compile(r"\b(dr|drg|jl|gg|no|ny|tn|hj|h|m|s|bpk|a)\.", re.I)
_NUMBERED_CHOICE = re.compile(r",\s+(?=\*?\d+\*?\s+[^\W\d_])")
_SENTENCE_END = re.compile(r"[.!?:](?=\s|$)|\n")
_WORD = re.compile(r"[^\W_]+(?:['.,-][^\W_]+)*")
_FILTERED = {
    "a number of more than 3 digits": re.compile(r"\d{4,}"),
    "a date such as 11-12-2026": re.compile(r"\b\d{1,2}[-/]\d{1,2}[-/]\d{2,4}\b"),
    "an amount in Rp": re.compile(r"\brp\b|\brp\.?\d", re.I),
    "a link": re.compile(r"https?:|www\.|\b[a-z0-9-]+\.(?:com|id|org|net|co|me|link|ly)\b", re.I),
}
_ONE_EMOJI = "[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff]\ufe0f?"
_EMOJI = re.compile(f"{_ONE_EMOJI}(?:\u200d{_ONE_EMOJI})*")


@dataclass(frozen=True)
class Fault:
    """What is wrong with a text, in a sentence that says the rule."""

    rule: str
    said: str


def sentences(text: str) -> tuple[str, ...]:
    """The text's sentences. A line break or a colon ends one too, and each numbered choice counts by itself."""
    flat = _ABBREVIATION.sub(r"\1", text.replace("*", ""))
    parts = _SENTENCE_END.split(_NUMBERED_CHOICE.sub("\n", flat))
    return tuple(part.strip() for part in parts if _WORD.search(part))


def words(text: str) -> tuple[str, ...]:
    """The words of a text; "Ibu/Bapak" are two, "8-11" and "Senin-Sabtu" one each."""
    return tuple(_WORD.findall(text))


def lix(text: str, *, names: Iterable[str] = ()) -> float:
    """LIX of a text; `names` (of people, places, days) and everyday long words do not count as long."""
    found = words(_ABBREVIATION.sub(r"\1", text))
    if not found:
        return 0.0
    easy = EVERYDAY_LONG_WORDS | {word.lower() for name in names for word in words(name)}
    long_words = sum(_is_long(word, easy) for word in found)
    return len(found) / max(len(sentences(text)), 1) + 100 * long_words / len(found)


def officialese_in(text: str) -> tuple[str, ...]:
    """Words of offices and forms that stand in the text."""
    return tuple(word for word in words(text) if word.lower() in OFFICIALESE)


def filtered_in(text: str) -> tuple[str, ...]:
    """What would make an Indonesian operator drop this SMS."""
    found = [what for what, pattern in _FILTERED.items() if pattern.search(text)]
    return (*found, *(f"the word {word!r}" for word in words(text) if word.lower() in FILTERED_WORDS))


def plain_faults(text: str, *, names: Iterable[str] = ()) -> tuple[Fault, ...]:
    """What makes this text hard to read, on whichever channel."""
    faults = [
        Fault("words", f"at most {MOST_WORDS} words in a sentence, not {len(words(sentence))}: {sentence!r}")
        for sentence in sentences(text)
        if len(words(sentence)) > MOST_WORDS
    ]
    measured = lix(text, names=names)
    if measured > HIGHEST_LIX:
        faults.append(
            Fault("lix", f"LIX at most {HIGHEST_LIX:.0f}, not {measured:.0f}: shorter sentences, shorter words")
        )
    faults += [Fault("officialese", f"everyday words: not {word!r}") for word in officialese_in(text)]
    return tuple(faults)


def sms_faults(text: str, *, names: Iterable[str] = ()) -> tuple[Fault, ...]:
    """What is wrong with a text as SMS, its segments aside."""
    filtered = (Fault("filter", f"operators drop SMS with {what}") for what in filtered_in(text))
    return (*plain_faults(text, names=names), *filtered)


def whatsapp_faults(text: str, *, names: Iterable[str] = ()) -> tuple[Fault, ...]:
    """What is wrong with a text as WhatsApp message."""
    faults = list(plain_faults(_EMOJI.sub("", text), names=names))
    if len(text) > MOST_WHATSAPP_LETTERS:
        faults.append(Fault("length", f"at most {MOST_WHATSAPP_LETTERS} letters, not {len(text)}"))
    crowded = (line for line in text.splitlines() if len(_EMOJI.findall(line)) > 1)
    return (*faults, *(Fault("emoji", f"at most one emoji in a line: {line!r}") for line in crowded))


def reply_faults(reply: ReplyText) -> tuple[Fault, ...]:
    """What is wrong with a reply, its example filled in, as SMS and as WhatsApp message; its segments aside."""
    names = list(reply.example.values())
    sms, whatsapp = filled(reply.text, reply.example), filled(reply.whatsapp, reply.example)
    faults = list(sms_faults(sms, names=names))
    if whatsapp != sms:
        faults += [Fault(each.rule, f"on WhatsApp: {each.said}") for each in whatsapp_faults(whatsapp, names=names)]
    return tuple(fault for fault in faults if fault.rule not in reply.allow)


def worst_faults(reply: ReplyText, longest: Mapping[str, str]) -> tuple[Fault, ...]:
    """What is wrong once the longest values of a health centre are filled in: what no example can foresee.

    How hard it is to read is measured with the example: a long name of a place makes no text hard.
    """
    values = {**reply.example, **{name: value for name, value in longest.items() if name in reply.example}}
    sms, whatsapp = filled(reply.text, values), filled(reply.whatsapp, values)
    faults = [Fault("filter", f"operators drop SMS with {what}: {sms!r}") for what in filtered_in(sms)]
    if len(whatsapp) > MOST_WHATSAPP_LETTERS:
        faults.append(Fault("length", f"on WhatsApp at most {MOST_WHATSAPP_LETTERS} letters, not {len(whatsapp)}"))
    return tuple(fault for fault in faults if fault.rule not in reply.allow)


def label_faults(labels: Sequence[str], *, limit: int, may_be_cut: bool = False) -> tuple[Fault, ...]:
    """What is wrong with the labels of one question's buttons or rows; what a health centre names may be cut."""
    shown = button_labels(labels, limit)
    bare = [label.split(" ", 1)[1].casefold() for label in shown]
    faults = [Fault("label", "a label is empty") for label in labels if not label.strip()]
    faults += [Fault("label", f"no emoji beside the number: {label!r}") for label in labels if _EMOJI.search(label)]
    faults += [Fault("label", f"one line: {label!r}") for label in labels if len(label.splitlines()) > 1]
    faults += [Fault("label", f"longer than {limit} letters: {label!r}") for label in shown if len(label) > limit]
    faults += [Fault("label", f"two look alike: {label!r}") for label in dict.fromkeys(bare) if bare.count(label) > 1]
    if not may_be_cut:
        whole = [f"{number} {label}" for number, label in enumerate(labels, 1)]
        faults += [Fault("label", f"has to be cut: {label!r}") for label in whole if len(label) > limit]
    return tuple(faults)


def filled(text: str, example: Mapping[str, str]) -> str:
    """The text with its example in the places of the placeholders."""
    return text.format_map(dict(example))


def _is_long(word: str, easy: Iterable[str]) -> bool:
    """Long by its own letters: the ending -nya is heard as a word of its own ("namanya" is "nama")."""
    letters = re.sub(r"[\W\d_]", "", word).removesuffix("nya")
    return len(letters) >= LONG_WORD and "-" not in word and word.lower() not in easy
