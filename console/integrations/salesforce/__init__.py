"""The wire to Salesforce: session, transport, queries and mapping."""
