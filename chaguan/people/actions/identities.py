"""Giving a known member one more identity."""

from django.db import transaction

from chaguan.kernel.actor import Actor
from chaguan.kernel.policy import require
from chaguan.people.actions.members import NAME_LENGTH, NewIdentity
from chaguan.people.models import Identity
from chaguan.people.policies import may_edit_member


@transaction.atomic
def give_identity(actor: Actor, member_id: int, identity: NewIdentity) -> bool:
    """Let the member be known by this id too. Returns False when the id is known already, hers or not.

    Raises: Refused. Races: the unique key decides.
    """
    require(may_edit_member(actor, member_id))
    row = Identity(
        member_id=member_id,
        connector=identity.connector,
        scope=identity.scope,
        external_id=identity.external_id,
        name=identity.name[:NAME_LENGTH],
    )
    before = Identity.objects.filter(member_id=member_id).count()
    Identity.objects.bulk_create([row], ignore_conflicts=True)
    return Identity.objects.filter(member_id=member_id).count() > before
