"""All that we remember, and the rules that change it."""
