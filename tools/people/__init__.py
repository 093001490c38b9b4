"""People and bodies: their names, aliases, and who says what."""
