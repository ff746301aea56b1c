"""One customer and order for each failure code that data can cause, in review and approved where both apply."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from console.sandbox.seed_builder import CUSTOMER_NUMBER_FIELD, Builder, Customer

Order = dict[str, Any]
Scenario = Callable[[Builder, str], Order]
IN_REVIEW, APPROVED = "In Review", "Approved"
_VPN = ("VPN-P", "VPN-ACT")
_SIM = ("SIM-M", "SIM-ACT")
_INTERNET = ("INT-1G", "INT-SET")


def _no_payment_method(builder: Builder, state: str) -> Order:
    return builder.order(builder.customer(card=False), _VPN, state)


def _card_expired(builder: Builder, state: str) -> Order:
    customer = builder.customer(card=False)
    builder.pay_method(customer.client, months=-3)
    return builder.order(customer, _VPN, state)


def paused(builder: Builder) -> Order:
    """An order that an earlier run paused, as the failure list shows it."""
    order = _no_payment_method(builder, APPROVED)
    order |= {
        "Provisioning_Status__c": "Paused",
        "Provisioning_Error_Code__c": "PAY-01",
        "Provisioning_Error__c": "No payment method on file.",
        **builder.shown("awaiting_payment_method"),
    }
    return order


def _payment_declined(builder: Builder, state: str) -> Order:
    customer = builder.customer(card=False)
    builder.pay_method(customer.client, declines=True)
    return builder.order(customer, _VPN, state)


def _payment_risk(builder: Builder, state: str) -> Order:
    return builder.order(builder.customer(), _VPN, state, Payment_Risk__c=True)


def _invoice_overdue(builder: Builder, state: str) -> Order:
    customer = builder.customer()
    builder.invoice(customer, 4980, paid=False, due_in_days=-12)
    return builder.order(customer, _VPN, state)


def _client_missing(builder: Builder, state: str) -> Order:
    customer = builder.customer(portal_row=False)
    customer.account["Whmcs_Client_Id__c"] = None
    return builder.order(customer, _VPN, state)


def _number_missing(builder: Builder, state: str) -> Order:
    customer = builder.customer(portal_row=False)
    customer.account["Customer_Number__c"] = None
    return builder.order(customer, _VPN, state)


def _link_conflict(builder: Builder, state: str) -> Order:
    customer = builder.customer()
    customer.client.customfields[CUSTOMER_NUMBER_FIELD] = "C-0099999"
    return builder.order(customer, _VPN, state)


def _duplicate_login(builder: Builder, state: str) -> Order:
    customer = builder.customer(portal_row=False)
    second = builder.people.person().portal_user_id
    builder.portal_user(customer.person.portal_user_id, customer.person)
    builder.portal_user(second, customer.person, email=f"second.{customer.person.email}")
    builder.link(second, customer.client.id, customer.account["Id"])
    return builder.order(customer, _VPN, state)


def _client_closed(builder: Builder, state: str) -> Order:
    customer = builder.customer()
    customer.client.status = "Closed"
    return builder.order(customer, _VPN, state)


def _no_login(builder: Builder, state: str) -> Order:
    customer = builder.customer(portal_row=False)
    customer.account["Portal_User_Id__c"] = None
    return builder.order(customer, _VPN, state)


def _two_clients(builder: Builder, state: str) -> Order:
    customer, second = builder.customer(portal_row=False), builder.customer(portal_row=False)
    number = customer.client.customfields[CUSTOMER_NUMBER_FIELD]
    second.client.customfields[CUSTOMER_NUMBER_FIELD] = number
    second.account |= {"Whmcs_Client_Id__c": None, "Portal_User_Id__c": None}
    builder.portal_user(customer.person.portal_user_id, customer.person)
    builder.link(customer.person.portal_user_id, second.client.id, customer.account["Id"])
    return builder.order(customer, _VPN, state)


def _withdrawn(builder: Builder, state: str) -> Order:
    return builder.order(builder.customer(), ("INT-OLD", "INT-SET"), state)


def _price_changed(builder: Builder, state: str) -> Order:
    return builder.order(builder.customer(), _VPN, state, prices={"VPN-P": 980})


def _not_mapped(builder: Builder, state: str) -> Order:
    return builder.order(builder.customer(), ("VPN-NEW", "VPN-ACT"), state)


def _fee_missing(builder: Builder, state: str) -> Order:
    return builder.order(builder.customer(), ("SIM-M",), state)


def _region_missing(builder: Builder, state: str) -> Order:
    return builder.order(builder.customer(), _VPN, state, Vpn_Region__c=None)


def _second_internet(builder: Builder, state: str) -> Order:
    customer = builder.customer()
    builder.service(customer, "INT-1G", "Active")
    return builder.order(customer, _INTERNET, state)


def _same_order_twice(builder: Builder, state: str) -> Order:
    customer = builder.customer()
    builder.order(customer, _VPN, IN_REVIEW, hours_ago=5)
    return builder.order(customer, _VPN, state, hours_ago=3)


def _address_changed(builder: Builder, state: str) -> Order:
    elsewhere = {"ShippingStreet": "港町7丁目2番8号 402号室", "Address_Changed__c": True, "Address_Confirmed__c": False}
    return builder.order(builder.customer(), _INTERNET, state, **elsewhere)


def _address_incomplete(builder: Builder, state: str) -> Order:
    return builder.order(builder.customer(), _INTERNET, state, ShippingPostalCode=None)


def _not_covered(builder: Builder, state: str) -> Order:
    customer = builder.customer()
    customer.account["Internet_Eligibility__c"] = "1G"
    return builder.order(customer, ("INT-10G", "INT-SET"), state)


def _mnp(builder: Builder, state: str, *, days_left: int = 12, **changes: Any) -> Order:
    customer = builder.customer()
    return builder.order(customer, _SIM, state, **builder.transfer(customer, days_left=days_left, **changes))


def _transfer_expired(builder: Builder, state: str) -> Order:
    return _mnp(builder, state, days_left=-1)


def _transfer_name(builder: Builder, state: str) -> Order:
    return _mnp(builder, state, Mnp_Donor_Holder_Name__c="原 桜")


def _transfer_number(builder: Builder, state: str) -> Order:
    return _mnp(builder, state, Mnp_Reservation_Number__c="12345")


def _transfer_details(builder: Builder, state: str) -> Order:
    return _mnp(builder, state, Mnp_Holder_Gender__c=None)


def _esim_id(builder: Builder, state: str) -> Order:
    return builder.order(builder.customer(), _SIM, state, Sim_Type__c="eSIM", Esim_Eid__c="8904903200")


def _setup_fails(builder: Builder, state: str) -> Order:
    return builder.order(builder.customer(), ("VPN-RELAY",), state)


def _partly_active(builder: Builder, state: str) -> Order:
    return builder.order(builder.customer(), ("SIM-DATA", "SIM-ACT"), state)


def _request_refused(builder: Builder, state: str) -> Order:
    customer = builder.customer()
    customer.client.defaultgateway = "retired-gateway"
    return builder.order(customer, _VPN, state)


def _already_active(builder: Builder, state: str) -> Order:
    """An earlier run made the billing order and died before it wrote back."""
    customer = builder.customer()
    order = builder.order(customer, _VPN, state)
    billing_order = builder.billing_order(order, customer)
    order |= {"Provisioning_Status__c": "Activating", "Whmcs_Order_Id__c": str(billing_order.id)}
    return order


def _two_billing_orders(builder: Builder, state: str) -> Order:
    customer = builder.customer()
    order = builder.order(customer, _VPN, state)
    builder.billing_order(order, customer)
    builder.billing_order(order, customer)
    return order


def _billing_order_cancelled(builder: Builder, state: str) -> Order:
    customer = builder.customer()
    order = builder.order(customer, _VPN, state)
    builder.billing_order(order, customer, status="Cancelled", service_status="Cancelled")
    return order


def _changed_since(builder: Builder, state: str) -> Order:
    """Edited after its approval: what was signed is not what is there."""
    order = builder.order(builder.customer(), _VPN, state)
    order["Vpn_Region__c"] = "Osaka" if order["Vpn_Region__c"] != "Osaka" else "Tokyo"
    return order


def _transfer_soon(builder: Builder, state: str) -> Order:
    return _mnp(builder, state, days_left=3)


def _card_ends_soon(builder: Builder, state: str) -> Order:
    customer = builder.customer(card=False)
    ends_this_month = (builder.now + timedelta(days=1)).month == builder.now.month
    builder.pay_method(customer.client, months=0 if ends_this_month else 1)
    return builder.order(customer, _VPN, state)


BOTH_STATES: dict[str, Scenario] = {
    "PAY-01": _no_payment_method,
    "PAY-02": _card_expired,
    "PAY-04": _payment_risk,
    "LNK-01": _client_missing,
    "LNK-02": _number_missing,
    "LNK-03": _link_conflict,
    "LNK-04": _duplicate_login,
    "LNK-05": _client_closed,
    "LNK-07": _two_clients,
    "CAT-01": _withdrawn,
    "CAT-02": _price_changed,
    "CAT-03": _not_mapped,
    "DUP-01": _second_internet,
}
"""Found by the review and again, for orders approved before it came up, by provisioning."""

IN_REVIEW_ONLY: dict[str, Scenario] = {
    "PAY-05": _invoice_overdue,
    "LNK-06": _no_login,
    "CAT-04": _fee_missing,
    "CAT-05": _region_missing,
    "DUP-02": _same_order_twice,
    "ADR-01": _address_changed,
    "ADR-02": _address_incomplete,
    "ADR-03": _not_covered,
    "MNP-01": _transfer_expired,
    "MNP-02": _transfer_name,
    "MNP-03": _transfer_number,
    "MNP-04": _transfer_details,
    "SIM-01": _esim_id,
    "MNP-01 soon": _transfer_soon,
    "PAY-02 soon": _card_ends_soon,
}

APPROVED_ONLY: dict[str, Scenario] = {
    "PAY-03": _payment_declined,
    "PRV-03": _setup_fails,
    "PRV-04": _partly_active,
    "PRV-05": _request_refused,
    "PRV-06": _already_active,
    "PRV-07": _two_billing_orders,
    "PRV-08": _billing_order_cancelled,
    "APR-02": _changed_since,
}


def whmcs_only(builder: Builder) -> Customer:
    """A billing account that neither Salesforce nor the Portal knows: somebody to migrate."""
    customer = builder.customer(portal_row=False)
    accounts, contacts = builder.books.salesforce["Account"], builder.books.salesforce["Contact"]
    accounts.remove(customer.account)
    contacts[:] = [contact for contact in contacts if contact["AccountId"] != customer.account["Id"]]
    return customer
