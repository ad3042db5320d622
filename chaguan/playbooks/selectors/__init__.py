"""Questions about playbooks, runs and assignments. Screens start from the scoped ones. Nothing here writes."""
