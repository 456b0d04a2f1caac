"""Keeps the absences of Figgo in the employees' own calendars."""
