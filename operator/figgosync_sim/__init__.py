"""Strict, stateful stand-ins for the systems outside: Lucca and Exchange."""
