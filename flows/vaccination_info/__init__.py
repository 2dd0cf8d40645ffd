"""When children are vaccinated and what to bring."""
