"""What the programme does: each event is claimed, loaded, folded and flushed."""
