"""The staff inbox: cases, conversations and today's queue, for logged-in staff only."""

from __future__ import annotations

from bot.inbox import audit, cases, costs, login, media, queue, replies, unclear
from bot.inbox.guard import pages

__all__ = ["audit", "cases", "costs", "login", "media", "pages", "queue", "replies", "unclear"]
