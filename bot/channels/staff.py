"""The channel of administrators."""

from bot.channels.gateway_channel import GREETING, GatewayChannel


class StaffChannel(GatewayChannel):
    """The authenticated page of the management companies' staff."""

    channel = "staff"
    opening = (GREETING, "action_list_requests")
