"""The connector `service_provider`: a ticket system with a REST API of its own, described by configuration."""
