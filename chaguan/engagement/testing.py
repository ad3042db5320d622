"""The smallest valid rows for tests of this app and of the apps above."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from chaguan.engagement.actions.check_in import NewAsk, ask_check_ins
from chaguan.engagement.actions.sign_in import sign_in_many
from chaguan.engagement.types import Presence, SignInWay
from chaguan.kernel.actor import Actor

SHANGHAI = ZoneInfo("Asia/Shanghai")


def local(year: int, month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    """An instant by the clocks of Shanghai."""
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)


def sign_in_days(community_id: int, member_id: int, *, until: datetime, days: int) -> None:
    """Sign a member in on `days` unbroken local days, the last one being that of `until`."""
    last = until.astimezone(SHANGHAI).date()
    presences = []
    for back in range(days - 1, -1, -1):
        day = last - timedelta(days=back)
        at = datetime.combine(day, time(9), SHANGHAI)
        actor = Actor.member(member_id).reference
        presences.append(Presence(community_id, member_id, day, at, SignInWay.PORTAL, actor))
    sign_in_many(Actor.system("test"), presences)


def make_ask(community_id: int, *, now: datetime, key: str = "test/hello") -> int:
    """A prompt that is open from now on; returns its id."""
    ask = NewAsk(key, community_id, "今天喝了什么茶？", opens_at=now)
    return ask_check_ins(Actor.system("test"), [ask], now=now)[key]
