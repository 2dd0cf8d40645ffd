"""Offers the second ask of a message."""
