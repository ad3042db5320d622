"""`python -m chaguan.config.demo`: fill the database with the demo."""

import os
import sys

import django


def main() -> int:
    """Build the demo and say what became of it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chaguan.config.settings")
    django.setup()
    from chaguan.config.demo import build
    from chaguan.kernel.clock import now

    done = build(now())
    print("The demo is ready." if done else "The demo is there already; nothing was changed.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
