"""What the clock's moments need: members by when they joined, for the anniversaries of it."""

from tortoise.migrations.migration import Migration as TortoiseMigration

from models.migrating import DialectSQL

SQL = ("""CREATE INDEX "members_joined" ON "members" ("programme_id", "joined_at")""",)


class Migration(TortoiseMigration):
    """Add an index."""

    dependencies = [("models", "0008_benefits")]
    operations = [DialectSQL(sqlite=SQL, postgres=SQL)]
