"""What was done, in plain words: the one table from actions of the audit log to what people read."""

from console.models.activity import ActivityEntry
from console.views.words import tr

_ACTIONS = {
    "approved": "approved",
    "rejected": "rejected",
    "provision": "provisioned",
    "pause": "paused",
    "link": "linked the three IDs",
}
_FOR_MACHINES = frozenset({"link", "provision"})


def what(entry: ActivityEntry) -> str:
    """What was done; a pause with its code. An action without words is shown as it is noted."""
    words = tr(_ACTIONS[entry.action]) if entry.action in _ACTIONS else entry.action
    if entry.action == "pause":
        code = entry.detail.partition(":")[0]
        return tr("paused as {code}", code=code)
    return words


def why(entry: ActivityEntry) -> str:
    """The reason or the words that go with it. Some details are for machines only and are not shown."""
    if entry.action == "pause":
        return entry.detail.partition(":")[2].strip()
    return "" if entry.action in _FOR_MACHINES else entry.detail
