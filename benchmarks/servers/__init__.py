"""This project beside Rasa's default configuration, each as a real server, in one run on one machine."""
