"""The quality of WhatsApp templates: what Meta refuses, and what is hard to read. Sources: the templates' file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from flows.choice_labels import listed_in
from flows.text_gate import Fault, label_faults, plain_faults, whatsapp_faults, words
from flows.whatsapp_templates import WhatsAppTemplate

BODY_LETTERS = 1024
MOST_EMOJI = 10
MOST_BUTTONS = 3
BUTTON_LETTERS = 20
PROMOTIONAL = frozenset(
    "gratis promo promosi diskon hadiah undian voucher bonus cashback murah hemat beli belanja penawaran spesial"
    " terbatas jual dijual harga poin menang pemenang kupon".split()
)
"""Words that sell. The list is ours: Meta publishes examples, not words."""
_NAME = re.compile(r"[a-z0-9_]{1,60}")
_VALUE = re.compile(r"\{\w+\}")
_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff]")


def template_faults(template: WhatsAppTemplate) -> tuple[Fault, ...]:
    """What is wrong with one template; rules that it may break, with a reason in its file, are left out."""
    faults = [*_place_faults(template), *_size_faults(template), *_word_faults(template), *_button_faults(template)]
    if not _NAME.fullmatch(template.name):
        faults.append(Fault("name", "small letters, digits and _ only"))
    for name, sample in template.example.items():
        if not sample.strip() or "\n" in sample:
            faults.append(Fault("sample", f"{name} needs a sample of one line"))
    return tuple(fault for fault in faults if fault.rule not in template.allow)


def duplicates(templates: Iterable[WhatsAppTemplate]) -> tuple[Fault, ...]:
    """Templates with the same body: WhatsApp refuses the second."""
    seen: dict[str, str] = {}
    faults = []
    for template in templates:
        first = seen.setdefault(template.numbered_body, template.name)
        if first != template.name:
            faults.append(Fault("duplicate", f"{template.name} says the same as {first}"))
    return tuple(faults)


def _place_faults(template: WhatsAppTemplate) -> list[Fault]:
    """Where the values stand: neither first nor last, and a word between every two."""
    between = _VALUE.split(template.body)
    faults = []
    if len(between) > 1 and not words(between[0]):
        faults.append(Fault("start", "no value at the start"))
    if len(between) > 1 and not words(between[-1]):
        faults.append(Fault("end", "no value at the end, whatever punctuation stands behind it"))
    inner = zip(pairwise(_VALUE.findall(template.body)), between[1:-1], strict=True)
    faults += [Fault("side", f"a word between {a} and {b}") for (a, b), text in inner if not words(text)]
    return faults


def _size_faults(template: WhatsAppTemplate) -> list[Fault]:
    faults, values = [], len(_VALUE.findall(template.body))
    own = len(words(_VALUE.sub(" ", template.body)))
    if values and own < 2 * values + 1:
        faults.append(Fault("share", f"{values} values need {2 * values + 1} words of our own, not {own}"))
    if len(template.filled(template.example)) > BODY_LETTERS:
        faults.append(Fault("length", f"at most {BODY_LETTERS} letters"))
    if len(_EMOJI.findall(template.body)) > MOST_EMOJI:
        faults.append(Fault("emoji", f"at most {MOST_EMOJI} emoji"))
    return faults


def _word_faults(template: WhatsAppTemplate) -> list[Fault]:
    said = {word.lower() for text in (template.body, *template.buttons) for word in words(text)}
    faults = [Fault("promotion", f"sells, so it is no UTILITY: {word!r}") for word in sorted(said & PROMOTIONAL)]
    text, names = template.filled(template.example), list(template.example.values())
    return faults + [*plain_faults(text, names=names), *_only_new(whatsapp_faults(text, names=names))]


def _only_new(faults: Iterable[Fault]) -> list[Fault]:
    return [fault for fault in faults if fault.rule in ("length", "emoji")]


def _button_faults(template: WhatsAppTemplate) -> list[Fault]:
    if not template.buttons:
        return []
    faults = [Fault("buttons", f"at most {MOST_BUTTONS}")] if len(template.buttons) > MOST_BUTTONS else []
    long = [button for button in template.buttons if len(button) > BUTTON_LETTERS]
    faults += [Fault("buttons", f"at most {BUTTON_LETTERS} letters: {button!r}") for button in long]
    faults += [Fault("buttons", f"no value in a button: {button!r}") for button in template.buttons if "{" in button]
    faults += label_faults(template.buttons, limit=BUTTON_LETTERS + len("1 "))
    listed = [label.casefold() for label in listed_in(template.body)]
    if listed and listed != [button.casefold() for button in template.buttons]:
        faults.append(Fault("buttons", "the body numbers other choices than the buttons name"))
    return faults
