"""A stranger's second opinion: one file of the standard library alone, served as `/verify.py`."""
