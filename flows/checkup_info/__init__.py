"""Check-ups: pregnancy, posyandu, routine control, free check-up."""
