"""Changing one's password, where there is one to change."""

from __future__ import annotations

from allauth.account import views
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache


@never_cache
def password(request: HttpRequest) -> HttpResponseBase:
    """Change the password, or say where somebody gets one whom another door let in.

    allauth would let them set one here. Whoever finds a signed-in screen alone could then keep the account for ever:
    no present password is asked for. A first password is handed over in person, as every other is.
    """
    if request.user.is_authenticated and not request.user.has_usable_password():
        return render(request, "account/no_password.html")
    changed: HttpResponseBase = views.password_change(request)
    return changed
