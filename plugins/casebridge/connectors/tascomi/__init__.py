"""Idox Cloud (Tascomi): Service Requests and their Contacts."""
