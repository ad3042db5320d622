"""What the demo house consists of: its communities, rooms, staff and stewards."""

from collections.abc import Callable
from dataclasses import dataclass, field

DAYS = 90
LIVED_DAYS = 2  # the last days are lived through with the clock, not imported


@dataclass(frozen=True)
class RoomSketch:
    """A room: where it lives, how much is said over the time, by which share of the people."""

    key: str
    name: str
    connector: str
    volume: Callable[[float], float]
    share: float = 1.0
    topics: tuple[str, ...] = ()
    steward_lines: str = ""
    small: str = ""
    has_mornings: bool = False
    is_back_room: bool = False


@dataclass(frozen=True)
class CommunitySketch:
    """A community with its charter."""

    key: str
    name: str
    type: str
    size: int
    days: int
    purpose: str
    audience: str
    effect: str
    stages: tuple[str, ...]
    colour: str
    host: str
    rooms: tuple[RoomSketch, ...] = field(default=())
    days_left: int = 0  # until it closes; 0: open-ended


def _steady(messages: float) -> Callable[[float], float]:
    return lambda share: messages * (0.9 + 0.2 * share)


def _fading(messages: float) -> Callable[[float], float]:
    """Lively at first, then less and less: the last weeks are nearly silent."""
    return lambda share: messages * max(0.0, 1 - share) ** 1.8 + 0.4


def _falling_late(messages: float) -> Callable[[float], float]:
    """Healthy for two thirds of the time, then ever fewer."""
    return lambda share: (
        messages if share < 0.62 else messages * max(0.08, 1 - (share - 0.62) * 2.9)
    )


TEA = CommunitySketch(
    "tea",
    "茶友会",
    "newcomer",
    400,
    DAYS,
    "让刚开始喝茶的人，花三个月喝明白自己喜欢哪一种。",
    "喝茶不满两年、愿意每天花十分钟的人，不分城市。",
    "三个月后，一半的人能独立泡好一种茶，十分之一的人来斗茶会。",
    ("curious", "acquainted", "informed"),
    "#2f7d5b",
    "陈老师",
    (
        RoomSketch(
            "hall", "大堂", "portal", _steady(46), steward_lines="steward", has_mornings=True
        ),
        RoomSketch(
            "green",
            "绿茶小组",
            "portal",
            _fading(30),
            0.35,
            ("水温", "春茶", "存茶", "盖碗", "泡茶的水"),
        ),
        RoomSketch("weekend", "周末茶局（微信群）", "manual", _steady(11), 0.2, small="manual"),
        RoomSketch(
            "duty", "值班间", "portal", _steady(3), 0.02, small="back_room", is_back_room=True
        ),
    ),
    days_left=275,
)
CAMP = CommunitySketch(
    "camp",
    "七日泡茶营",
    "camp",
    46,
    12,
    "七天学会用一只盖碗泡好三种茶。",
    "报了名、能保证每天十五分钟的人。",
    "八成的人结营时能独立泡一壶给家人喝。",
    ("informed", "familiar"),
    "#b7791f",
    "林老师",
    (
        RoomSketch(
            "class",
            "一班",
            "portal",
            _steady(38),
            topics=("水温", "盖碗", "红茶"),
            has_mornings=True,
        ),
    ),
    days_left=6,
)
FANS = CommunitySketch(
    "fans",
    "老茶客",
    "loyal_fan",
    72,
    DAYS,
    "让喝了多年茶的老朋友彼此认识，互相照应。",
    "买过两次以上、愿意在线下见面的茶友，由人推荐进来。",
    "每月一次见面，每人至少认识五位新朋友。",
    ("bought", "bought_again"),
    "#8a4b2f",
    "周会长",
    (
        RoomSketch(
            "tower",
            "茶楼",
            "portal",
            _falling_late(34),
            topics=("普洱", "岩茶", "白茶", "茶具", "斗茶会"),
        ),
    ),
)
SKETCHES = (TEA, CAMP, FANS)

# login, name shown, staff role, key of the community or None for all
STAFF = (
    ("demo.lin", "林知微", "community_manager", None),
    ("demo.chen", "陈一鸣", "planning_lead", None),
    ("demo.xu", "许清", "content_editor", None),
    ("demo.he", "何小满", "service_specialist", "tea"),
    ("demo.fang", "方圆", "data_analyst", None),
    ("demo.zhao", "赵启", "operations_assistant", "tea"),
)
# in-group role, and which of the core members holds it
STEWARDS = {
    "tea": (
        ("steward", 0),
        ("duty_steward", 1),
        ("session_host", 2),
        ("warm_up_host", 3),
        ("expert", 4),
    ),
    "camp": (("class_teacher", 0), ("teaching_assistant", 0)),
    "fans": (("owner", 0), ("steward", 1)),
}
# What is given when the playbooks of the demo start.
VALUES = {
    "daily_routine": {"announcement_link": "大堂公告"},
    "touch_plan_7d": {
        "sender_name": "茶友会的小满",
        "reason": "你刚加入茶友会",
        "benefit": "《七天认识六大茶类》在“我的页面”里",
        "item": "一张图看懂绿茶用多少度的水",
        "function": "用泡茶记录写下今天的第一泡",
        "steps": "打开“我的页面”，点“泡茶记录”，写下水温和时间",
        "story": "苏州的阿青嫌绿茶苦，把水放凉到八十度之后，一个春天喝完了三两龙井",
        "live_hour": "周三晚八点，陈老师讲怎么挑第一只盖碗",
        "community_choice": "茶友会：每天一个话题，每周一次答疑",
        "camp_choice": "七日泡茶营，99 元，下月初开营",
    },
}
NOTES = (
    "都回了，两位没在线，晚上再看一眼。",
    "发了，六个人接话，话题聊到水温。",
    "打过招呼，他平时在办公室喝，想学会用盖碗。",
    "没有过夜的问题，常见问题加了一条存茶。",
    "看过了，没有广告，也没有争吵。",
    "补了资料表的例子，他当场填了。",
    "今天人少，改到晚上那场再问。",
    "如期。",
    "三条，出处都写了。",
    "写了水温那一条，收藏的人不少。",
)
