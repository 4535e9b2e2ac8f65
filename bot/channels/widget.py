"""The channel of tenants and owners."""

from bot.channels.gateway_channel import GatewayChannel


class WidgetChannel(GatewayChannel):
    """The chat widget on the portal's login and registration pages."""

    channel = "widget"
