"""The shop's orders and products behind one protocol."""
