"""What programs read of a city: so far the open data of its public boards. Pages for people are the room `web`."""
