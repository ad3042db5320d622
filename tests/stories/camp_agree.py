"""After the camp: channel record, board, counters, timelines, sheets and daily reports, compared row by row.

Every number is how much two lists differ, and must be 0; `compared_…` says how many rows that was.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.contrib.auth import get_user_model

from chaguan.channels.models import DirectMessage, Message
from chaguan.eventlog.models import LoggedEvent
from chaguan.kernel.actor import Actor
from chaguan.outbox.models import OutboxRow
from chaguan.people.selectors.timeline import timeline
from chaguan.playbooks.engine.catalogue import document_of
from chaguan.playbooks.models import Assignment, Enrolment, Run, Tally
from chaguan.playbooks.selectors.reports import daily_report
from chaguan.playbooks.selectors.runs import run_board

SENT, DONE = "channels.message_sent", "playbooks.assignment_done"
MOST = 500  # entries read of one member's story
DAYS = 40  # days whose reports are read


def differences(run: Run, now: datetime, *, done_by_people: int) -> dict[str, int]:
    """What must be 0. `done_by_people`: lines that the story's people say they have done."""
    house = list(OutboxRow.objects.filter(community_id=run.community_id))
    mine = [row for row in house if row.key.startswith(f"run:{run.pk}/")]
    lines = list(Assignment.objects.filter(run=run))
    boss = Actor.staff(get_user_model().objects.get(username="lin").pk)
    done = sum(line.state == "done" for line in lines)
    return {
        "compared_messages": len(house),
        "compared_lines": len(lines),
        "compared_stories": Enrolment.objects.filter(run=run).count(),
        "channel_record": _wrong_record(house),
        "board": _wrong_board(run, mine, lines),
        "facts_of_messages": _wrong_facts(house),
        "counters": _wrong_counters(run, mine, lines),
        "timelines": _wrong_timelines(boss, run, house),
        "sheets": abs(done - done_by_people),
        "daily_reports": _wrong_reports(boss, run, now, house),
    }


def _wrong_record(rows: Sequence[OutboxRow]) -> int:
    """Messages we call sent that the member pages do not have once, and what they have beyond that."""
    ids = [row.pk for row in rows]
    kept = Counter(Message.objects.filter(outbox_id__in=ids).values_list("outbox_id", flat=True))
    kept += Counter(
        DirectMessage.objects.filter(outbox_id__in=ids).values_list("outbox_id", flat=True)
    )
    delivered = {row.pk for row in rows if row.state == "sent" and row.reason != "by_person"}
    return sum(kept[pk] != (pk in delivered) for pk in ids)


def _wrong_board(run: Run, rows: Sequence[OutboxRow], lines: Sequence[Assignment]) -> int:
    counted = Counter((row.key.split("/")[1], row.state) for row in rows)
    board = run_board(run).lines
    shown = {(line.step.code, s): n for line in board for s, n in line.messages.items()}
    wrong = sum(shown.get(key, 0) != counted[key] for key in {*shown, *counted})
    done = Counter(line.step_id for line in lines if line.state == "done")
    return wrong + sum(line.done_lines != done[line.step.pk] for line in board)


def _wrong_facts(rows: Sequence[OutboxRow]) -> int:
    """One fact for each message that went out, none for any other."""
    facts = Counter(LoggedEvent.objects.filter(name=SENT).values_list("data__outbox_id", flat=True))
    return sum(facts[row.pk] != (row.state == "sent") for row in rows)


def _wrong_counters(run: Run, rows: Sequence[OutboxRow], lines: Sequence[Assignment]) -> int:
    """The tally of each personal step for everybody: as many people as got a line or a message."""
    effects: dict[str, set[str]] = {}
    codes = {step.pk: step.code for step in run.edition.steps.all()}
    keys = [row.key for row in rows]
    for line in lines:
        if line.enrolment_id is not None:
            effects.setdefault(codes[line.step_id], set()).add(line.key)
    for key in keys:
        effects.setdefault(key.split("/")[1], set()).add(key)
    tally = dict(Tally.objects.filter(run=run).values_list("step__code", "due"))
    everybody = {step.id for step in document_of(run.edition_id).steps if step.audience == "person"}
    return sum(
        due != len(effects.get(code, ())) for code, due in tally.items() if code in everybody
    )


def _wrong_timelines(boss: Actor, run: Run, rows: Sequence[OutboxRow]) -> int:
    """Members whose story tells of more or fewer messages and talks than there were; everybody is read."""
    sent = Counter(row.member_id for row in rows if row.state == "sent" and row.member_id)
    done = Assignment.objects.filter(community=run.community_id, state="done", about__isnull=False)
    talks = Counter(done.exclude(done_by="system:sender").values_list("about_id", flat=True))
    wrong = 0
    for member_id in Enrolment.objects.filter(run=run).values_list("member_id", flat=True):
        told = Counter(entry.kind for entry in timeline(boss, member_id, limit=MOST))
        wrong += (told[SENT], told[DONE]) != (sent[member_id], talks[member_id])
    return wrong


def _wrong_reports(boss: Actor, run: Run, now: datetime, rows: Sequence[OutboxRow]) -> int:
    """What all daily reports together tell as done and sent, beside what was."""
    done = sent = 0
    for back in range(DAYS):
        day = now.date() - timedelta(days=back)
        report = daily_report(boss, run.community_id, day, now=now)
        done += len(report.done)
        sent += report.amount("sent")
    kept = Assignment.objects.filter(community=run.community_id, state="done").count()
    return abs(done - kept) + abs(sent - sum(row.state == "sent" for row in rows))
