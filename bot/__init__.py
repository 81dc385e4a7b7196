"""The Rasa project: domain, training data, and its own components."""
