"""Everything that extends Rasa and faces people."""
