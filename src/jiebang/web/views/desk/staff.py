"""Who sits at the desk: the account signed in, with at least one office."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from jiebang.engine.model import Actor
from jiebang.people import queries as people
from jiebang.people.queries import UnitView
from jiebang.web.forms import Option
from jiebang.web.words import said

DeskView = Callable[..., HttpResponseBase]


def at_the_desk(view: DeskView) -> DeskView:
    """Hand the view the actor behind the account; somebody without an office is told so."""

    @never_cache
    @login_required(login_url="account_login")
    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        actor = people.actor_signed_in(request.user)
        if not actor.appointments:
            return render(request, "desk/no_office.html", status=403)
        return view(request, actor, *args, **kwargs)

    return guarded


def units_of(actor: Actor) -> list[UnitView]:
    """Return the units somebody acts for, each once, in the order of appointment."""
    slugs = dict.fromkeys(held.unit for held in actor.appointments if held.unit)
    return [unit for slug in slugs if (unit := people.unit(slug))]


def unit_options(actor: Actor) -> list[Option]:
    """Return the choice of units a form has to offer: none when there is only one."""
    units = units_of(actor)
    return [Option(unit.slug, said(unit.names)) for unit in units] if len(units) > 1 else []
