"""Saying goodbye."""
