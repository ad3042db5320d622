"""Rights of staff roles and of one chapter's people, as pages show them."""

import pytest
from django.urls import reverse
from django.utils import translation

from chaguan.communities.actions import apply_to_join, join_community
from chaguan.communities.models import Membership
from chaguan.communities.roles import STAFF_ROLES
from chaguan.communities.testing import make_community, make_member, make_owner, make_staff
from chaguan.communities.words import RIGHT_LABELS
from chaguan.kernel.actor import Actor
from chaguan.kernel.clock import now
from chaguan.kernel.errors import Refused
from tests.flows.house import logged_in

pytestmark = pytest.mark.django_db


@pytest.mark.req("TEAM-01")
def test_analyst_opens_reports_admits_nobody_and_default_rights_stand_on_one_page() -> None:
    community, applicant = make_community(is_screened=True), make_member()
    apply_to_join(Actor.member(applicant.pk), community.pk, applicant.pk, now=now())
    analyst = make_staff("data_analyst")

    assert logged_in(analyst).get(reverse("console:insights")).status_code == 200
    with pytest.raises(Refused):
        join_community(analyst, community.pk, applicant.pk, now=now())
    assert Membership.objects.get().state == "applied"

    page = logged_in(make_owner()).get(reverse("console:roles")).content.decode()
    with translation.override("zh-hans"):
        for role in STAFF_ROLES.values():
            assert str(translation.gettext(role.name)) in page
            for right in role.rights:
                assert str(RIGHT_LABELS[right]) in page


@pytest.mark.req("TEAM-07")
def test_volunteer_of_chapter_a_finds_nothing_of_chapter_b() -> None:
    chapter_a, chapter_b = make_community(), make_community()
    make_member(chapter_a, name="近处的茶友")
    foreign = make_member(chapter_b, name="远处的茶友")
    browser = logged_in(make_staff("community_manager", chapter_a))

    for name in ("console:community", "console:community-rooms", "console:community-rules"):
        assert browser.get(reverse(name, args=[chapter_a.slug])).status_code == 200
        assert browser.get(reverse(name, args=[chapter_b.slug])).status_code == 404
    everybody = browser.get(reverse("console:members")).content.decode()
    assert "近处的茶友" in everybody
    assert foreign.name not in everybody
