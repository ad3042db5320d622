"""One icon per noun, the same everywhere. The build turns the named Tabler drawings into one sprite."""

import re
from pathlib import Path

# Our noun or verb -> the file name of the drawing in @tabler/icons (outline).
ICONS = {
    # Places of the console
    "today": "sun-high",
    "community": "users-group",
    "member": "user",
    "members": "users",
    "playbook": "list-details",
    "outbox": "send",
    "insights": "chart-histogram",
    "import": "file-import",
    "settings": "settings",
    # States
    "planned": "clock-hour-4",
    "waiting": "hand-stop",
    "running": "loader-2",
    "done": "circle-check",
    "held": "shield-half",
    "late": "clock-exclamation",
    "failed": "circle-x",
    "unknown": "help-hexagon",
    "cancelled": "ban",
    "skipped": "player-skip-forward",
    "expired": "hourglass-off",
    # Health
    "alive": "flame",
    "cooling": "temperature-minus",
    "cold": "snowflake",
    "noisy": "volume",
    "ad_ridden": "ad-2",
    "dead": "zzz",
    # Community types
    "traffic": "route",
    "newcomer": "plug",
    "camp": "rocket",
    "delivery": "package",
    "loyal_fan": "heart",
    "regional": "map-pin",
    # Nouns
    "account": "plug",
    "assignment": "checklist",
    "bot": "robot",
    "calendar": "calendar",
    "channel": "brand-wechat",
    "charter": "license",
    "file": "file-text",
    "gift": "gift",
    "history": "history",
    "key": "key",
    "link": "link",
    "message": "message-2",
    "note": "notes",
    "phase": "flag",
    "phone": "phone",
    "points": "star",
    "role": "id-badge-2",
    "room": "messages",
    "rule": "license",
    "segment": "filter",
    "staff": "id-badge-2",
    "steward": "shield-check",
    "tag": "tag",
    "tea": "coffee",
    "touch": "message-circle",
    "world": "world",
    # Verbs
    "add": "plus",
    "add_person": "user-plus",
    "arrow": "arrow-right",
    "back": "chevron-left",
    "check": "check",
    "close": "x",
    "copy": "copy",
    "delete": "trash",
    "download": "download",
    "edit": "pencil",
    "look": "eye",
    "more": "dots",
    "next": "chevron-right",
    "open": "external-link",
    "pause": "player-pause",
    "play": "player-play",
    "redo": "arrow-forward-up",
    "reload": "refresh",
    "search": "search",
    "stop": "player-stop",
    "undo": "arrow-back-up",
    "unfold": "chevron-down",
    "upload": "upload",
    # Signs and switches
    "adjust": "adjustments",
    "auto": "sun-low",
    "bell": "bell",
    "colours": "palette",
    "dark": "moon",
    "error": "alert-triangle",
    "grid": "layout-grid",
    "home": "home",
    "info": "info-circle",
    "keyboard": "keyboard",
    "language": "language",
    "light": "sun",
    "list": "list",
    "lock": "lock",
    "log_out": "logout",
    "mail": "mail",
    "menu": "menu-2",
    "quiet": "moon-stars",
    "warning": "alert-triangle",
}

SPRITE = "vendor/icons/sprite.svg"
_SHAPE = re.compile(r"<(?:path|circle|rect|line|polyline|ellipse)\b[^>]*/>")


def sprite(drawings: Path) -> str:
    """Join the drawings that ICONS names into one SVG; `drawings` is `@tabler/icons/icons/outline`."""
    symbols = []
    for drawing in sorted(set(ICONS.values())):
        source = (drawings / f"{drawing}.svg").read_text(encoding="utf-8")
        shapes = [s for s in _SHAPE.findall(source) if 'd="M0 0h24v24H0z"' not in s]
        symbols.append(f'<symbol id="{drawing}" viewBox="0 0 24 24">{"".join(shapes)}</symbol>')
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>\n'
