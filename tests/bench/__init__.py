"""Measurements, printed as tables with a baseline in the same run: `make bench`."""
