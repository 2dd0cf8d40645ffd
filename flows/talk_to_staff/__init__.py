"""Handing the conversation to a person."""
