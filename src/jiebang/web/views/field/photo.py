"""One photo of an item, sent by itself: where the network breaks, only the photo under way is lost."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from jiebang.boards import photos
from jiebang.engine.model import Actor, Refused
from jiebang.web import ratelimit
from jiebang.web.forms.incoming import PHOTOS_AN_HOUR, pending_of, root_of_pending
from jiebang.web.forms.pending import is_key, sweep
from jiebang.web.views.field.account import later, on_the_phone, refusal, unreadable

PHOTO_ID = re.compile(r"[0-9a-f]{16}")
LONGEST_NAME = 60
MOST_WAITING = 12  # photos of one item; a step takes three


@require_POST
@on_the_phone
def photo(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Keep a photo until its item comes. Its id is made of its bytes, so the same photo twice is one."""
    key, question, id_ = (request.POST.get(name, "") for name in ("key", "question", "id"))
    sent = request.FILES.get("photo")
    if not is_key(key) or not PHOTO_ID.fullmatch(id_) or not 0 < len(question) <= LONGEST_NAME or sent is None:
        return unreadable()
    at = timezone.now()
    pending = pending_of(key)
    held = [photo.id for photos_held in pending.held().values() for photo in photos_held]
    if id_ in held:
        return JsonResponse({"kept": id_})
    if len(held) >= MOST_WAITING:
        return unreadable()
    wait = ratelimit.count(request, "photo", most=PHOTOS_AN_HOUR, at=at)
    if wait:
        return later(wait.seconds)
    sweep(root_of_pending(), at=at)
    size = sent.size or 0
    if size > photos.MOST_BYTES:
        return refusal(413, photos.too_large(size, question))
    cleaned = photos.clean(sent.read(), field=question)
    if isinstance(cleaned, Refused):
        return refusal(400, cleaned)
    if not pending.put(question, cleaned.content, id_=id_):
        return later(600)
    return JsonResponse({"kept": id_})
