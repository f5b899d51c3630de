"""The translations of the pages. English stands in the code; every other language is a catalogue here."""
