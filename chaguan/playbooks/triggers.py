"""The short names of triggers (触发) in playbooks, and the facts behind them.

A dotted name is a fact of the catalogue itself (`on:people.order_confirmed`). A name with None is known
from the library but its feature does not exist yet: the step must say `needs:` and is shown as waiting.
"""

import re

TRIGGERS: dict[str, str | None] = {
    "new_member": "communities.member_joined",
    "member_left": "communities.member_left",
    "member_removed": "communities.member_removed",
    "message": "channels.message_posted",
    "sign_in": "engagement.signed_in",
    "order_confirmed": "people.order_confirmed",
    "product_used": "people.product_used",
    "opted_out": "people.touch_opted_out",
    "stage_changed": "people.stage_changed",
    "tagged": "people.member_tagged",
    "ad_detected": None,
    "ads_above_threshold": None,
    "appeal": None,
    "breach": None,
    "first_day_5_orders": None,
    "fraud_flag": None,
    "health_critical": None,
    "helper_joined": None,
    "invite_20_valid": None,
    "pulse_low": None,
    "question": None,
    "report_or_detection": None,
    "resolved": None,
    "sanction_end": None,
    "screenshot_approved": None,
    "screenshot_received": None,
    "submission": None,
    "target_reached": None,
    "three_days_silent": None,
}
_SILENCE = re.compile(r"silence_(\d+)(h|m)$")
_FACT = re.compile(r"[a-z_]+\.[a-z_]+$")


def is_known_trigger(name: str) -> bool:
    """Whether the notation knows the name at all."""
    return name in TRIGGERS or bool(_SILENCE.match(name)) or bool(_FACT.match(name))


def is_working_trigger(name: str) -> bool:
    """Whether something can fire it today."""
    return fact_of(name) is not None or silence_s(name) is not None


def fact_of(name: str) -> str | None:
    """The fact in the log that fires this trigger; None for silences and for what is not built yet."""
    return name if _FACT.match(name) else TRIGGERS.get(name)


def silence_s(name: str) -> int | None:
    """Seconds of silence in the room that fire `silence_4h`; None for other triggers."""
    match = _SILENCE.match(name)
    return int(match[1]) * (3600 if match[2] == "h" else 60) if match else None
