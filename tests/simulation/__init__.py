"""A morning at a health centre, simulated with the product's own rule of turns: what numbers and pushes change."""
