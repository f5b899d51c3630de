"""Whether a closed entry may be raised again, in words, with the door to its form."""

from __future__ import annotations

from django.utils.translation import gettext as _

from jiebang.boards import queries as boards
from jiebang.web.rows import Clock
from jiebang.web.views.public import addresses
from jiebang.web.words import said


def again_words(view: boards.EntryView, at: Clock) -> dict[str, str] | None:
    """Return until when and by whom, and where; None where it never is, or no longer."""
    found = view.again
    if found is None or at.now >= found.until:
        return None
    words = {"moment": at.moment(found.until), "who": _(" or ").join(said(who) for who in found.who)}
    text = (
        _("It stays closed. Is the problem back, or was it not as it says here? Until %(moment)s anybody can raise it "
          "again, as a new entry linked to this one.")
        if found.by_anyone
        else _("It stays closed. Until %(moment)s %(who)s can raise it again, as a new entry linked to this one.")
    ) % words  # fmt: skip
    if found.by_anyone:
        href = addresses.to(f"/raise/?board={view.program.id}&again={view.row.number}")
    elif found.by_raiser:
        href = addresses.to(f"/follow?number={view.row.number}")
    else:
        href = ""
    return {"text": text, "href": href}
