"""Reconciling: from what Figgo says to what stands in the calendars."""
