"""The command `mahlan`."""
