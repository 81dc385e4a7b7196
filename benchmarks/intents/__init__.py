"""How well the shipped intent pipeline does beside those that Rasa offers."""
