"""Which years a timeline reaches whose public holidays nobody has published yet."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from chaguan.playbooks.document import Playbook
from chaguan.playbooks.schedule import holiday_rule
from chaguan.playbooks.workdays import calendar_from


def unpublished_years(
    document: Playbook, settings: Mapping[str, Any], since: date, until: date
) -> list[int]:
    """Years between the days in which Monday to Friday stand in for working days, where a step asks for them.

    `settings` are the community's. No statement.
    """
    asks = any(
        getattr(moment, "workdays_only", False)
        or holiday_rule(moment, step.holidays or document.holidays) != "keep"
        for step in document.steps
        for moment in step.moment.moments
    )
    return calendar_from(settings).unknown_years(since, until) if asks else []
