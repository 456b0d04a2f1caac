"""The calendar side: one interface, one module for each vendor."""
