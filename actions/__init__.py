"""Custom actions of the bot, one module per concern."""
