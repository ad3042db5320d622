"""The ladder of apps (docs/adr/0002): a name may import names on rungs below its own, no others."""

LADDER = (
    ("config",),
    ("console", "portal"),
    ("insights",),
    ("playbooks",),
    ("rewards",),
    ("engagement",),
    ("channels",),
    ("communities",),
    ("people",),
    ("eventlog", "outbox", "jobs", "ui"),
    ("kernel",),
)
RUNG = {app: len(LADDER) - rung for rung, apps in enumerate(LADDER) for app in apps}
FRONT_DOOR = {"actions", "selectors", "events", "errors", "contract", "types", "words"}
FACES = {"console", "portal"}  # they ask policies before they draw a button
OPEN_TO_ALL = {"kernel", "ui"}
KNOWS_EVERY_APP = {"config"}

# Inside an app: a module may import names of its own height and below.
HEIGHT = {
    "urls": 9,
    "views": 8,
    "subscribers": 7,
    "jobs": 7,
    "forms": 6,
    "actions": 5,
    "policies": 4,
    "selectors": 3,
    "models": 2,
    "contract": 2,
    "events": 1,
    "errors": 1,
    "types": 0,
}
