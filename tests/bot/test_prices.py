"""What a message costs, by route, by template, within and outside the 24 hours."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.prices import by_cost, free_routes, price_of, rupiah, template_name, unpriced_routes
from clinic.facility_delivery import Prices

SID, OTHER_SID = "HX" + "1" * 32, "HX" + "2" * 32
TEMPLATES = {"reminder_today": SID, "notice": OTHER_SID}
OURS: dict[str, Any] = {"sid": SID, "variables": {"1": "Siti"}}
OTHER: dict[str, Any] = {"sid": OTHER_SID}
STRANGE: dict[str, Any] = {"sid": "HX" + "3" * 32}
PRICES = Prices(
    whatsapp_reply=80,
    whatsapp_template=412.5,
    whatsapp_template_in_window=85.25,
    templates={"reminder_today": 500},
    gammu_segment=99.99,
    twilio_sms_segment=6_200,
)
ROUTES = ("whatsapp", "gammu", "android", "twilio_sms")


@pytest.mark.parametrize(
    ("route", "template", "in_window", "cost"),
    [
        pytest.param("whatsapp", None, True, 8_000, id="free text"),
        pytest.param("whatsapp", OTHER, False, 41_250, id="a template"),
        pytest.param("whatsapp", OURS, False, 50_000, id="a template with its own price"),
        pytest.param("whatsapp", STRANGE, False, 41_250, id="a template that is in the file no more"),
        pytest.param("whatsapp", OURS, True, 8_525, id="a template within the 24 hours"),
        pytest.param("gammu", None, True, 9_999, id="own SIM"),
        pytest.param("gammu", OURS, False, 9_999, id="own SIM, which knows no templates"),
        pytest.param("twilio_sms", None, False, 620_000, id="SMS by Twilio"),
        pytest.param("android", None, True, None, id="a route without a price"),
        pytest.param("carrier_pigeon", None, True, None, id="a route that is none"),
        pytest.param("console", None, True, 0, id="the terminal"),
    ],
)
def test_a_message_costs_what_its_route_and_template_cost(
    route: str, template: dict[str, Any] | None, in_window: bool, cost: int | None
) -> None:
    price = price_of(
        PRICES, route=route, text="Antrian B12.", template=template, in_window=in_window, templates=TEMPLATES
    )
    assert cost == price.cost


def test_where_no_price_within_the_24_hours_is_known_a_template_costs_what_it_always_costs() -> None:
    prices = PRICES.model_copy(update={"whatsapp_template_in_window": None})
    price = price_of(prices, route="whatsapp", text="x", template=OURS, in_window=True, templates=TEMPLATES)
    assert 50_000 == price.cost


def test_a_price_of_nothing_is_a_price() -> None:
    prices = Prices(gammu_segment=0, whatsapp_reply=0)
    costs = [
        price_of(prices, route=route, text="x", template=None, in_window=True).cost for route in ("gammu", "whatsapp")
    ]
    assert [0, 0] == costs


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        pytest.param("a" * 160, 1, id="one full SMS"),
        pytest.param("a" * 161, 2, id="one letter over"),
        pytest.param("a" * 69 + "🙏", 2, id="an emoji makes the letters wide"),
        pytest.param("", 0, id="nothing"),
    ],
)
def test_an_sms_costs_its_price_per_segment(text: str, segments: int) -> None:
    price = price_of(PRICES, route="gammu", text=text, template=None, in_window=False)
    assert (segments, segments * 9_999) == (price.segments, price.cost)


def test_whatsapp_knows_no_segments() -> None:
    assert 0 == price_of(PRICES, route="whatsapp", text="a" * 1000, template=None, in_window=True).segments


def test_the_cheapest_way_stands_first_and_the_unknown_price_last() -> None:
    ways = by_cost(PRICES, routes=("android", *ROUTES), text="x", template=OTHER, in_window=False, templates=TEMPLATES)
    assert ["gammu", "whatsapp", "twilio_sms", "android", "android"] == [route for route, _ in ways]


def test_a_long_text_makes_the_sms_the_dearer_way() -> None:
    ways = by_cost(PRICES, routes=("gammu", "whatsapp"), text="a" * 900, template=None, in_window=True)
    assert "whatsapp" == ways[0][0]


def test_a_way_that_costs_nothing_is_found() -> None:
    prices = PRICES.model_copy(update={"gammu_segment": 0.0})
    assert ("gammu",) == free_routes(prices, routes=ROUTES, text="x", template=OURS, in_window=False)


def test_a_template_is_named_by_its_id() -> None:
    found = [template_name(each, TEMPLATES) for each in (OURS, OTHER, STRANGE, None, {})]
    assert ["reminder_today", "notice", None, None, None] == found


@pytest.mark.parametrize(
    ("prices", "missing"),
    [
        pytest.param(PRICES, ("android",), id="all but the phone"),
        pytest.param(Prices(), ROUTES, id="no price at all"),
        pytest.param(Prices(whatsapp_reply=80), ROUTES, id="replies but no templates"),
    ],
)
def test_routes_without_a_price_are_named(prices: Prices, missing: tuple[str, ...]) -> None:
    assert missing == unpriced_routes(prices, ("console", *ROUTES))


@pytest.mark.parametrize(
    ("hundredths", "said"),
    [(0, "Rp 0"), (49, "Rp 0"), (50, "Rp 1"), (1_234_500, "Rp 12.345"), (123_456_789_000, "Rp 1.234.567.890")],
)
def test_rupiah_are_written_the_indonesian_way(hundredths: int, said: str) -> None:
    assert said.replace(" ", "\u00a0") == rupiah(hundredths)


AMOUNT = st.one_of(st.none(), st.floats(0, 100_000, allow_nan=False))


@given(reply=AMOUNT, template=AMOUNT, gammu=AMOUNT, android=AMOUNT, text=st.text(max_size=400), in_window=st.booleans())
def test_no_way_is_cheaper_than_the_first(
    reply: float | None,
    template: float | None,
    gammu: float | None,
    android: float | None,
    text: str,
    in_window: bool,
) -> None:
    prices = Prices(whatsapp_reply=reply, whatsapp_template=template, gammu_segment=gammu, android_segment=android)
    ways = by_cost(prices, routes=ROUTES, text=text, template=OURS, in_window=in_window)
    known = [price.cost for _, price in ways if price.cost is not None]
    assert sorted(ROUTES) == sorted(route for route, _ in ways)
    assert known == sorted(known) == [price.cost for _, price in ways[: len(known)]]
