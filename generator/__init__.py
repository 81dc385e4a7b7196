"""Question and passages to a grounded answer."""
