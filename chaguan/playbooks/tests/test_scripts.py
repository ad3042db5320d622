from datetime import timedelta

import pytest

from chaguan.channels.models import Rehearsal
from chaguan.communities.testing import make_stranger
from chaguan.eventlog.testing import recorded
from chaguan.kernel.errors import Refused
from chaguan.playbooks.actions.library import publish_script
from chaguan.playbooks.document import Script as ScriptDocument
from chaguan.playbooks.errors import BadDocument
from chaguan.playbooks.events import ScriptChanged
from chaguan.playbooks.models import Script, ScriptVersion
from chaguan.playbooks.selectors.library import scripts_visible_to, where_used
from chaguan.playbooks.testing import (
    MONDAY,
    SYSTEM,
    live_and_send,
    make_edition,
    make_run,
    make_script,
    make_step,
)
from chaguan.playbooks.tests.places import make_place

pytestmark = pytest.mark.django_db
TOUCH = {"track": "person", "kind": "touch", "audience": "person", "text": None}
HOUR = timedelta(minutes=60)


@pytest.mark.req("SOP-03")
def test_a_new_version_affects_only_what_is_still_to_be_sent() -> None:
    place = make_place(members=1)
    make_script(text="第一版，{{ member_name }}")
    make_run(make_step(offset="P1 10:00, P1 15:00", script="hello", **TOUCH), community=place)
    live_and_send(MONDAY, MONDAY + 3 * HOUR, step=HOUR)

    make_script(text="第二版，{{ member_name }}")
    live_and_send(MONDAY + 3 * HOUR, MONDAY + 8 * HOUR, step=HOUR)

    sent = Rehearsal.objects.order_by("at").values_list("text", flat=True)
    assert list(sent) == ["第一版，茶友0", "第二版，茶友0"]
    script = Script.objects.get()
    assert [v.number for v in script.versions.order_by("number")] == [1, 2]
    assert [step.code for step in where_used(script.pk)] == ["A-1"]
    used = scripts_visible_to(SYSTEM).values_list("times_used", flat=True)  # type: ignore[misc] # annotated there
    assert list(used) == [1]


@pytest.mark.req("SOP-03")
def test_unknown_variables_are_refused_on_saving() -> None:
    with pytest.raises(BadDocument) as refusal:
        make_script(text="{{ member_nmae }} 您好")

    assert "member_nmae" in str(refusal.value)
    assert ScriptVersion.objects.count() == 0
    assert recorded(ScriptChanged.name) == []


def test_a_declared_variable_is_filled_by_the_step() -> None:
    place = make_place(members=1)
    make_script(text="{{ reason }}，所以找您", variables={"reason": {"label": "为什么"}})
    make_run(
        make_step(
            offset="P1 10:00",
            script="hello",
            values={"reason": "您刚加入 {{ community_name }}"},
            **TOUCH,
        ),
        community=place,
    )

    live_and_send(MONDAY, MONDAY + 2 * HOUR, step=HOUR)

    assert Rehearsal.objects.get().text == f"您刚加入 {place.name}，所以找您"


def test_a_wording_that_lacks_a_value_is_refused_when_the_playbook_is_saved() -> None:
    make_script(text="{{ reason }}", variables={"reason": {"label": "为什么"}})

    with pytest.raises(BadDocument) as refusal:
        make_edition(make_step(offset="P1 10:00", script="hello", **TOUCH))

    assert str(refusal.value).startswith("steps › A-1 › script: ")
    assert "reason" in str(refusal.value)


def test_the_same_text_again_is_no_new_version() -> None:
    assert make_script().pk == make_script().pk
    assert len(recorded(ScriptChanged.name)) == 1


def test_a_stranger_saves_nothing() -> None:
    script = ScriptDocument.model_validate({"key": "hello", "title": "好", "text": "好"})

    with pytest.raises(Refused):
        publish_script(make_stranger(), script, now=MONDAY)

    assert Script.objects.count() == 0


@pytest.mark.req("SOP-03")
def test_a_new_variable_that_a_running_edition_lacks_is_refused_on_saving() -> None:
    place = make_place(members=1)
    make_script(text="您好，{{ member_name }}")
    make_run(make_step(offset="P1 10:00", script="hello", **TOUCH), community=place)
    with_default = {"offer": {"label": "优惠", "default": "一杯茶"}}

    with pytest.raises(BadDocument) as refusal:
        make_script(text="{{ offer }}", variables={"offer": {"label": "优惠"}})

    assert [str(p.place) for p in refusal.value.problems] == ["scripts › hello › variables › offer"]
    assert "A-1" in str(refusal.value)
    assert ScriptVersion.objects.count() == 1
    make_script(text="送您{{ offer }}", variables=with_default)
    live_and_send(MONDAY, MONDAY + 3 * HOUR, step=HOUR)
    assert list(Rehearsal.objects.values_list("text", flat=True)) == ["送您一杯茶"]
