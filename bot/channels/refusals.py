"""Refusals: what a provider's error code means for us, read from refusals.yml."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from bot.channels import Action, SendFailed, SendUnknown


class RefusalTableError(Exception):
    """refusals.yml says something that cannot be; a mistake of ours, found at the first start."""


@dataclass(frozen=True)
class Rule:
    """What to do about one code, and what staff read about it."""

    code: str
    action: Action
    reason: str
    wait: float | None = None
    again: int = 0
    about: Literal["patient", "us", "route"] = "patient"
    template: bool = False


def _read_rules(path: Path) -> dict[str, Rule]:
    rows: dict[str, dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    rules = {code: Rule(code=code, **row) for code, row in rows.items()}
    wrong = [rule.code for rule in rules.values() if rule.action not in get_args(Action)]
    if wrong:
        raise RefusalTableError(f"{path.name}: action of {', '.join(wrong)} is not one of {get_args(Action)}")
    return rules


RULES = _read_rules(Path(__file__).with_name("refusals.yml"))
PERHAPS_TAKEN = (500, 502, 504)
"""It broke while it worked on the message, or a gateway answered in its place: it may have taken it before."""


def rule_for(code: str | None) -> Rule:
    """The rule of this code; one that we do not know is told to staff."""
    return RULES.get(code or "failed", RULES["failed"])


def is_known(code: str | None) -> bool:
    return code in RULES


def refusal(*, status: int, code: str | None, retry_after: float | None) -> SendFailed | SendUnknown:
    """The exception for an HTTP answer outside 2xx; the code decides, for unknown codes the status does."""
    if status in PERHAPS_TAKEN:
        return SendUnknown(f"HTTP {status}")
    if code is not None and is_known(code):
        rule = rule_for(code)
        return SendFailed(code, action=rule.action, retry_after=retry_after or rule.wait)
    shown = code or f"http-{status}"
    if status in (408, 429) or status >= 500:
        return SendFailed(shown, action="retry", retry_after=retry_after)
    if status == 401:
        return SendFailed("20003", action="retry", retry_after=rule_for("20003").wait)
    if status < 400:
        return SendFailed("unreadable", action="tell_staff")
    return SendFailed(shown, action="tell_staff")
