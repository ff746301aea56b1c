"""The Portal's own database: the link of the three ids, the directory, the journal, cases and the audit log."""
