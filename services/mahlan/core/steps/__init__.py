"""The steps of ``core.normalise``: small pure functions of a text (see ``core.draft.Step``)."""
