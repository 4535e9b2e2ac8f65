"""Pages and static files that the gateway serves."""
