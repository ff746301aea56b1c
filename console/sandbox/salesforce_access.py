"""What a signed-in person may see and do, from the permission sets that we ship. Keeps no records."""

from collections.abc import Callable
from dataclasses import dataclass

from console.sandbox.metadata import ObjectType, PermissionSet, Schema
from console.sandbox.salesforce_fields import FieldType
from console.sandbox.salesforce_switches import OrgSwitches

_PERMISSION_SETS = {
    "support": "Staff_Console_Support",
    "back_office": "Staff_Console_Back_Office",
    "supervisor": "Staff_Console_Supervisor",
    "worker": "Staff_Console_Worker",
}
_NOTHING = PermissionSet("", "", {}, {}, frozenset(), frozenset())

# Objects without rights of their own follow another: object → (the other, verb → the verb asked of it).
_READ_ONLY = {"read": "read"}
_FOLLOWS: dict[str, tuple[str, dict[str, str]]] = {
    "OrderItem": ("Order", {"read": "read", "create": "edit", "edit": "edit", "delete": "edit"}),
    "OrderHistory": ("Order", _READ_ONLY),
    "Pricebook2": ("Product2", _READ_ONLY),
    "PricebookEntry": ("Product2", _READ_ONLY),
}
_OF_RIGHTS = (
    "PermissionSet",
    "PermissionSetAssignment",
    "CustomPermission",
    "SetupEntityAccess",
    "UserRecordAccess",
)
_OPEN_TO_ALL: dict[str, frozenset[str]] = {
    "Task": frozenset({"read", "create", "edit"}),
    "FeedItem": frozenset({"read", "create"}),
    **dict.fromkeys(
        ("User", "Profile", "Organization", "OrderStatus", "EmailMessage"),
        frozenset({"read"}),
    ),
    **dict.fromkeys(_OF_RIGHTS, frozenset({"read"})),
}
_OF_ORDERS = frozenset({"Order", "OrderItem", "OrderHistory", "OrderStatus"})

# What nobody writes over the API, an administrator included.
_NEVER_WRITTEN = frozenset(
    {
        "OrderHistory",
        "OrderStatus",
        "User",
        "Profile",
        "Organization",
        "EmailMessage",
        *_OF_RIGHTS,
    }
)


@dataclass(frozen=True)
class StaffUser:
    """A person or program that signs in. `role` is support, back_office, supervisor, worker or admin."""

    id: str
    name: str
    username: str
    email: str
    role: str
    access_token: str
    language: str = "en_US"


def role_with(permission_set: str) -> str | None:
    """The role that a permission set makes, if it is one of ours."""
    return next((role for role, name in _PERMISSION_SETS.items() if name == permission_set), None)


def permission_set_of(role: str) -> str | None:
    """The name of the permission set of a role; an administrator has none."""
    return _PERMISSION_SETS.get(role)


class Access:
    """The rights of one person."""

    def __init__(self, user: StaffUser, schema: Schema, switches: OrgSwitches | None = None) -> None:
        """Read the rights of the user's role; an administrator may do all that `switches` leave in the org."""
        self.user = user
        self._switches = switches or OrgSwitches()
        self._admin = user.role == "admin"
        self._granted = schema.permission_sets.get(permission_set_of(user.role) or "", _NOTHING)
        everything: frozenset[str] = frozenset().union(
            *(one.custom_permissions for one in schema.permission_sets.values())
        )
        self.profile = "System Administrator" if self._admin else "Standard User"
        self.custom_permissions = everything if self._admin else self._granted.custom_permissions

    def may(self, verb: str, sobject: str) -> bool:
        """Whether the person may `read`, `create`, `edit` or `delete` records of the object."""
        if not self._is_there(sobject) or (verb != "read" and sobject in _NEVER_WRITTEN):
            return False
        if self._admin:
            return True
        if sobject in _OPEN_TO_ALL:
            return verb in _OPEN_TO_ALL[sobject]
        if sobject in _FOLLOWS:
            other, verbs = _FOLLOWS[sobject]
            return verb in verbs and self.may(verbs[verb], other)
        return verb in self._granted.objects.get(sobject, ())

    def has(self, user_permission: str) -> bool:
        """Whether the person has a user permission such as `EditActivatedOrders`."""
        return self._admin or user_permission in self._granted.user_permissions

    def reads(self, described: ObjectType, field: FieldType) -> bool:
        """Whether field-level security shows the field; standard and required ones always show."""
        return self._granted_field(described, field, 0)

    def writes(self, described: ObjectType, field: FieldType) -> bool:
        """Whether field-level security lets the person change the field."""
        return self._granted_field(described, field, 1)

    def visible(self, described: ObjectType) -> Callable[[str], FieldType | None]:
        """Finds fields by name as this person sees the object: hidden ones are not there."""

        def find(name: str) -> FieldType | None:
            field = described.field(name)
            return field if field and self.reads(described, field) else None

        return find

    def _is_there(self, sobject: str) -> bool:
        """Whether the org has the object at all."""
        if sobject in _OF_ORDERS:
            return self._switches.orders_enabled
        return sobject != "FeedItem" or self._switches.chatter_enabled

    def _granted_field(self, described: ObjectType, field: FieldType, right: int) -> bool:
        if not field.nillable and field.type != "boolean":
            return True
        if self._switches.hides(described.name, field.name):
            return False
        if self._admin or not field.custom:
            return True
        return self._granted.fields.get(f"{described.name}.{field.name}", (False, False))[right]
