"""The web app: every page and webhook of Sapa in one Flask application."""

from __future__ import annotations

from flask import Flask

from bot import board, errors, health, home, inbox, words
from bot.security import secure
from bot.services import Services
from bot.simulator import phones


def create_app(services: Services) -> Flask:
    """Build the app over these services; nothing is read from the environment and nothing is started."""
    app = Flask("bot")
    app.extensions["sapa"] = services
    secure(app, services.settings)
    words.teach(app)
    errors.register(app)
    app.register_blueprint(home.pages)
    app.register_blueprint(health.pages)
    app.register_blueprint(inbox.pages)
    app.register_blueprint(board.pages)
    if services.settings.is_demo:
        app.register_blueprint(phones.pages)
    return app
