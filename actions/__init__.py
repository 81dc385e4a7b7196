"""Rasa's custom actions: one module a skill."""
