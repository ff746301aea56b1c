"""The standard objects and fields that the sandbox's org has, as far as our trade needs them. Data only.

Source: salesforce-api.md 3.2 to 3.4.
"""

from collections.abc import Callable
from typing import Any

from console.sandbox.salesforce_fields import (
    READ_ONLY,
    FieldType,
    address,
    checkbox,
    lookup,
    moment,
    money,
    picklist,
    required_text,
    text,
)

Described = tuple[str, str, list[FieldType]]

# What the org itself writes while an approval goes on: everybody reads it, nobody writes it.
APPROVALS = ("ProcessDefinition", "ProcessInstance", "ProcessInstanceStep", "ProcessInstanceWorkitem")

# Deleting a parent takes these along; any other reference to a record keeps it from being deleted.
CASCADES = {
    ("Account", "Contact"),
    ("Account", "FeedItem"),
    ("Account", "Task"),
    ("Order", "FeedItem"),
    ("Order", "Task"),
    ("Order", "OrderItem"),
    ("Order", "OrderHistory"),
    ("Order", "ProcessInstance"),
    ("ProcessInstance", "ProcessInstanceStep"),
    ("ProcessInstance", "ProcessInstanceWorkitem"),
}
SEARCHABLE = ("Account", "Contact", "Order", "Product2")


def _account() -> Described:
    fields = [
        required_text("Name"),
        text("AccountNumber", 40),
        picklist("Type", ("Prospect", "Customer", "Partner", "Other")),
        text("Phone", 40, type="phone"),
        text("Website", type="url"),
        text("Description", 32000, type="textarea", filterable=False),
        lookup("ParentId", "Account", "ChildAccounts"),
        lookup("OwnerId", "User"),
        *address("Billing"),
        *address("Shipping"),
    ]
    return "Account", "Accounts", fields


def _contact() -> Described:
    fields = [
        text("Name", 121, **READ_ONLY),
        text("FirstName", 40),
        required_text("LastName", 80),
        lookup("AccountId", "Account", "Contacts"),
        text("Email", 80, type="email", id_lookup=True),
        text("Phone", 40, type="phone"),
        text("MobilePhone", 40, type="phone"),
        moment("Birthdate", "date"),
        lookup("OwnerId", "User"),
        *address("Mailing"),
    ]
    return "Contact", "Contacts", fields


def _order() -> Described:
    fields = [
        FieldType(
            "OrderNumber",
            "Order Number",
            "string",
            length=30,
            id_lookup=True,
            auto_number="{:08d}",
            **READ_ONLY,
        ),
        text("Name", 80),
        # nillable in describe and refused without by the order rules
        lookup("AccountId", "Account", "Orders"),
        lookup("Pricebook2Id", "Pricebook2"),
        moment("EffectiveDate", "date", nillable=False),
        moment("EndDate", "date"),
        picklist("Status", nillable=False, restricted=True),
        picklist("StatusCode", ("Draft", "Activated"), **READ_ONLY),
        picklist("Type"),
        text("OrderReferenceNumber", 80),
        text("PoNumber", 80),
        moment("PoDate", "date"),
        text("Description", 32000, type="textarea", filterable=False),
        lookup("BillToContactId", "Contact"),
        lookup("ShipToContactId", "Contact"),
        *address("Billing"),
        *address("Shipping"),
        money("TotalAmount", default=0.0, **READ_ONLY),
        moment("ActivatedDate", **READ_ONLY),
        lookup("ActivatedById", "User", **READ_ONLY),
        checkbox("IsReductionOrder", **READ_ONLY),
        lookup("OriginalOrderId", "Order"),
        lookup("OwnerId", "User"),
    ]
    return "Order", "Orders", fields


def _order_item() -> Described:
    create_only: dict[str, Any] = {"updateable": False}
    fields = [
        FieldType("OrderItemNumber", "Order Item Number", "string", length=30, auto_number="{:010d}", **READ_ONLY),
        lookup("OrderId", "Order", "OrderItems", nillable=False, **create_only),
        lookup("PricebookEntryId", "PricebookEntry", nillable=False, **create_only),
        lookup("Product2Id", "Product2", "OrderItems", **create_only),
        FieldType("Quantity", "Quantity", "double", precision=18, scale=2, nillable=False),
        money("UnitPrice"),
        money("ListPrice", **READ_ONLY),
        money("TotalPrice", **READ_ONLY),
        moment("ServiceDate", "date"),
        moment("EndDate", "date"),
        text("Description"),
    ]
    return "Order Product", "Order Products", fields


def _order_history() -> Described:
    fields = [
        lookup("OrderId", "Order", "Histories", nillable=False, **READ_ONLY),
        picklist("Field", **READ_ONLY),
        text("DataType", 40, **READ_ONLY),
        text("OldValue", filterable=False, **READ_ONLY),
        text("NewValue", filterable=False, **READ_ONLY),
    ]
    return "Order History", "Order History", fields


