"""The business rules as pure functions over models. Nothing here reads, writes or knows a clock of its own."""
