"""Pairs made from a grammar of news statements."""