def _order_status() -> Described:
    fields = [
        text("ApiName", 80, **READ_ONLY),
        text("MasterLabel", 80, **READ_ONLY),
        FieldType("SortOrder", "Sort Order", "int", **READ_ONLY),
        checkbox("IsDefault", **READ_ONLY),
        picklist("StatusCode", ("Draft", "Activated"), **READ_ONLY),
    ]
    return "Order Status Value", "Order Status Value", fields


def _product() -> Described:
    fields = [
        required_text("Name"),
        text("ProductCode"),
        text("Description", 4000, type="textarea"),
        checkbox("IsActive"),
        picklist("Family"),
    ]
    return "Product", "Products", fields


def _price_book() -> Described:
    fields = [
        required_text("Name"),
        text("Description"),
        checkbox("IsActive"),
        checkbox("IsStandard", **READ_ONLY),
    ]
    return "Price Book", "Price Books", fields


def _price_book_entry() -> Described:
    fields = [
        text("Name", **READ_ONLY),
        lookup("Pricebook2Id", "Pricebook2", "PricebookEntries", nillable=False, updateable=False),
        lookup("Product2Id", "Product2", "PricebookEntries", nillable=False, updateable=False),
        money("UnitPrice", nillable=False),
        checkbox("IsActive"),
        checkbox("IsArchived", **READ_ONLY),
        checkbox("UseStandardPrice"),
        text("ProductCode", **READ_ONLY),
    ]
    return "Price Book Entry", "Price Book Entries", fields


def _user() -> Described:
    fields = [
        required_text("Username", 80, unique=True, id_lookup=True, **READ_ONLY),
        text("Name", 121, **READ_ONLY),
        text("FirstName", 40, **READ_ONLY),
        text("LastName", 80, **READ_ONLY),
        text("Email", 128, type="email", **READ_ONLY),
        text("Alias", 8, **READ_ONLY),
        checkbox("IsActive", default=True, **READ_ONLY),
        lookup("ProfileId", "Profile", "Users", **READ_ONLY),
        # nobody has one in this org, so there is no object behind it
        FieldType("UserRoleId", "Role ID", "reference", length=18, reference_to=("UserRole",), **READ_ONLY),
        picklist("UserType", **READ_ONLY),
        picklist("TimeZoneSidKey", **READ_ONLY),
        picklist("LocaleSidKey", **READ_ONLY),
        picklist("LanguageLocaleKey", **READ_ONLY),
    ]
    return "User", "Users", fields


def _profile() -> Described:
    return "Profile", "Profiles", [text("Name", **READ_ONLY)]


def _permission_set() -> Described:
    return (
        "Permission Set",
        "Permission Sets",
        [
            text("Name", 80, **READ_ONLY),
            text("Label", 80, **READ_ONLY),
            checkbox("IsOwnedByProfile", **READ_ONLY),
            lookup("ProfileId", "Profile", **READ_ONLY),
        ],
    )


def _custom_permission() -> Described:
    fields = [text("DeveloperName", 80, **READ_ONLY), text("MasterLabel", 80, **READ_ONLY)]
    return "Custom Permission", "Custom Permissions", fields


def _setup_entity_access() -> Described:
    fields = [
        lookup("ParentId", "PermissionSet", "SetupEntityAccessItems", nillable=False, **READ_ONLY),
        lookup("SetupEntityId", "CustomPermission", "SetupEntityAccessItems", nillable=False, **READ_ONLY),
        picklist("SetupEntityType", **READ_ONLY),
    ]
    return "Setup Entity Access", "Setup Entity Access", fields


def _user_record_access() -> Described:
    """Has no records: its rows are made for the query that asks."""
    fields = [
        lookup("UserId", "User", **READ_ONLY),
        FieldType("RecordId", "Record ID", "reference", length=18, **READ_ONLY),
        *(checkbox(f"Has{right}Access", **READ_ONLY) for right in ("Read", "Edit", "Delete", "Transfer", "All")),
        picklist("MaxAccessLevel", ("None", "Read", "Edit", "Delete", "Transfer", "All"), **READ_ONLY),
    ]
    return "User Record Access", "User Record Access", fields


def _permission_set_assignment() -> Described:
    fields = [
        lookup("PermissionSetId", "PermissionSet", "Assignments", nillable=False, **READ_ONLY),
        lookup("AssigneeId", "User", "PermissionSetAssignments", nillable=False, **READ_ONLY),
        checkbox("IsActive", default=True, **READ_ONLY),
    ]
    return "Permission Set Assignment", "Permission Set Assignments", fields


