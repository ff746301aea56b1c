"""What the directory says of one customer, made of what each system's lists tell."""

from console.models.billing import KnownClient
from console.models.customer import Account, LinkFacts, LinkState, Person
from console.models.sync import ListedCustomer
from console.rules.links import judge


def person_of(listed: ListedCustomer) -> Person:
    """The directory's row of a customer. ValueError where there is neither an account nor a client."""
    if listed.account is not None:
        return _with_account(listed.account, listed)
    if listed.client is not None:
        return _billing_only(listed.client)
    raise ValueError("nobody")


def _with_account(account: Account, listed: ListedCustomer) -> Person:
    client = listed.client
    row = next((one for one in listed.links if one.salesforce_account_id == account.id), None)
    return Person(
        portal_user_id=account.portal_user_id or (row.portal_user_id if row else None),
        whmcs_client_id=account.client_id_by(listed.links),
        salesforce_account_id=account.id,
        customer_number=account.customer_number,
        name=account.name,
        reading=account.reading or (_name(client) if client else ""),
        company=client.company if client else "",
        email=account.email or (client.email if client else ""),
        phone=account.phone or (client.phone if client else ""),
        link=judge(_facts(account, listed)).state,
        link_checked_at=client.details_at if client else None,
    )


def _billing_only(client: KnownClient) -> Person:
    return Person(
        portal_user_id=None,
        whmcs_client_id=client.id,
        salesforce_account_id=None,
        customer_number=client.customer_number,
        name=_name(client),
        reading="",
        company=client.company,
        email=client.email,
        phone=client.phone,
        link=LinkState.PARTIAL,
        link_checked_at=client.details_at,
    )


def _name(client: KnownClient) -> str:
    return f"{client.first_name} {client.last_name}".strip()


def _facts(account: Account, listed: ListedCustomer) -> LinkFacts:
    """What is not known yet counts as in order: the customer page and every change look at it live."""
    client, client_id = listed.client, account.client_id_by(listed.links)
    assumed = client_id is not None and not listed.billing_read
    compared = client is not None and client.details_at is not None
    return LinkFacts(
        account_id=account.id,
        account_customer_number=account.customer_number,
        account_whmcs_client_id=account.whmcs_client_id,
        account_portal_user_id=account.portal_user_id,
        accounts_with_customer_number=listed.same_number,
        client_id=client_id,
        client_exists=client is not None or assumed,
        client_open=assumed or (client is not None and client.is_open),
        client_customer_number=client.customer_number if client and compared else account.customer_number,
        portal_user_exists=account.portal_user_id is not None
        or any(row.salesforce_account_id == account.id for row in listed.links),
        rows=listed.links,
    )
