"""What a community without a verdict shows."""

from chaguan.insights.selectors.health import Health

NOT_KNOWN = Health(
    community_id=0, state="", label="", reasons=(), proposal="", playbook="", edition=""
)
