"""Pairs of what retrieval finds near a claim."""
