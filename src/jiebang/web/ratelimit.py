"""How often one client may do a thing in an hour.

The counters stand in an UNLOGGED table: they cost no log and may be lost in a crash. Addresses are kept as a keyed
hash only, and swept after a day. A client's first few tries of an hour are counted in this process alone, and go to
the table with the next one: most clients never try again, and a row for each would cost a tenth of what they came
for. Several processes can so let a client pass by as many each.
"""

from __future__ import annotations

import hmac
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from threading import Lock

from django.conf import settings
from django.db import connection
from django.http import HttpRequest

HOUR = timedelta(hours=1)

_COUNT = """
INSERT INTO web_try (what, who, hour, n) VALUES (%(what)s, %(who)s, %(hour)s, %(tries)s)
ON CONFLICT (what, who, hour) DO UPDATE SET n = web_try.n + excluded.n
RETURNING n
"""
_SWEEP = "DELETE FROM web_try WHERE hour < %(old)s"

_swept: datetime | None = None  # the hour in which this process last swept: once an hour is enough

FIRST_FEW = 10  # a tenth of what is allowed
MOST_CLIENTS = 50_000  # counted here at once; whoever comes beyond them goes to the table


class FirstFew:
    """The tries of one hour that stand in no table yet."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._hour: datetime | None = None
        self._tries: Counter[tuple[str, str]] = Counter()

    def count(self, what: str, who: str, *, hour: datetime, few: int) -> int:
        """Count a try; return how many the table has to be told of now: none while they are few."""
        key = what, who
        with self._lock:
            if hour != self._hour:
                self._hour, self._tries = hour, Counter()
            before = self._tries[key]
            if before > few or (not before and len(self._tries) >= MOST_CLIENTS):
                return 1
            self._tries[key] = before + 1
            return 0 if before < few else before + 1  # all of them: from now on the table's count decides


_first_few = FirstFew()


@dataclass(frozen=True, slots=True)
class Wait:
    """Too many tries: come back in so many seconds."""

    seconds: int

    @property
    def length(self) -> timedelta:
        return timedelta(seconds=self.seconds)

    @property
    def minutes(self) -> int:
        return -(-self.seconds // 60)


def address_of(request: HttpRequest) -> str:
    """Return the client's address: the socket's, unless it is the proxy we were told about (`JIEBANG_PROXY`).

    IPv6 clients own a whole /64, so that is what is counted.
    """
    address = str(request.META.get("REMOTE_ADDR", ""))
    proxy = getattr(settings, "JIEBANG_PROXY", "")
    if proxy and address == proxy:
        # The proxy appends; what stands before the last comma is whatever the client made up.
        address = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).rsplit(",", 1)[-1].strip() or address
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return parsed.exploded[:19] if parsed.ipv4_mapped is None else str(parsed.ipv4_mapped)
    return address


def count(request: HttpRequest, what: str, *, most: int, at: datetime) -> Wait | None:
    """Count one try of `what` by this client; return the wait when it is one too many in this hour."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    who = _veil(address_of(request))
    tries = _first_few.count(what, who, hour=hour, few=most // FIRST_FEW)
    if not tries:
        return None
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"what": what, "who": who, "hour": hour, "tries": tries})
        row = cursor.fetchone()
    _sweep_once_an(hour)
    if row is None or row[0] <= most:
        return None
    return Wait(max(1, int((hour + HOUR - at).total_seconds())))


def _sweep_once_an(hour: datetime) -> None:
    global _swept
    if hour != _swept:
        _swept = hour
        with connection.cursor() as cursor:
            cursor.execute(_SWEEP, {"old": hour - timedelta(days=1)})


def _veil(address: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), b"address|" + address.encode(), "sha256").hexdigest()[:32]
