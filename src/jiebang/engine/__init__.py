"""What should happen: mechanisms as text, checked, compiled, decided. No Django, no clock, no I/O."""
