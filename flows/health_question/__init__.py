"""Questions for a doctor: a queue number or a person, never a diagnosis."""
