"""Offline measures of the assistant."""
