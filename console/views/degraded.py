"""What is not offered while a system does not answer, in words that say since when. The workflows remain the guard."""

from typing import TYPE_CHECKING

from console.views.ages import clock_words
from console.views.connection_strip import NAMES
from console.views.words import tr

if TYPE_CHECKING:
    from collections.abc import Iterable

    from console.models.connection import Connection

DECIDES = "salesforce"


def provisioning_off(connections: "Iterable[Connection]") -> str:
    """Why nothing can be provisioned now, "" where it can: it takes all three systems.

    Source: product.md, "Conduct".
    """
    down = next((one for one in connections if one.down_since), None)
    if down is None or down.down_since is None:
        return ""
    time = clock_words(down.down_since)[:-3]
    name = NAMES[down.system]
    if down.system == DECIDES:
        return tr("{name} has not answered since {time}; deciding and provisioning wait until it does.", name=name,
                  time=time)  # fmt: skip
    return tr("{name} has not answered since {time}; provisioning waits until it does.", name=name, time=time)


def deciding_off(connections: "Iterable[Connection]") -> bool:
    """Whether nothing can be decided now: Salesforce keeps the decisions."""
    return any(one.system == DECIDES and one.down_since for one in connections)
