"""Quantities: read, compared, computed with."""
