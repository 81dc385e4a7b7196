"""Rasa components of the bot; Rasa imports them by the names in ``config.yml``."""
