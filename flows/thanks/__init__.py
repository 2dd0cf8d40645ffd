"""Answering thanks."""
