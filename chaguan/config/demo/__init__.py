"""The demo house: three communities with ninety days of life, made up entirely by us.

`build(now)` fills an empty house through the product's own actions; `python -m chaguan.config.demo` does it
from the command line. Communities carry `settings["demo"]`, and `chaguan check --deploy` refuses them.
"""

from datetime import datetime


def build(now: datetime, *, seed: int = 8) -> bool:
    """Fill the house, once. Returns False when the demo is there already: then nothing changes.

    The same seed and instant give the same house. All times lie before `now` or count from it.
    """
    from chaguan.config.demo.house import build_house

    return build_house(now, seed=seed)
