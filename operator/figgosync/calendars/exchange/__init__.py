"""Exchange Server over EWS."""

from figgosync.calendars.exchange.connection import ExchangeConnection, ExchangeConnectionSettings
from figgosync.calendars.exchange.transport import verifying_context

__all__ = ["ExchangeConnection", "ExchangeConnectionSettings", "verifying_context"]
