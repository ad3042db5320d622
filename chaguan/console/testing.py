"""For tests of screens: a browser that is logged in as an actor."""

from django.contrib.auth.models import User
from django.test import Client

from chaguan.kernel.actor import Actor

HTMX = {"HX-Request": "true"}


def browser_of(actor: Actor) -> Client:
    """A fresh client with the actor's login."""
    assert actor.user_id is not None, "only people with a login use the console"
    client = Client()
    client.force_login(
        User.objects.get(pk=actor.user_id), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client
