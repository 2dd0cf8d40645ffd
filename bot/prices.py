"""Prices: what one message costs by each route, as the health centre's own tariff says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.channels.segments import count_segments
from clinic.facility_delivery import Prices, Rupiah

HUNDREDTHS = 100
FREE = 0


@dataclass(frozen=True)
class Price:
    """What one message costs by one route."""

    segments: int
    """SMS that the text takes; 0 on WhatsApp and on the console."""
    cost: int | None
    """In hundredths of a rupiah; None where puskesmas.yml does not say what this costs."""


def price_of(
    prices: Prices,
    *,
    route: str,
    text: str,
    template: Mapping[str, Any] | None,
    in_window: bool,
    templates: Mapping[str, str] | None = None,
) -> Price:
    """The price of this text by this route.

    `in_window`: the patient wrote within the last 24 hours, when WhatsApp charges nothing for a utility template.
    `templates` is Facility.whatsapp_templates (name -> ContentSid): a template's own price goes by its name.
    """
    if route == "console":
        return Price(segments=0, cost=FREE)
    if route == "whatsapp":
        name = template_name(template, templates or {})
        return Price(segments=0, cost=_hundredths(_whatsapp(prices, template, name=name, in_window=in_window)))
    segments = count_segments(text).segments
    each = _hundredths(_segment(prices, route))
    return Price(segments=segments, cost=None if each is None else each * segments)


def by_cost(
    prices: Prices,
    *,
    routes: Iterable[str],
    text: str,
    template: Mapping[str, Any] | None,
    in_window: bool,
    templates: Mapping[str, str] | None = None,
) -> tuple[tuple[str, Price], ...]:
    """These routes, the cheapest first; equally dear ones keep their order, and an unknown price comes last.

    A route whose price nobody wrote down may be the dearest of all, so it is never taken for being cheap.
    """
    priced = [
        (
            route,
            price_of(prices, route=route, text=text, template=template, in_window=in_window, templates=templates),
        )
        for route in routes
    ]
    return tuple(sorted(priced, key=lambda pair: (pair[1].cost is None, pair[1].cost or 0)))


def free_routes(
    prices: Prices,
    *,
    routes: Iterable[str],
    text: str,
    template: Mapping[str, Any] | None,
    in_window: bool,
    templates: Mapping[str, str] | None = None,
) -> tuple[str, ...]:
    """Those of these routes that cost nothing for this text: a message that has one need never be given up."""
    priced = by_cost(prices, routes=routes, text=text, template=template, in_window=in_window, templates=templates)
    return tuple(route for route, price in priced if price.cost == FREE)


def unpriced_routes(prices: Prices, routes: Iterable[str]) -> tuple[str, ...]:
    """Those of these routes by which some message would go out without a known price."""
    whatsapp = (prices.whatsapp_reply, prices.whatsapp_template)
    return tuple(
        route
        for route in routes
        if (None in whatsapp if route == "whatsapp" else route != "console" and _segment(prices, route) is None)
    )


def rupiah(hundredths: int) -> str:
    """An amount the Indonesian way, rounded to whole rupiah: "Rp 12.345"."""
    whole = (abs(hundredths) + HUNDREDTHS // 2) // HUNDREDTHS
    sign = "-" if hundredths < 0 and whole else ""
    return f"{sign}Rp\u00a0{whole:,}".replace(",", ".")


def template_name(template: Mapping[str, Any] | None, templates: Mapping[str, str]) -> str | None:
    """By which name puskesmas.yml knows this template; None for none, or for one that is not in it any more."""
    if template is None:
        return None
    sid = template.get("sid")
    return next((name for name, known in templates.items() if known == sid), None)


def _whatsapp(
    prices: Prices, template: Mapping[str, Any] | None, *, name: str | None, in_window: bool
) -> Rupiah | None:
    if template is None:
        return prices.whatsapp_reply
    if in_window and prices.whatsapp_template_in_window is not None:
        return prices.whatsapp_template_in_window
    return prices.templates.get(name or "", prices.whatsapp_template)


def _segment(prices: Prices, route: str) -> Rupiah | None:
    by_route = {
        "gammu": prices.gammu_segment,
        "android": prices.android_segment,
        "twilio_sms": prices.twilio_sms_segment,
    }
    return by_route.get(route)


def _hundredths(rupiah: float | None) -> int | None:
    return None if rupiah is None else round(rupiah * HUNDREDTHS)
