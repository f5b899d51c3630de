"""Who sits at the desk: the account signed in, with at least one office, and the office acted from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from jiebang.engine.model import Actor, Appointment
from jiebang.engine.parties import HANDLER
from jiebang.people import queries as people
from jiebang.people.queries import UnitView
from jiebang.rulebook import queries as rulebook
from jiebang.rulebook.rights import OFFICE as RULE_OFFICE
from jiebang.web.forms import Option
from jiebang.web.words import said

DeskView = Callable[..., HttpResponseBase]
ACTING_FROM = "acting-from"


@dataclass(frozen=True, slots=True)
class Desk:
    """What every page of the desk shows about whoever sits there. `office` is the one acted from; empty: all."""

    actor: Actor
    offices: tuple[Option, ...]
    office: str
    name: str
    watches: bool  # has a board office's lists
    calls: bool  # makes call-backs
    windows: bool  # has a window: anything below the city
    prints: bool  # has paper boards
    writes: bool  # writes rules


def desk_of(whole: Actor, wanted: str) -> Desk:
    """Return the desk of somebody with these offices; an office they do not hold any more counts as none chosen."""
    offices = tuple(Option(people.office_key(held), _office_words(held)) for held in whole.appointments)
    office = _held(whole, wanted)
    actor = people.acting_from(whole, office)
    here = next((one.title for one in offices if one.value == office), "")
    posts = [held for held in actor.appointments if held.office not in (HANDLER, RULE_OFFICE)]
    last = rulebook.city().levels[-1]
    return Desk(
        actor=actor,
        offices=offices,
        office=office,
        name=here or (offices[0].title if len(offices) == 1 else ""),
        watches=any(held.level != last for held in posts),
        calls=_calls(posts),
        windows=any(held.level != rulebook.city().levels[0] for held in posts),
        prints=bool(posts),
        writes=any(held.office == RULE_OFFICE for held in actor.appointments),
    )


def _held(whole: Actor, wanted: str) -> str:
    """Return the office chosen, if it is one of several they hold."""
    keys = [people.office_key(held) for held in whole.appointments]
    return wanted if len(keys) > 1 and wanted in keys else ""


def _calls(posts: list[Appointment]) -> bool:
    held = {(post.office, post.level) for post in posts}
    return any(
        (party.office, party.level) in held
        for version in rulebook.mechanisms()
        for state in version.program.states.values()
        for move in state.moves.values()
        if move.verified_as == "call-back"
        for party in (version.program.parties[name] for name in move.by)
        if party.kind == "post"
    )


def _office_words(held: Appointment) -> str:
    """Say an office as its holder knows it: the party it is in the rules, the unit, the place."""
    unit, area = people.unit(held.unit), people.area(held.area)
    titles = [
        said(party.title)
        for version in rulebook.mechanisms()
        for party in version.program.parties.values()
        if party.kind == "post" and (party.office, party.level) == (held.office, held.level)
    ]
    names = [said(unit.names) if unit else held.unit, titles[0] if titles else "", said(area.names) if area else ""]
    return " · ".join(dict.fromkeys(name for name in names if name))


def at_the_desk(view: DeskView) -> DeskView:
    """Hand the view the actor behind the account, as they act now; somebody without an office is told so."""

    @never_cache
    @login_required(login_url="account_login")
    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        whole = people.actor_signed_in(request.user)
        if not whole.appointments:
            return render(request, "desk/no_office.html", status=403)
        wanted = str(request.session.get(ACTING_FROM, ""))
        # For the pages' frame, which shows the office acted from. A move that is made draws no page.
        request.desk = SimpleLazyObject(lambda: desk_of(whole, wanted))  # type: ignore[attr-defined]  # Django's way
        return view(request, people.acting_from(whole, _held(whole, wanted)), *args, **kwargs)

    return guarded


@require_POST
@at_the_desk
def act_from(request: HttpRequest, actor: Actor) -> HttpResponseRedirect:
    """Choose the office to act from; what is not one of theirs means all of them."""
    request.session[ACTING_FROM] = request.POST.get("office", "")
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}) and back.startswith("/")
    return HttpResponseRedirect(back if safe else reverse("desk"), status=303)


def account_of(request: HttpRequest) -> int:
    """Return the account behind a page of the desk."""
    return int(request.user.pk or 0)


def office_of(request: HttpRequest) -> str:
    """Return the office acted from; empty: all of them."""
    desk: Desk = request.desk  # type: ignore[attr-defined]  # set by `at_the_desk`
    return desk.office


def units_of(actor: Actor) -> list[UnitView]:
    """Return the units somebody acts for, each once, in the order of appointment."""
    slugs = dict.fromkeys(held.unit for held in actor.appointments if held.unit)
    return [unit for slug in slugs if (unit := people.unit(slug))]


def unit_options(actor: Actor) -> list[Option]:
    """Return the choice of units a form has to offer: none when there is only one."""
    units = units_of(actor)
    return [Option(unit.slug, said(unit.names)) for unit in units] if len(units) > 1 else []
