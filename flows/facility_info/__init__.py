"""Opening hours, address and services."""
