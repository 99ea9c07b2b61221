"""SOAP as .NET servers speak it: envelopes, faults, UsernameToken, and messages read and written by a WSDL."""
