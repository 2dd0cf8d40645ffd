"""Conversations as data: what patients write and what the bot says, word for word."""
