"""Mails to addresses on file: what the chat may not say, the mailbox's owner may read."""
