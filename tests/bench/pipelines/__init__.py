"""Pipelines for reading a message, trained on the same sentences and compared: `make pipelines`, docs/pipelines.md."""
