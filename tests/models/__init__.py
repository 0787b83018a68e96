"""The database floor, on whichever database this run is on."""
