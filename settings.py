"""What may differ from one deployment to the next, from `LOYALTY_…` variables; read at the doors alone."""
