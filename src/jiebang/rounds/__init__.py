"""Registers and rounds: lists of subjects, who must look at each of them by when, and who was not looked at."""
