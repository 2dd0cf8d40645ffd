"""The staff inbox: cases, conversations and today's queue, for logged-in staff only."""

from __future__ import annotations

from bot.inbox import (
    audit,
    cases,
    costs,
    login,
    media,
    paper,
    people,
    people_merge,
    queue,
    queue_changes,
    queue_room,
    queue_walk_in,
    replies,
    unclear,
)
from bot.inbox.guard import pages

__all__ = [
    "audit",
    "cases",
    "costs",
    "login",
    "media",
    "pages",
    "paper",
    "people",
    "people_merge",
    "queue",
    "queue_changes",
    "queue_room",
    "queue_walk_in",
    "replies",
    "unclear",
]
