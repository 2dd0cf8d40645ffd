"""Past visits."""
