"""What is not offered while a system does not answer, in words that say since when. The workflows remain the guard."""

from typing import TYPE_CHECKING

from console.views.ages import clock_words
from console.views.connection_strip import NAMES
from console.views.words import tr

if TYPE_CHECKING:
    from collections.abc import Iterable

    from console.models.connection import Connection


def provisioning_off(connections: "Iterable[Connection]") -> str:
    """Why nothing can be provisioned now, "" where it can: it takes all three systems.

    Source: product.md, "Conduct".
    """
    down = next((one for one in connections if one.down_since), None)
    if down is None or down.down_since is None:
        return ""
    time = clock_words(down.down_since)[:-3]
    return tr("{name} has not answered since {time}; provisioning waits until it does.", name=NAMES[down.system],
              time=time)  # fmt: skip
