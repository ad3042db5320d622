"""What members do at our own door; the verbs other faces use are named here."""

from chaguan.portal.actions.links import issue_link, revoke_links

__all__ = ["issue_link", "revoke_links"]
