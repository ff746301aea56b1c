"""The wire to WHMCS: transport, outcome classes, one method per action, and mapping to our models."""
