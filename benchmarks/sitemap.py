"""Which pages there are, found as a reader finds them: by following links, as the public and as each account."""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from urllib.parse import urljoin, urlsplit

from running import Client, Running, signed_in

PUBLIC, RAISER = "public", "raiser"
# Public pages that no page leads to: the parts for who builds pages, and what a portal takes into its own.
UNLINKED = ("/patterns",)
STAFF = ("clerk", "officer", "caller", "handler", "duty", "author")
# Answers that are files or leave the page: nothing to look at.
NOT_PAGES = {"log", "receipt", "photo", "my-photo", "verify-file", "manner", "healthz", "account_logout", "slip"}
MOST_READ = 400  # pages a role may cost; what is not found by then is not one link away from anything
_HREF = re.compile(r'<a\s[^>]*?href="([^"#]+)')


@dataclass(frozen=True, slots=True)
class Page:
    """A page worth looking at: the first of its route that `who` came across."""

    who: str
    name: str
    path: str

    @property
    def file(self) -> str:
        return f"{self.who}-{self.name}"


def pages(running: Running, *, only: str = "", who: str = "") -> list[Page]:
    """Return one page of every route each role can reach by links, the raiser's after a matter of their own.

    `only` and `who` name the routes and roles wanted, with commas; empty is all of them.
    """
    _settle(running)
    wanted = set(who.split(",")) if who else {PUBLIC, RAISER, *STAFF}
    found = list(_crawl(PUBLIC, Client(running.port), "/"))
    for more in UNLINKED:
        if all(urlsplit(page.path).path != more for page in found):
            found += [page for page in _crawl(PUBLIC, Client(running.port), more) if page.path == more]
    if RAISER in wanted:
        found += _raised(Client(running.port))
    seen = {page.name for page in found if page.who == PUBLIC}
    for account in STAFF:
        if account in wanted and account in running.passwords:
            reached = _crawl(account, signed_in(running, account), "/desk/")
            found += [page for page in reached if page.name not in seen]
    names = set(only.split(",")) if only else {page.name for page in found}
    return [page for page in found if page.who in wanted and page.name in names]


def _settle(running: Running) -> None:
    """Give Django the city's settings, so that addresses can be told apart by their routes."""
    import django

    from jiebang.desk import home as homes

    os.environ.update(homes.environment(homes.Home(running.home), role="app", given={}))
    django.setup()


def _crawl(who: str, client: Client, start: str) -> Iterator[Page]:
    from django.urls import Resolver404, resolve

    names: set[str] = set()
    seen, ahead = {start}, deque([start])
    read = 0
    while ahead and read < MOST_READ:
        path = ahead.popleft()
        try:
            name = resolve(urlsplit(path).path).view_name
        except Resolver404:
            continue
        if name in NOT_PAGES:
            continue
        # A route is followed a few times: what one entry does not link to, the next may.
        is_new = name not in names
        status, text = client.get(path)
        read += 1
        if status != 200 or "<html" not in text[:500]:
            continue
        names.add(name)
        if is_new:
            yield Page(who, name, path)
        for href in _HREF.findall(text):
            target = urlsplit(urljoin(path, unescape(href)))
            where = target.path + (f"?{target.query}" if target.query else "")
            if target.netloc or where in seen or sum(_alike(where, other) for other in seen) > 5:
                continue
            seen.add(where)
            ahead.append(where)


def _alike(one: str, other: str) -> bool:
    """Return whether two addresses differ only in their numbers, names and questions."""
    return _shape(one) == _shape(other)


def _shape(path: str) -> tuple[str, ...]:
    from django.urls import Resolver404, resolve

    try:
        return (resolve(urlsplit(path).path).view_name,)
    except Resolver404:
        return (path,)


def _raised(client: Client) -> list[Page]:
    """Raise a matter and return the raiser's own page."""
    import secrets

    token = client.token("/raise/")
    fields = {"csrfmiddlewaretoken": token, "key": secrets.token_hex(16), "a.what": "路灯三天不亮，晚上看不见路。"}
    page = client.post("/raise/", fields | {"page": "where", "go": "search", "q": "茶花"})[1]
    area = re.findall(r'value="(\d{12})"', page)[0]
    status, where = client.post("/raise/", fields | {"page": "check", "go": "send", "place": area})
    if status != 303:
        raise SystemExit(f"raising answered {status}")
    receipt = client.get(where)[1]
    code = re.search(r'href="[^"]*(/r/[0-9A-Z]{10})"', receipt)
    if code is None:
        raise SystemExit("the receipt shows no way to the raiser's page")
    return [Page(RAISER, "mine", code[1])]
