"""Claims as tables, pages and files; every number carries its claim's id."""
