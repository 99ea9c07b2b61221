"""Salesforce: cases with their contact, comments and files."""
