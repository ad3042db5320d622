"""Why a line was not taken as it stands: fixed English sentences, stored, and translated when shown."""

from django.utils.translation import gettext_noop

NOT_JSON = gettext_noop("The line is not a JSON object.")
NO_TIME = gettext_noop("The time is missing or cannot be read.")
NO_ZONE = gettext_noop("The time has no time zone; write it like 2026-03-01T08:00:00Z.")
NO_DAY = gettext_noop("The line has a clock time, but nothing says on which day.")
NO_PERSON = gettext_noop("The line does not say who it is about.")
NO_KIND = gettext_noop("The kind of the line is unknown.")
NO_HEAD = gettext_noop("The line belongs to no message: no name and time stand above it.")
TOO_EARLY = gettext_noop("The time is before there were chat rooms; the clock was not set.")
TOO_LATE = gettext_noop("The time lies in the future.")
TOO_LONG = gettext_noop("The line is longer than 1 MB.")
TOO_LARGE = gettext_noop("One entry is larger than 8 MB.")
BAD_ENTRY = gettext_noop("The entry is not valid JSON.")
REPAIRED = gettext_noop("Some characters could not be read; they are shown as a question mark.")
BAD_ROW = gettext_noop("The row is not valid CSV.")
NOT_UNDERSTOOD = gettext_noop("The line is in none of the forms that this format knows.")
FOREIGN = gettext_noop("This file in the archive is in another format and was left out.")

# Left out on purpose
OTHER = gettext_noop("Notices of the chat program.")
PRIVATE = gettext_noop("Private conversations are not imported.")
EMPTY = gettext_noop("Rows without any text.")
