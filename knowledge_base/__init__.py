"""The shop's content and the code that reads it into passages."""
