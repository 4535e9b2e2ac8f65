"""The only public door: sessions, tokens, limits and masking in front of Rasa."""
