"""Home: what is running here and where to look."""

from __future__ import annotations

from flask import Blueprint, render_template

pages = Blueprint("home", __name__)


@pages.get("/")
def show_home() -> str:
    """The front page."""
    return render_template("home.html")
