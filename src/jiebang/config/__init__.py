"""Settings and addresses: how the rooms are put together into one site."""
