"""The demo centre: invented families, numbers, cases and due reminders, loaded once into an empty database."""

from bot.demo.loading import load_demo

__all__ = ["load_demo"]
