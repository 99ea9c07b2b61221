"""Chatwoot: conversations, fetched through its API when its webhook says that one is resolved."""
