"""The format of OpenAI's moderations, spoken by ``gateway/routes/moderations.py``."""
