"""What the conversation store keeps of the support team: users, sessions, saved views, and who read what."""
