"""Approval processes over REST: list, submit, approve, reject, and the lock while one is pending.

The org has one process, for orders: a supervisor who did not submit decides. It changes no field of the order.
Source: salesforce-api.md 3.5.
"""

from collections.abc import Callable
from typing import Any

from console.sandbox.clock import Clock
from console.sandbox.salesforce_access import Access, permission_set_of
from console.sandbox.salesforce_calls import OK, Answer, Call
from console.sandbox.salesforce_errors import SalesforceError
from console.sandbox.salesforce_ids import long_id
from console.sandbox.salesforce_store import Record, SalesforceStore
from console.sandbox.salesforce_switches import OrgSwitches
from console.sandbox.salesforce_times import wire_datetime

_NAME, _PENDING = "Order_Approval", "Pending"
_DECIDED = {"Approve": "Approved", "Reject": "Rejected"}
_MOST_REQUESTS = 200
_NOT_DONE = {"actorIds": None, "instanceId": None, "instanceStatus": None, "newWorkitemIds": None, "success": False}


class Approvals:
    """Handlers of `process/approvals`."""

    def __init__(self, store: SalesforceStore, clock: Clock, switches: OrgSwitches) -> None:
        """Define the process in `store`, where its people are too; `switches` say how a refusal looks."""
        self._store = store
        self._clock = clock
        self._switches = switches
        if not store.tables["ProcessDefinition"]:
            definition = {"Name": "Order approval", "DeveloperName": _NAME, "TableEnumOrId": "Order", "State": "Active"}
            store.load("ProcessDefinition", [{**definition, "Type": "Approval"}])

    def listed(self, _: Call) -> Answer:
        """GET: the active processes by object."""
        rows = [
            {"id": row["Id"], "name": row["Name"], "object": "Order", "description": None, "sortOrder": 1}
            for row in self._store.tables["ProcessDefinition"].values()
        ]
        return Answer(OK, {"approvals": {"Order": rows}})

    def act(self, call: Call) -> Answer:
        """POST: each request by itself, with a result of its own."""
        requests = call.record_body().get("requests")
        if not isinstance(requests, list) or not all(isinstance(one, dict) for one in requests) or not requests:
            raise SalesforceError("JSON_PARSER_ERROR", "requests must be a list of objects")
        if len(requests) > _MOST_REQUESTS:
            raise SalesforceError("LIMIT_EXCEEDED", f"At most {_MOST_REQUESTS} requests")
        if self._switches.approvals_refused_as == "result":
            results = [self._result(call.access, request) for request in requests]
        else:
            with self._store.transaction():
                results = [self._one(call.access, request) for request in requests]
        # The order of results is not promised, so nobody shall rely on it.
        return Answer(OK, results[::-1])

    def refuse_locked(self, record_id: str, access: Access) -> None:
        """Refuse to change a record whose approval is pending, but for its approver and administrators."""
        pending = self._pending(record_id)
        if pending and access.profile != "System Administrator" and access.user.id != self._item_of(pending)["ActorId"]:
            raise SalesforceError(
                "ENTITY_IS_LOCKED", "the entity is locked for editing; it is part of an approval process"
            )

    def _result(self, access: Access, request: dict[str, Any]) -> dict[str, Any]:
        try:
            with self._store.transaction():
                return self._one(access, request)
        except SalesforceError as error:
            return {**_NOT_DONE, "errors": [error.row_error()], "entityId": request.get("contextId")}

    def _one(self, access: Access, request: dict[str, Any]) -> dict[str, Any]:
        action = str(request.get("actionType", ""))
        context, comments = long_id(str(request.get("contextId", ""))), str(request.get("comments") or "")
        if context is None:
            raise SalesforceError("MALFORMED_ID", f"bad id {request.get('contextId')}")
        if action == "Submit":
            return self._submit(access, context, comments)
        if action in _DECIDED:
            return self._decide(access, context, comments, _DECIDED[action])
        raise SalesforceError("INVALID_INPUT", f"actionType is none of Submit, Approve, Reject: {action}")

    def _submit(self, access: Access, record_id: str, comments: str) -> dict[str, Any]:
        order = self._store.get("Order", record_id)
        if order is None or not access.may("edit", "Order"):
            raise SalesforceError("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "insufficient access on the record")
        if self._pending(record_id):
            raise SalesforceError("ALREADY_IN_PROCESS", "Cannot submit object already in process.")
        approver = next((one for one in self._approvers() if one != access.user.id), None)
        if order["StatusCode"] != "Draft" or approver is None:
            raise SalesforceError("NO_APPLICABLE_PROCESS", "No applicable approval process found.")
        (definition,) = self._store.tables["ProcessDefinition"].values()
        instance = self._put(
            "ProcessInstance",
            access,
            {"ProcessDefinitionId": definition["Id"], "TargetObjectId": record_id, "Status": _PENDING}
            | {"SubmittedById": access.user.id},
        )
        self._step(access, instance, "Started", comments)
        item = self._put("ProcessInstanceWorkitem", access, _item(instance, approver))
        return _told(instance, [approver], [item["Id"]])

    def _decide(self, access: Access, item_id: str, comments: str, status: str) -> dict[str, Any]:
        item = self._store.get("ProcessInstanceWorkitem", item_id)
        if item is None:
            raise SalesforceError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
        if access.user.id != item["ActorId"] and access.profile != "System Administrator":
            raise SalesforceError("INSUFFICIENT_ACCESS", "insufficient access rights on cross-reference id")
        instance = {**self._store.tables["ProcessInstance"][item["ProcessInstanceId"]], "Status": status}
        moment = wire_datetime(self._clock.now())
        self._store.put("ProcessInstance", {**instance, "CompletedDate": moment, "LastActorId": access.user.id})
        self._store.remove("ProcessInstanceWorkitem", item_id)
        self._step(access, instance, status, comments)
        return _told(instance, [], [])

    def _step(self, access: Access, instance: Record, status: str, comments: str) -> None:
        actor = access.user.id
        values = {"ProcessInstanceId": instance["Id"], "StepStatus": status, "Comments": comments or None}
        self._put("ProcessInstanceStep", access, values | {"ActorId": actor, "OriginalActorId": actor})

    def _put(self, sobject: str, access: Access, values: Record) -> Record:
        """Insert a record as its person; inside the transaction that is open."""
        moment, person = wire_datetime(self._clock.now()), access.user.id
        stamps = dict.fromkeys(("CreatedDate", "LastModifiedDate", "SystemModstamp"), moment)
        own = {"Id": self._store.next_id(sobject), "CreatedById": person, "LastModifiedById": person}
        record = {**self._store.schema.objects[sobject].blank(), **stamps, **own, **values}
        self._store.put(sobject, record)
        return record

    def _approvers(self) -> list[str]:
        wanted = permission_set_of("supervisor")
        sets = {row["Id"] for row in self._store.tables["PermissionSet"].values() if row["Name"] == wanted}
        assigned = self._store.tables["PermissionSetAssignment"].values()
        return [row["AssigneeId"] for row in assigned if row["PermissionSetId"] in sets]

    def _pending(self, record_id: str) -> Record | None:
        instances = self._store.tables["ProcessInstance"].values()
        found = (one for one in instances if one["TargetObjectId"] == record_id and one["Status"] == _PENDING)
        return next(found, None)

    def _item_of(self, instance: Record) -> Record:
        items = self._store.tables["ProcessInstanceWorkitem"].values()
        return next(one for one in items if one["ProcessInstanceId"] == instance["Id"])


Lock = Callable[[str, Access], None]


def _item(instance: Record, approver: str) -> Record:
    return {"ProcessInstanceId": instance["Id"], "ActorId": approver, "OriginalActorId": approver}


def _told(instance: Record, actors: list[str], items: list[str]) -> dict[str, Any]:
    return {
        "actorIds": actors,
        "entityId": instance["TargetObjectId"],
        "errors": None,
        "instanceId": instance["Id"],
        "instanceStatus": instance["Status"],
        "newWorkitemIds": items,
        "success": True,
    }
