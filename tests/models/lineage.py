"""The migrations there are, in the order of their numbers."""

from pathlib import Path

FOLDER = Path(__file__).parents[2] / "models" / "migrations"
MIGRATIONS = sorted(file.stem for file in FOLDER.glob("[0-9]*.py"))
