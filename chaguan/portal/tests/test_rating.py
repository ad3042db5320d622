from datetime import timedelta

import pytest

from chaguan.communities.testing import make_community, make_member, make_room
from chaguan.kernel import clock
from chaguan.playbooks.models import Run, RunRating
from chaguan.playbooks.testing import make_run, make_step
from chaguan.portal.testing import phone_of

pytestmark = pytest.mark.django_db


def over() -> Run:
    """A camp of seven days in a community, that ended an hour ago."""
    community = make_community()
    make_room(community)
    now = clock.now()
    run = make_run(
        make_step(), community=community, now=now - timedelta(days=8), days=7, title="七天打卡营"
    )
    Run.objects.filter(pk=run.pk).update(state="finished", ended_at=now - timedelta(hours=1))
    return run


def test_one_question_on_my_page_answered_once_with_a_tap() -> None:
    run = over()
    member = make_member(run.community, first_seen_at=clock.now() - timedelta(days=9))
    phone = phone_of(member.pk)
    assert "“七天打卡营”对你来说怎么样" in phone.get("/m/me/").content.decode()

    answer = phone.post(f"/m/me/rate/{run.pk}/", {"stars": "4"}, follow=True)

    assert "谢谢" in answer.content.decode()
    assert RunRating.objects.get().stars == 4
    assert "七天打卡营”对你" not in phone.get("/m/me/").content.decode()
    assert phone.post(f"/m/me/rate/{run.pk}/", {"stars": "5"}).status_code == 404
    assert RunRating.objects.get().stars == 4


def test_it_can_be_passed_over_and_nonsense_changes_nothing() -> None:
    run = over()
    member = make_member(run.community, first_seen_at=clock.now() - timedelta(days=9))
    phone = phone_of(member.pk)

    for stars in ("9", "x", ""):
        phone.post(f"/m/me/rate/{run.pk}/", {"stars": stars})
    assert not RunRating.objects.exists()
    phone.post(f"/m/me/rate/{run.pk}/", {"stars": "skip"})

    assert RunRating.objects.get().stars is None
    assert "七天打卡营”对你" not in phone.get("/m/me/").content.decode()


def test_who_was_not_there_is_not_asked() -> None:
    run = over()
    outsider = make_member(make_community(), first_seen_at=clock.now() - timedelta(days=9))
    phone = phone_of(outsider.pk)

    assert "七天打卡营" not in phone.get("/m/me/").content.decode()
    assert phone.post(f"/m/me/rate/{run.pk}/", {"stars": "1"}).status_code == 404
    assert not RunRating.objects.exists()


def test_a_run_that_clears_up_is_rated_from_its_last_day_on() -> None:
    community = make_community()
    make_room(community)
    now = clock.now()
    run = make_run(make_step(), community=community, now=now, days=7, title="七天打卡营")
    member = make_member(community, first_seen_at=now - timedelta(days=9))
    phone = phone_of(member.pk)

    with clock.moved_to(now + timedelta(days=5)):
        early = phone.post(f"/m/me/rate/{run.pk}/", {"stars": "4"})
    with clock.moved_to(now + timedelta(days=6)):
        page = phone.get("/m/me/").content.decode()
        phone.post(f"/m/me/rate/{run.pk}/", {"stars": "4"})

    assert early.status_code == 404
    assert "“七天打卡营”对你来说怎么样" in page
    assert RunRating.objects.get().stars == 4
