"""How targets are spoken to: SOAP and REST, and what every failure on the way means."""