def _organization() -> Described:
    fields = [
        text("Name", 80, **READ_ONLY),
        checkbox("IsSandbox", **READ_ONLY),
        text("InstanceName", 5, **READ_ONLY),
        picklist("OrganizationType", **READ_ONLY),
        picklist("TimeZoneSidKey", **READ_ONLY),
        picklist("DefaultLocaleSidKey", **READ_ONLY),
        picklist("LanguageLocaleKey", **READ_ONLY),
    ]
    return "Organization", "Organizations", fields


def _task() -> Described:
    fields = [
        text("Subject"),
        picklist("Status", ("Not Started", "In Progress", "Completed"), nillable=False, default="Not Started"),
        picklist("Priority", ("High", "Normal", "Low"), nillable=False, default="Normal"),
        moment("ActivityDate", "date"),
        # refers to two objects, so a query cannot hop over it
        FieldType(
            "WhatId",
            "Related To ID",
            "reference",
            reference_to=("Account", "Order"),
            child_relationship="Tasks",
        ),
        lookup("WhoId", "Contact", "Tasks"),
        text("Description", 32000, type="textarea", filterable=False),
        lookup("OwnerId", "User"),
    ]
    return "Task", "Tasks", fields


def _feed_item() -> Described:
    fields = [
        FieldType(
            "ParentId",
            "Parent ID",
            "reference",
            nillable=False,
            updateable=False,
            reference_to=("Account", "Order"),
            child_relationship="Feeds",
        ),
        picklist(
            "Type", ("TextPost", "LinkPost"), restricted=True, nillable=False, default="TextPost", updateable=False
        ),
        text("Body", 10_000, type="textarea", nillable=False, filterable=False),
        text("LinkUrl", 1000, type="url", updateable=False),
        text("Title", updateable=False),
    ]
    return "Feed Item", "Feed Items", fields


def _email_message() -> Described:
    fields = [
        text("Subject", 3000, **READ_ONLY),
        text("TextBody", 32000, type="textarea", filterable=False, **READ_ONLY),
        text("FromAddress", type="email", **READ_ONLY),
        text("FromName", **READ_ONLY),
        text("ToAddress", 4000, **READ_ONLY),
        picklist("Status", **READ_ONLY),
        checkbox("Incoming", **READ_ONLY),
        moment("MessageDate", **READ_ONLY),
    ]
    return "Email Message", "Email Messages", fields


def _process_definition() -> Described:
    fields = [
        text("Name", **READ_ONLY),
        text("DeveloperName", 80, **READ_ONLY),
        picklist("Type", **READ_ONLY),
        picklist("TableEnumOrId", **READ_ONLY),
        picklist("State", **READ_ONLY),
    ]
    return "Process Definition", "Process Definitions", fields


def _process_instance() -> Described:
    fields = [
        lookup("ProcessDefinitionId", "ProcessDefinition", "ProcessInstances", **READ_ONLY),
        lookup("TargetObjectId", "Order", "ProcessInstances", **READ_ONLY),
        picklist("Status", **READ_ONLY),
        lookup("SubmittedById", "User", **READ_ONLY),
        lookup("LastActorId", "User", **READ_ONLY),
        moment("CompletedDate", **READ_ONLY),
    ]
    return "Process Instance", "Process Instances", fields


def _process_instance_step() -> Described:
    fields = [
        lookup("ProcessInstanceId", "ProcessInstance", "Steps", **READ_ONLY),
        picklist("StepStatus", **READ_ONLY),
        lookup("ActorId", "User", **READ_ONLY),
        lookup("OriginalActorId", "User", **READ_ONLY),
        text("Comments", 4000, type="textarea", filterable=False, **READ_ONLY),
    ]
    return "Process Instance Step", "Process Instance Steps", fields


def _process_instance_work_item() -> Described:
    fields = [
        lookup("ProcessInstanceId", "ProcessInstance", "Workitems", **READ_ONLY),
        lookup("ActorId", "User", **READ_ONLY),
        lookup("OriginalActorId", "User", **READ_ONLY),
    ]
    return "Approval Request", "Approval Requests", fields


STANDARD_OBJECTS: dict[str, Callable[[], Described]] = {
    "Account": _account,
    "Contact": _contact,
    "User": _user,
    "Organization": _organization,
    "Profile": _profile,
    "Task": _task,
    "Product2": _product,
    "Pricebook2": _price_book,
    "PricebookEntry": _price_book_entry,
    "OrderHistory": _order_history,
    "OrderStatus": _order_status,
    "PermissionSet": _permission_set,
    "PermissionSetAssignment": _permission_set_assignment,
    "CustomPermission": _custom_permission,
    "SetupEntityAccess": _setup_entity_access,
    "UserRecordAccess": _user_record_access,
    "FeedItem": _feed_item,
    "EmailMessage": _email_message,
    "Order": _order,
    "OrderItem": _order_item,
    "ProcessDefinition": _process_definition,
    "ProcessInstance": _process_instance,
    "ProcessInstanceStep": _process_instance_step,
    "ProcessInstanceWorkitem": _process_instance_work_item,
}
