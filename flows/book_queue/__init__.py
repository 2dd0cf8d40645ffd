"""Booking a queue number."""
