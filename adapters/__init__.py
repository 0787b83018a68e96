"""How we reach other systems: message channels, shops, CRM."""
