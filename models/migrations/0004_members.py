"""What accounts are merged, frozen and claimed by: why and since when, and the indexes that find them."""

from tortoise.migrations.migration import Migration as TortoiseMigration

from models.migrating import DialectSQL

SQLITE = (
    """ALTER TABLE "members" ADD COLUMN "frozen_at" TEXT""",
    """ALTER TABLE "members" ADD COLUMN "frozen_for" TEXT""",
    """ALTER TABLE "wallets" ADD COLUMN "frozen_at" TEXT""",
    """ALTER TABLE "wallets" ADD COLUMN "frozen_for" TEXT""",
    """ALTER TABLE "identities" ADD COLUMN "since" TEXT""",
    """ALTER TABLE "order_refs" ADD COLUMN "named" TEXT""",
    """CREATE INDEX "members_merged" ON "members" ("programme_id", "merged_into") WHERE merged_into IS NOT NULL""",
    """CREATE INDEX "identities_member" ON "identities" ("programme_id", "member_id")""",
    """CREATE INDEX "order_refs_named" ON "order_refs" ("programme_id", "named") WHERE named IS NOT NULL""",
)

POSTGRES = (
    """ALTER TABLE "members" ADD COLUMN "frozen_at" timestamptz""",
    """ALTER TABLE "members" ADD COLUMN "frozen_for" text""",
    """ALTER TABLE "wallets" ADD COLUMN "frozen_at" timestamptz""",
    """ALTER TABLE "wallets" ADD COLUMN "frozen_for" text""",
    """ALTER TABLE "identities" ADD COLUMN "since" timestamptz""",
    """ALTER TABLE "order_refs" ADD COLUMN "named" text""",
    """CREATE INDEX "members_merged" ON "members" ("programme_id", "merged_into") WHERE merged_into IS NOT NULL""",
    """CREATE INDEX "identities_member" ON "identities" ("programme_id", "member_id")""",
    """CREATE INDEX "order_refs_named" ON "order_refs" ("programme_id", "named") WHERE named IS NOT NULL""",
)


class Migration(TortoiseMigration):
    """Add columns and indexes; nothing that is there changes."""

    dependencies = [("models", "0003_gatherings")]
    operations = [DialectSQL(sqlite=SQLITE, postgres=POSTGRES)]
