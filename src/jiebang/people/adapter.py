"""How allauth speaks to whoever signs in: not at all. Pages say what they have to say themselves."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter


class Silent(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Signs in and out without a message: no page shows one, and kept for later it would be a cookie of its own, with
    the account's name in it and for the whole host."""

    def add_message(self, *args: object, **kwargs: object) -> None:
        pass
