"""One file per command of `chaguan`; each declares a click command named `command`."""
