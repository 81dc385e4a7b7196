"""The command line and the settings: puts the rooms together."""
