"""Destroying what a round knew of people, once its purpose is over. Numbers and the log remain, and still verify.

Source: 中华人民共和国突发事件应对法 (2024), articles 84 and 85: personal data taken for an emergency serve the response
alone and are destroyed when it is over.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from jiebang.boards.house import exact
from jiebang.engine.model import Actor, Refused
from jiebang.engine.rounds.refusals import refuse
from jiebang.ledger import round_leaves
from jiebang.ledger import services as ledger
from jiebang.ledger.leaf import Signed
from jiebang.ledger.round_leaves import CLOCK
from jiebang.rounds import rights
from jiebang.rounds.models import Event, Round, Subject, Told
from jiebang.rounds.steps import manner_of
from jiebang.rulebook import defined

BY_CLOCK, BY_HAND = "retention-over", "purpose-over"


def erase(ident: str, ordinal: int, *, actor: Actor, at: datetime) -> int | Refused:
    """Destroy what a closed round knew of people, before the clock does; return of how many."""
    with transaction.atomic():
        round_ = Round.objects.select_for_update().filter(ident=ident, ordinal=ordinal).first()
        if round_ is None:
            return refuse("round-unknown")
        asked = defined.round_named(round_.definition)
        if asked is None or asked.definition.erase_after is None:
            return refuse("round-unknown")
        held = [
            one for one in rights.held(actor, asked.definition.opened_by) if rights.reaches([one.area], round_.area)
        ]
        if not held:
            return refuse("round-not-opened-by-you")
        if round_.closed_at is None:
            return refuse("erase-not-closed")
        if round_.erased_at is not None:
            return refuse("erase-already")
        return _erase(round_, ground=BY_HAND, by=Signed("opened-by", held[0].unit), at=exact(at))


@transaction.atomic
def erase_by_clock(*, at: datetime) -> int:
    """Destroy what the rounds knew whose time to keep it is over; return how many rounds."""
    ripe = list(
        Round.objects.select_for_update(skip_locked=True).filter(erased_at=None, erase_at__lte=at).order_by("id")[:20]
    )
    for round_ in ripe:
        _erase(round_, ground=BY_CLOCK, by=CLOCK, at=at)
    return len(ripe)


def _erase(round_: Round, *, ground: str, by: Signed, at: datetime) -> int:
    body = round_leaves.round_erased_leaf(
        manner_of(round_), round=bytes(round_.uid).hex(), n=round_.n, ground=ground, at=at, by=Signed(by.party)
    )
    [leaf] = ledger.append([("round", body)], moments=[at])
    Told.objects.filter(event__round=round_).delete()
    # The key of the pseudonyms goes with the names: nobody can tell any more whose they were.
    Subject.objects.filter(round=round_).update(
        row=None, key="", name="", area="", link=None, unit="", owner_area="", entry=""
    )
    Event.objects.create(round=round_, what="erased", at=at, party=by.party, ground=ground, leaf_id=leaf)
    round_.key, round_.erased_at = None, at
    round_.save(update_fields=["key", "erased_at"])
    return round_.n
