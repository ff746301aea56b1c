"""What each role may do follows the permission sets that we ship."""

import pytest

from console.sandbox.salesforce_access import Access, StaffUser
from tests.sandbox.salesforce_bench import Org, schema, user_id


def access(role: str) -> Access:
    return Access(StaffUser(user_id("support"), role, role, "", role, ""), schema())


@pytest.mark.parametrize(
    ("role", "permissions"),
    [
        ("support", set()),
        ("back_office", {"Console_Provision"}),
        ("supervisor", {"Console_Approve", "Console_Provision", "Console_Settle"}),
        ("worker", {"Console_Provision"}),
        ("admin", {"Console_Approve", "Console_Provision", "Console_Settle"}),
    ],
)
def test_custom_permissions_come_with_the_role(role: str, permissions: set[str]) -> None:
    assert access(role).custom_permissions == permissions


def test_objects_without_rights_of_their_own_follow_another() -> None:
    for verb in ("read", "create", "edit", "delete"):
        assert access("worker").may(verb, "OrderItem")
    assert access("support").may("read", "PricebookEntry")
    assert not access("support").may("edit", "PricebookEntry")
    assert not access("support").may("create", "OrderHistory")


def test_required_fields_need_no_grant() -> None:
    claim = schema().objects["Order_Claim__c"]
    assert access("worker").writes(claim, claim.fields["Holder__c"])
    assert not access("support").writes(claim, claim.fields["Detail__c"])


def test_a_field_without_a_grant_is_not_there() -> None:
    order = schema().objects["Order"]
    assert access("guest").visible(order)("Whmcs_Order_Id__c") is None
    assert access("guest").visible(order)("Status") is order.fields["Status"]


def test_who_has_a_custom_permission_can_be_asked_for() -> None:
    org = Org()

    def granted(role: str) -> int:
        soql = (
            "SELECT Id FROM SetupEntityAccess WHERE SetupEntityType = 'CustomPermission' "
            "AND SetupEntityId IN (SELECT Id FROM CustomPermission WHERE DeveloperName = 'Console_Approve') "
            "AND ParentId IN (SELECT PermissionSetId FROM PermissionSetAssignment "
            f"WHERE AssigneeId = '{user_id(role)}')"
        )
        return len(org.as_(role).query(soql))

    assert (granted("supervisor"), granted("support")) == (1, 0)
