"""The WHMCS actions on contacts, other people of a client. Source: whmcs-api.md 6."""

from collections.abc import Mapping

from console.sandbox.whmcs_call import Answer, Call, Handler, page, wanted
from console.sandbox.whmcs_store import Contact
from console.sandbox.whmcs_tables import find, where

_COLUMNS = (
    *("firstname", "lastname", "companyname", "email", "address1", "address2"),
    *("city", "state", "postcode", "country", "phonenumber"),
)
_MAILS = ("domain", "general", "invoice", "product", "support", "affiliate")
_NOT_FOUND = "Contact ID Not Found"


def get_contacts(call: Call) -> Answer:
    """GetContacts: `userid` is the client; names, address and e-mail match as a whole, not from their start."""
    client = call.params.integer("userid")
    asked = {name: call.params.text(name) for name in _COLUMNS if call.params.given(name)}
    found = [
        contact
        for contact in (where(call.books.contacts, "userid", client) if client else call.books.contacts)
        if all(getattr(contact, name).lower() == text.lower() for name, text in asked.items())
    ]
    paging, shown = page(call, found)
    return {**paging, "contacts": {"contact": [_contact(contact) for contact in shown]}}


def _contact(contact: Contact) -> Answer:
    return {
        "id": contact.id,
        "userid": contact.userid,
        **{name: getattr(contact, name) for name in _COLUMNS if name != "companyname"},
        **{f"{kind}emails": kind in contact.emails for kind in _MAILS},
        "created_at": contact.created_at,
        "updated_at": contact.updated_at,
    }


def add_contact(call: Call) -> Answer:
    """AddContact."""
    client = wanted(find(call.books.clients, call.params.integer("clientid")), "Client ID Not Found")
    contact = Contact(call.server.new_id("contacts"), client.id, created_at=call.server.moment())
    _change(call, contact)
    call.books.contacts.append(contact)
    return {"contactid": contact.id}


def update_contact(call: Call) -> Answer:
    """UpdateContact: what is not sent stays."""
    contact = wanted(find(call.books.contacts, call.params.integer("contactid")), _NOT_FOUND)
    _change(call, contact)
    return {"contactid": contact.id}


def _change(call: Call, contact: Contact) -> None:
    for name in _COLUMNS:
        if call.params.given(name):
            setattr(contact, name, call.params.text(name))
    told = {kind: call.params.flag(f"{kind}emails") for kind in _MAILS if call.params.given(f"{kind}emails")}
    kept = {kind for kind in contact.emails if kind not in told}
    contact.emails = frozenset(kept | {kind for kind, wants in told.items() if wants})
    contact.updated_at = call.server.moment()


def delete_contact(call: Call) -> Answer:
    """DeleteContact."""
    contact = wanted(find(call.books.contacts, call.params.integer("contactid")), _NOT_FOUND)
    call.server.keep_ids("contacts")
    call.books.contacts.remove(contact)
    return {}


ACTIONS: Mapping[str, Handler] = {
    "GetContacts": get_contacts,
    "AddContact": add_contact,
    "UpdateContact": update_contact,
    "DeleteContact": delete_contact,
}
