"""Finding a community by what a person types."""

from difflib import get_close_matches

from django.utils.translation import gettext as _

from chaguan.communities.selectors import communities_visible_to
from chaguan.communities.types import Right
from chaguan.kernel.actor import Actor
from chaguan.kernel.errors import Missing


def community_named(actor: Actor, name: str) -> int:
    """The id of the community with this name or short name; else Missing with names that are near."""
    visible = communities_visible_to(actor, Right.VIEW_REPORTS)
    for field in ("name", "slug", "name__iexact"):
        if (pk := visible.filter(**{field: name}).values_list("pk", flat=True).first()) is not None:
            return pk
    names = list(visible.order_by("name").values_list("name", flat=True))
    near = get_close_matches(name, names, n=3, cutoff=0.4)
    near += [n for n in names if name.strip("#").lower() in n.lower() and n not in near][:3]
    if near:
        sentence = _("There is no community %(name)s. Did you mean %(near)s?")
        raise Missing(sentence % {"name": repr(name), "near": ", ".join(near[:5])})
    raise Missing(_("There is no community %(name)s.") % {"name": repr(name)})
