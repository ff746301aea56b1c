"""Proves that provisioning cannot go wrong twice: crashes, lost answers, rivals and outages, judged by the books."""
