"""What a benefit's life remembers: reserved by a till, used on an order, brought by a promo code, promised and made."""
# ruff: noqa: E501 - statements as they were made

from tortoise.migrations.migration import Migration as TortoiseMigration

from models.migrating import DialectSQL

INDEXES = (
    """CREATE INDEX "entitlements_reserved" ON "entitlements" ("programme_id", "reserved_until", "member_id") WHERE state = 'reserved'""",
    """CREATE INDEX "entitlements_figures" ON "entitlements" ("programme_id", "benefit", "version", "state")""",
    """CREATE INDEX "entitlement_moves_event" ON "entitlement_moves" ("programme_id", "member_id", "event_id")""",
)

SQLITE = (
    """ALTER TABLE "entitlements" ADD COLUMN "reserved_until" TEXT""",
    """ALTER TABLE "entitlements" ADD COLUMN "used_on" TEXT""",
    """ALTER TABLE "entitlements" ADD COLUMN "promo" TEXT""",
    """ALTER TABLE "entitlements" ADD COLUMN "promised_at" TEXT""",
    """ALTER TABLE "entitlements" ADD COLUMN "fulfilled_at" TEXT""",
    """ALTER TABLE "entitlements" ADD COLUMN "counted_at" TEXT""",
    *INDEXES,
    """CREATE TABLE "code_tries" (
    "programme_id" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "since" TEXT NOT NULL,
    "failed" INTEGER NOT NULL,
    CONSTRAINT "code_tries_pkey" PRIMARY KEY ("programme_id", "name"),
    CONSTRAINT "code_tries_failed_at_least_0" CHECK (failed >= 0)
) STRICT, WITHOUT ROWID""",
)

POSTGRES = (
    """ALTER TABLE "entitlements" ADD COLUMN "reserved_until" timestamptz""",
    """ALTER TABLE "entitlements" ADD COLUMN "used_on" text""",
    """ALTER TABLE "entitlements" ADD COLUMN "promo" text""",
    """ALTER TABLE "entitlements" ADD COLUMN "promised_at" timestamptz""",
    """ALTER TABLE "entitlements" ADD COLUMN "fulfilled_at" timestamptz""",
    """ALTER TABLE "entitlements" ADD COLUMN "counted_at" timestamptz""",
    *INDEXES,
    """CREATE TABLE "code_tries" (
    "programme_id" bigint NOT NULL,
    "name" text NOT NULL,
    "since" timestamptz NOT NULL,
    "failed" bigint NOT NULL,
    CONSTRAINT "code_tries_pkey" PRIMARY KEY ("programme_id", "name"),
    CONSTRAINT "code_tries_failed_at_least_0" CHECK (failed >= 0)
)""",
)


class Migration(TortoiseMigration):
    """Add columns, three indexes and a table; nothing that is there changes."""

    dependencies = [("models", "0007_partners")]
    operations = [DialectSQL(sqlite=SQLITE, postgres=POSTGRES)]
