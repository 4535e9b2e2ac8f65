"""Rasa NLU components: references, sentence encoder, case classifier."""
