"""How often one address may knock: counted in the database, one statement per try."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection
from django.http import HttpRequest

from chaguan.portal.errors import TooManyTries
from chaguan.portal.models import Tries


@dataclass(frozen=True)
class Limit:
    """At most `times` tries of `what` in each window of `window_s` seconds."""

    what: str
    times: int
    window_s: int


OPEN_LINK = Limit("link", 60, 600)
JOIN = Limit("join", 20, 3600)

COUNT = """
INSERT INTO portal_tries (what, who, "window", count) VALUES (%s, %s, %s, 1)
ON CONFLICT (what, who, "window") DO UPDATE SET count = portal_tries.count + 1
RETURNING count
"""


def count_try(limit: Limit, who: str, now: datetime) -> None:
    """Count one try. Raises TooManyTries above the limit; the count goes on either way."""
    digest = hmac.new(settings.SECRET_KEY.encode(), who.encode(), hashlib.sha256).hexdigest()[:32]
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [limit.what, digest, int(now.timestamp()) // limit.window_s])
        (count,) = cursor.fetchone()
    if count > limit.times:
        raise TooManyTries


def address_of(request: HttpRequest) -> str:
    """The visitor's address. With PROXY_COUNT proxies of ours in front, the one the outermost saw."""
    hops: int = getattr(settings, "PROXY_COUNT", 0)
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    if hops and len(forwarded) >= hops and forwarded[-hops]:
        return forwarded[-hops]
    return str(request.META.get("REMOTE_ADDR", ""))


def forget_old(now: datetime) -> int:
    """Drop counts of windows that are over for a day. Window numbers of all limits grow with time."""
    dropped = 0
    for limit in (OPEN_LINK, JOIN):
        before = (int(now.timestamp()) - 86_400) // limit.window_s
        dropped += Tries.objects.filter(what=limit.what, window__lt=before).delete()[0]
    return dropped
