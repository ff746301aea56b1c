"""How the Salesforce sandbox refuses: one exception that carries what the wire shows. Decides nothing."""

from collections.abc import Iterable
from typing import Any

_STATUS = {
    "INVALID_SESSION_ID": 401,
    "INSUFFICIENT_ACCESS_OR_READONLY": 403,
    "NOT_FOUND": 404,
    "ENTITY_IS_DELETED": 404,
    "METHOD_NOT_ALLOWED": 405,
    "UNSUPPORTED_API_VERSION": 410,
    "PRECONDITION_FAILED": 412,
    "UNSUPPORTED_MEDIA_TYPE": 415,
}


class SalesforceError(Exception):
    """A refusal with `code`, `message`, `fields` and HTTP `status`. Source: salesforce-api.md 2.8."""

    def __init__(self, code: str, message: str, fields: Iterable[str] | None = None, status: int | None = None) -> None:
        """`status` follows from `code` unless given; 400 for most."""
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.fields = None if fields is None else list(fields)
        self.status = status or _STATUS.get(code, 400)

    def body(self) -> list[dict[str, Any]]:
        """The answer's body: a list with one error."""
        error: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.fields is not None:
            error["fields"] = self.fields
        return [error]

    def row_error(self) -> dict[str, Any]:
        """The same inside a collections result, where the code is called `statusCode`."""
        return {"statusCode": self.code, "message": self.message, "fields": self.fields or []}


def no_such_column(field: str, sobject: str) -> SalesforceError:
    """A field that does not exist, or that this user may not see: the two look alike."""
    return SalesforceError("INVALID_FIELD", f"No such column '{field}' on sobject of type {sobject}")


def no_such_resource() -> SalesforceError:
    """A path, record or external id field that does not exist."""
    return SalesforceError("NOT_FOUND", "The requested resource does not exist")
