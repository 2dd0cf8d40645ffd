"""Giving a queue number back."""
