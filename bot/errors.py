"""Errors: what a visitor reads when a page cannot be shown."""

from __future__ import annotations

from flask import Flask, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError


def register(app: Flask) -> None:
    """Answer every HTTP error with a page in plain Indonesian, or one line to those who asked for no page."""
    app.register_error_handler(CSRFError, _show_csrf)
    app.register_error_handler(HTTPException, _show)
    app.register_error_handler(InternalServerError, _show)


def _show(error: HTTPException) -> tuple[str, int] | HTTPException:
    code = error.code or 500
    if code < 400 or request.path.startswith(("/webhooks/", "/jkn/")):
        return error
    return render_template("error.html", code=code, reason=str(code)), code


def _show_csrf(error: CSRFError) -> tuple[str, int]:
    return render_template("error.html", code=400, reason="csrf"), 400
