"""Dates, periods and times of day: read, resolved, compared."""
