"""Pairs made by altering one fact of a text."""
