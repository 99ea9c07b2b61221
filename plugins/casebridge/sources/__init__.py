"""Where cases are kept. A source reads a Case and writes changes back; it knows no connector."""
