"""The person at the desk and what that person may do."""

from enum import StrEnum

from console.models.record import Record


class Role(StrEnum):
    """What a permission set of ours makes of a person; a later one includes the earlier ones."""

    SUPPORT = "support"
    BACK_OFFICE = "back_office"
    SUPERVISOR = "supervisor"
    WORKER = "worker"


class Right(StrEnum):
    """What a role may be needed for. Salesforce enforces the first three by custom permissions of the same name."""

    APPROVE = "Console_Approve"
    PROVISION = "Console_Provision"
    SETTLE = "Console_Settle"


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.SUPPORT: frozenset(),
    Role.BACK_OFFICE: frozenset({Right.PROVISION}),
    Role.SUPERVISOR: frozenset({Right.APPROVE, Right.PROVISION, Right.SETTLE}),
    Role.WORKER: frozenset({Right.PROVISION}),
}


class StaffMember(Record):
    """Who is signed in: a Salesforce user and the roles that its permission sets give."""

    user_id: str
    name: str
    username: str
    roles: frozenset[Role]

    def may(self, right: Right) -> bool:
        """Whether one of the roles carries `right`. The buttons only reflect this; Salesforce decides."""
        return any(right in RIGHTS[role] for role in self.roles)
