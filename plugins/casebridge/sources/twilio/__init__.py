"""Twilio Conversations, fetched through their API when a webhook says that one is closed."""
