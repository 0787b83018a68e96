"""A demo programme that lives: people and two years of orders, played through the intake."""
