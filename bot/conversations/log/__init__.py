"""The conversation log: what the support team reads, projected from Rasa's trackers as they are saved."""
