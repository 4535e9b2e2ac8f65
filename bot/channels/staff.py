"""The channel of administrators."""

from bot.channels.gateway_channel import GatewayChannel


class StaffChannel(GatewayChannel):
    """The authenticated page of the management companies' staff."""

    channel = "staff"
