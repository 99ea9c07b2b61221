"""The inbox on the web: takes what other systems push, authenticates it, stores it, and only then answers."""
