"""The log of conversations at scale."""
