"""The command line: starting a city, looking after it, and telling what is wrong."""
