"""The support team's console: conversations, hand-offs, improvement and figures, in plain pages."""
