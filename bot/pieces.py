"""Pieces: parts of a long SMS whose other parts never came; whoever wrote it is asked once to send it again."""

from __future__ import annotations

from collections.abc import Iterable

from clinic.inbound import InboundView

FRAGMENT = "fragment"
"""In `extra`: {"of": parts in all, "missing": their numbers, "again": True when a piece before it was answered}."""


def is_only_later_pieces(messages: Iterable[InboundView]) -> bool:
    """Whether all of these belong to long SMS that we have asked for already."""
    return all(_is_later_piece(message) for message in messages)


def _is_later_piece(message: InboundView) -> bool:
    piece = message.extra.get(FRAGMENT)
    return isinstance(piece, dict) and bool(piece.get("again"))
