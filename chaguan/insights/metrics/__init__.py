"""One file per metric; docs/howto says how to add one."""
