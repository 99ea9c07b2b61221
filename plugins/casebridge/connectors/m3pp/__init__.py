"""Northgate M3PP / Assure: assets, their attributes, and worksheets."""
