"""Whitespace: worksheets for waste and street services."""
