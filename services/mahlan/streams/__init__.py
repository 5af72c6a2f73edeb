"""Faust as mahlan runs it: the app, its transport, and the watch over both. Used by the normaliser and insights."""
