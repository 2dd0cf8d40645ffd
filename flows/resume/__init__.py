"""Going on after an interruption."""
