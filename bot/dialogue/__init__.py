"""What decides the next step of a conversation, and what of a conversation that takes."""
