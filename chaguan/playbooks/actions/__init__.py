"""Everything that changes playbooks, runs and assignments. Console, portal and clock all call these."""
