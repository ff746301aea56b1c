"""Frozen records that every layer shares: no input or output, no Qt, no rules."""
