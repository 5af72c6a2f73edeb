"""The format of the Perspective API (Comment Analyzer, v1alpha1), spoken by ``gateway/routes/perspective.py``."""
