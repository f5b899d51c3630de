"""Registers, rounds and rosters: who has to be looked at, by whom, by when, and who was not. Pure."""
