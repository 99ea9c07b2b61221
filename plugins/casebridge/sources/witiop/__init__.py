"""WitiOp: conversations, as its callback tells them when they are closed."""
