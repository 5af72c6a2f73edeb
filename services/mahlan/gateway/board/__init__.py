"""The board: a campaign's numbers, fetched from the insights service, for its team and, without details, for all."""
