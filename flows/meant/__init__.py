"""Asks what was meant when the model is not sure."""
