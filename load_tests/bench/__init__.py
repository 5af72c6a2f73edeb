"""``make bench``: mahlan's services beside the plainest programs that do the same work, in one run on one broker."""
