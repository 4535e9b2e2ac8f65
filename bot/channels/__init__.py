"""Rasa's side of the house: the two input channels, the action end point and the Rasa process."""
