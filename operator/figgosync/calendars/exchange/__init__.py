"""Exchange Server over EWS."""

from figgosync.calendars.exchange.connection import ExchangeConnection, ExchangeConnectionSettings

__all__ = ["ExchangeConnection", "ExchangeConnectionSettings"]
