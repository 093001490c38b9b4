"""Pairs made by saying the same otherwise, and by getting that wrong."""
