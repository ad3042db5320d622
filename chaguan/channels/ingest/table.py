"""What columns of message tables are called, and how times are written in them."""

import re
from datetime import UTC, datetime, tzinfo

from chaguan.channels.contract import RecordKind

# In order of preference; all lower case.
KNOWN_HEADERS: dict[str, tuple[str, ...]] = {
    "time": (
        "time", "timestamp", "ts", "datetime", "date", "sent_at", "created_at", "at", "strtime",
        "时间", "发送时间", "日期", "消息时间", "日期时间", "创建时间", "createtime",
    ),
    "person": (
        "user", "user_id", "userid", "person", "sender_id", "from_id", "author_id", "member", "wxid", "nick",
        "sender", "from", "author", "username", "talker", "senderwxid", "authorid",
        "账号", "用户", "微信号", "qq号", "qq", "发送人", "发送者", "发言人", "成员",
    ),
    "text": (
        "text", "message", "content", "body", "msg", "strcontent", "内容", "消息", "消息内容",
        "发言", "文本", "正文",
    ),
    "name": (
        "name", "nickname", "display_name", "displayname", "sender_name", "remark",
        "昵称", "群昵称", "名字", "姓名",
        "群名片", "备注",
    ),
    "room": (
        "room", "channel", "group", "chat", "community", "room_name", "群", "群名", "群聊", "群名称", "频道",
    ),
    "kind": ("kind", "type", "event", "类型", "消息类型"),
    "id": ("id", "message_id", "msg_id", "msgid", "msgsvrid", "编号", "消息id"),
    "reply_to": ("reply_to", "in_reply_to", "reply_to_id", "parent_id", "回复"),
    "bot": ("bot", "is_bot", "机器人"),
}  # fmt: skip
KINDS: dict[str, RecordKind] = {
    "join": "join", "joined": "join", "加入": "join", "入群": "join", "进群": "join",
    "leave": "leave", "left": "leave", "part": "leave", "quit": "leave", "退出": "leave", "退群": "leave",
    "kick": "kick", "kicked": "kick", "removed": "kick", "踢出": "kick", "移出": "kick",
    "rename": "rename", "改名": "rename",
}  # fmt: skip

_ROLES = {name: role for role, names in KNOWN_HEADERS.items() for name in names}
_WRITTEN = re.compile(
    r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[\sT]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?$"
)
_EPOCH = re.compile(r"^\d{9,10}(?:\.\d+)?$|^\d{12,13}$")


def header_role(name: str) -> str:
    """The role of a column by its name; empty when the name tells nothing."""
    return _ROLES.get(name.strip().lstrip("\ufeff").lower(), "")


def instant_of(text: str, zone: tzinfo) -> datetime | None:
    """Read ISO 8601, 2026/3/1 8:05, 2026年3月1日 8:05, or seconds or milliseconds since 1970."""
    text = text.strip()
    try:
        if _EPOCH.match(text):
            number = float(text)
            return datetime.fromtimestamp(number / 1000 if number > 1e11 else number, UTC)
        if written := _WRITTEN.match(text):
            year, month, day, hour, minute, second = (int(part or 0) for part in written.groups())
            return datetime(year, month, day, hour, minute, second, tzinfo=zone)
        at = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=zone)
