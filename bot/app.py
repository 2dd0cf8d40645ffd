"""The web app: every page and webhook of Sapa in one Flask application."""

from __future__ import annotations

from flask import Flask

from bot import board, errors, health, home, inbox, media, metrics_page, words
from bot.jkn import pages as jkn
from bot.security import secure
from bot.services import Services
from bot.simulator import phones
from bot.simulator.carrier import Carrier, carrier_blueprint
from bot.simulator.carrier_store import CarrierStore
from bot.webhooks import android as android_webhooks
from bot.webhooks import twilio as twilio_webhooks

CARRIER_PATH = "/simulator/twilio"


def create_app(services: Services) -> Flask:
    """Build the app over these services; nothing is read from the environment and nothing is started."""
    app = Flask("bot")
    app.extensions["sapa"] = services
    secure(app, services.settings)
    words.teach(app)
    errors.register(app)
    app.register_blueprint(home.pages)
    app.register_blueprint(health.pages)
    app.register_blueprint(metrics_page.pages)
    app.register_blueprint(inbox.pages)
    app.register_blueprint(board.pages)
    app.register_blueprint(media.pages)
    app.register_blueprint(twilio_webhooks.pages)
    app.register_blueprint(android_webhooks.pages)
    app.register_blueprint(jkn.pages)
    if services.settings.is_demo:
        _add_simulator(app, services)
    return app


def _add_simulator(app: Flask, services: Services) -> None:
    """Two phones, and the carrier that stands in for Twilio unless the environment names another."""
    store = CarrierStore(services.carrier_path)
    store.prepare()
    app.register_blueprint(phones.pages)
    settings = services.settings
    if (settings.twilio_api_url or "").endswith(CARRIER_PATH):
        carrier = Carrier(
            store,
            account_sid=settings.twilio_account_sid,
            auth_token=settings.twilio_auth_token,
            clock=services.clock,
        )
        app.register_blueprint(carrier_blueprint(carrier), url_prefix=CARRIER_PATH)
