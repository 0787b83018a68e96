"""Demo programmes that live: people and two years of orders, told from descriptions and played through the intake."""
