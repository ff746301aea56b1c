"""Countries and states from lists, where the org has them."""

from tests.sandbox.salesforce_bench import ACCOUNT, Org, error_of


def test_an_org_with_lists_of_countries_and_states_takes_no_others(org: Org) -> None:
    org.switches.change({"address_picklists": True})
    admin = org.as_("admin")
    assert admin.update("Account", ACCOUNT, BillingState="東京都", BillingCountry="Japan").status_code == 204
    for values in ({"BillingState": "Tokio"}, {"BillingCountry": "Nippon"}):
        answer = admin.update("Account", ACCOUNT, **values)
        assert (error_of(answer), answer.json()[0]["fields"]) == ("FIELD_INTEGRITY_EXCEPTION", list(values))
    assert admin.update("Account", ACCOUNT, BillingState=None).status_code == 204
