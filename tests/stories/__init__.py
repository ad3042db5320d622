"""Stories: programs that live through something long with the real product. Run by hand, not by pytest."""
