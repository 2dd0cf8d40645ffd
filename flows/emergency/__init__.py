"""The fixed reply to danger signs."""
