"""What pages are made with: the workflows of the signed-in person, and the parts of the window that all share."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from console.notices import Notices
from console.tasks import Tasks
from console.views.actions import Actions
from console.views.icons import Icons
from console.views.theme import Theme

if TYPE_CHECKING:
    from console.errors import ConsoleError
    from console.models.failure import FailureCatalogue
    from console.models.problem import Problem
    from console.models.staff import StaffMember
    from console.workflows.activity import Activity
    from console.workflows.approve import Deciding
    from console.workflows.audit import AuditWatch
    from console.workflows.bulk import Bulk
    from console.workflows.bulk_preview import BulkPreviews
    from console.workflows.connections import Connections
    from console.workflows.customer_page import CustomerPages
    from console.workflows.doctor import Doctor
    from console.workflows.engine import Engine
    from console.workflows.failures import FailureDesk
    from console.workflows.lookup import Lookup
    from console.workflows.orders import Orders
    from console.workflows.polling import Polling
    from console.workflows.prechecks import Prechecks
    from console.workflows.review import Reviewing
    from console.workflows.settlement import Settlement
    from console.workflows.status_sweep import RegularSweep
    from console.workflows.sync import Sync


@dataclass(frozen=True)
class Desk:
    """What the person at the desk can do. `explain` puts an error into words."""

    me: "StaffMember"
    environment: str
    catalogue: "FailureCatalogue"
    explain: "Callable[[ConsoleError], Problem]"
    lookup: "Lookup"
    customers: "CustomerPages"
    orders: "Orders"
    prechecks: "Prechecks"
    reviewing: "Reviewing"
    deciding: "Deciding"
    engine: "Engine"
    bulk: "Bulk"
    previews: "BulkPreviews"
    failures: "FailureDesk"
    settlement: "Settlement"
    activity: "Activity"
    connections: "Connections"
    polling: "Polling"
    doctor: "Doctor"
    sync: "Sync"
    regular_sweep: "RegularSweep"
    audit: "AuditWatch"


class Navigator(QObject):
    """Where people want to go: `place` with the name of a page, `queue` with a `Queue`, the others with an id."""

    place = Signal(str)
    queue = Signal(object)
    order = Signal(str)
    customer = Signal(str)
    case = Signal(str)


@dataclass(frozen=True)
class Shell:
    """The parts of the window that pages share."""

    theme: Theme
    icons: Icons
    actions: Actions
    navigator: Navigator
    notices: Notices
    tasks: Tasks
    # What must not be cut off: it is finished before the program ends.
    actions_under_way: Tasks
