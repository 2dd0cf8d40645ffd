"""Whether a membership is active."""
