"""Who did it, in words: the short references of the log become names."""

from collections.abc import Collection

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from chaguan.people.selectors.names import names_of


def actor_names(references: Collection[str]) -> dict[str, str]:
    """The name of each reference (`staff:7`, `member:12`, `system:clock`). Queries: at most 2."""
    staff = {int(ref[6:]) for ref in references if ref.startswith("staff:")}
    members = {int(ref[7:]) for ref in references if ref.startswith("member:")}
    found = User.objects.filter(pk__in=staff) if staff else []
    logins = {login.pk: login.get_full_name() or login.username for login in found}
    people = names_of(members) if members else {}
    names = {}
    for ref in references:
        kind, _sep, rest = ref.partition(":")
        if kind == "staff":
            names[ref] = logins.get(int(rest), _("a former colleague"))
        elif kind == "member":
            names[ref] = people.get(int(rest), _("a former member"))
        else:
            names[ref] = _("Chaguan itself") if kind == "system" else _("somebody")
    return names
