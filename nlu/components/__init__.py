"""Our parts of the Rasa pipeline; they run under Rasa's own Python 3.10."""
