"""Facility, delivery: which ways out a health centre has, what each costs, and what it may cost in a month."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Route = Literal["whatsapp", "gammu", "android", "twilio_sms"]
"""One way out: a provider with one sender. whatsapp and twilio_sms are Twilio's, gammu and android the centre's SIM."""
Sacrificed = Literal["reminder", "notice", "staff", "reply"]

_PRICE = "an amount in rupiah such as 350 or 412.5, thousands without a dot"
_MONTHLY = "rupiah a month such as 500000, without dots"
_THOUSANDS = re.compile(r"\s*\d{1,3}([.,]\d{3})+\s*")


def _read_amount(value: Any) -> Any:
    """Refuses 500.000, which YAML and Python would take for five hundred."""
    if isinstance(value, str) and _THOUSANDS.fullmatch(value):
        raise ValueError("an amount without dots or commas between the thousands, such as 500000")
    return value


Rupiah = Annotated[float, BeforeValidator(_read_amount), Field(ge=0, le=100_000, description=_PRICE)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RoutePace(_Frozen):
    """How many messages a second each sender may carry; what is more waits its turn."""

    whatsapp: float = Field(default=40, gt=0, le=1000, description="messages a second, such as 40")
    gammu: float = Field(default=0.3, gt=0, le=100, description="messages a second, such as 0.3")
    android: float = Field(default=0.25, gt=0, le=100, description="messages a second, such as 0.3")
    twilio_sms: float = Field(default=1, gt=0, le=1000, description="messages a second, such as 1")


class Routes(_Frozen):
    """Which way out is taken first, and how fast each may go."""

    order: tuple[Route, ...] = Field(
        default=("whatsapp", "gammu", "android", "twilio_sms"),
        description="a list of whatsapp, gammu, android, twilio_sms",
    )
    per_second: RoutePace = RoutePace()


class Prices(_Frozen):
    """What one message costs, in rupiah; what is left out is not known and counts as nothing."""

    whatsapp_reply: Rupiah | None = Field(default=None, description=_PRICE)
    """Free text within 24 hours after the patient's last message."""
    whatsapp_template: Rupiah | None = Field(default=None, description=_PRICE)
    whatsapp_template_in_window: Rupiah | None = Field(default=None, description=_PRICE)
    """A template within those 24 hours, for which WhatsApp itself asks nothing; left out: as at any other time."""
    templates: dict[str, Rupiah] = Field(default_factory=dict, description="lines such as reminder_visit: 412.5")
    """Name of a template -> its own price, where it differs."""
    gammu_segment: Rupiah | None = Field(default=None, description=_PRICE)
    android_segment: Rupiah | None = Field(default=None, description=_PRICE)
    twilio_sms_segment: Rupiah | None = Field(default=None, description=_PRICE)


class Budget(_Frozen):
    """What may be spent in a calendar month, and what is given up first when it runs out."""

    monthly: Annotated[int | None, BeforeValidator(_read_amount)] = Field(
        default=None, ge=0, le=10_000_000_000, description=_MONTHLY
    )
    warn_percent: int = Field(default=80, ge=1, le=100, description="a percentage from 1 to 100")
    """From this share on staff are told."""
    sacrifice: tuple[Sacrificed, ...] = Field(
        default=("reminder", "notice"), description="a list of reminder, notice, staff, reply"
    )
    """In this order; what is not named goes out whatever it costs, danger always."""
