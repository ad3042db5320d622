"""The demo house: three communities with ninety days of life, made up entirely by us.

`build(now)` fills an empty house through the product's own actions; `python -m chaguan.config.demo` does it
from the command line. Communities carry `settings["demo"]`, and `chaguan check --deploy` refuses them.
"""

from datetime import datetime


def build(now: datetime, *, seed: int = 8, with_health: bool = True) -> bool:
    """Fill the house, once. Returns False when the demo is there already: then nothing changes.

    The same seed and instant give the same house. All times lie before `now` or count from it.
    `with_health`: look at all communities at the end, so that the first page has something to say.
    """
    from chaguan.config.demo.house import build_house

    is_new = build_house(now, seed=seed)
    if is_new and with_health:
        from chaguan.insights.actions.health import update_health
        from chaguan.kernel.actor import Actor

        update_health(Actor.system("demo"), now=now)
    return is_new
