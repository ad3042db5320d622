"""The clock of the playbooks: what is due becomes messages and assignments, in sets and exactly once."""
