"""How much time a steward can give: said by herself, on her duty page."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chaguan.kernel import clock
from chaguan.kernel.errors import ChaguanError, Missing
from chaguan.playbooks.actions.capacity import set_capacity
from chaguan.playbooks.selectors.notation import Person
from chaguan.portal.auth import MemberRequest, member_required
from chaguan.portal.forms import OwnTimeForm
from chaguan.portal.views.duty import duty_page


@member_required
@require_POST
def say_time(request: MemberRequest) -> HttpResponse:
    """Minutes a week; an empty field takes back what was said."""
    form, person = OwnTimeForm(request.POST), Person(member_id=request.visitor.member_id)
    if not form.is_valid():
        return duty_page(request, time_form=form, status=422)
    minutes = form.cleaned_data["minutes"]
    try:
        set_capacity(request.actor, person, minutes, now=clock.now())
    except Missing:
        return duty_page(request, status=404)
    except ChaguanError as refusal:
        form.add_error("minutes", str(refusal))
        return duty_page(request, time_form=form, status=refusal.http_status)
    kept = _("Thank you. Who plans sees it when work is given out.")
    messages.success(request, kept if minutes is not None else _("Taken back."))
    return HttpResponseRedirect(reverse("portal:duty") + "#time")
