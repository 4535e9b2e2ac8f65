"""The conversation store: sessions, messages, hand-off cases, requests, the vault's rows and Rasa's trackers."""
