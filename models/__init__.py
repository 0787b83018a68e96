"""What the programme remembers: tables, engines and migrations."""
