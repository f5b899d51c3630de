"""Views: read the form, read the clock, ask a room below, draw the answer."""
