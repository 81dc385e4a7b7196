"""The one database schema and the code that reads and writes it."""
