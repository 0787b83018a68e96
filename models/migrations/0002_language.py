"""What the whole rule language remembers: lots that die of inactivity, standings with dates, uses, traits, percentiles."""
# ruff: noqa: E501 - statements as they were made

from tortoise.migrations.migration import Migration as TortoiseMigration

from models.migrating import DialectSQL

SQLITE = (
    """ALTER TABLE "wallets" ADD COLUMN "active_at" TEXT""",
    """ALTER TABLE "lots" ADD COLUMN "idle" TEXT""",
    """ALTER TABLE "lots" ADD COLUMN "own_end" TEXT""",
    """ALTER TABLE "lots" ADD COLUMN "resting" INTEGER NOT NULL DEFAULT 0 CONSTRAINT "lots_resting_type" CHECK ("resting" IN (0, 1))""",
    """DROP INDEX "lots_open\"""",
    """CREATE INDEX "lots_open" ON "lots" ("programme_id", "member_id", "wallet", "expires_at") WHERE remaining > 0 AND NOT resting""",
    """ALTER TABLE "holds" ADD COLUMN "money" INTEGER""",
    """ALTER TABLE "standings" ADD COLUMN "ends_at" TEXT""",
    """ALTER TABLE "standings" ADD COLUMN "protected_at" TEXT""",
    """ALTER TABLE "standings" ADD COLUMN "promises" TEXT""",
    """ALTER TABLE "standings" ADD COLUMN "rises" TEXT""",
    """ALTER TABLE "standings" ADD COLUMN "review_at" TEXT""",
    """ALTER TABLE "standings" ADD COLUMN "demoted_at" TEXT""",
    """ALTER TABLE "standings" ADD COLUMN "due_at" TEXT""",
    """ALTER TABLE "standing_moves" ADD COLUMN "former" TEXT""",
    """ALTER TABLE "entitlements" ADD COLUMN "money" INTEGER""",
    """ALTER TABLE "entitlements" ADD COLUMN "uses" INTEGER NOT NULL DEFAULT 0 CONSTRAINT "entitlements_uses_at_least_0" CHECK (uses >= 0)""",
    """ALTER TABLE "entitlements" ADD COLUMN "parts" TEXT""",
    """ALTER TABLE "entitlement_moves" ADD COLUMN "part" TEXT""",
    """ALTER TABLE "personal" ADD COLUMN "birth_year" INTEGER""",
    """CREATE INDEX "standings_due" ON "standings" ("programme_id", "due_at", "member_id") WHERE due_at IS NOT NULL""",
    """CREATE INDEX "orders_day" ON "orders" ("programme_id", "member_id", "business_date")""",
    """CREATE TABLE "traits" (
    "programme_id" INTEGER NOT NULL,
    "member_id" INTEGER NOT NULL,
    "id" INTEGER NOT NULL,
    "tags" TEXT NOT NULL,
    "segments" TEXT NOT NULL,
    "attributes" TEXT NOT NULL,
    "consents" TEXT NOT NULL,
    CONSTRAINT "traits_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "traits_member_id_fkey" FOREIGN KEY ("programme_id", "member_id")
        REFERENCES "members" ("programme_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
) STRICT, WITHOUT ROWID""",
    """CREATE TABLE "trait_moves" (
    "programme_id" INTEGER NOT NULL,
    "member_id" INTEGER NOT NULL,
    "id" INTEGER NOT NULL,
    "event_id" INTEGER NOT NULL,
    "position" INTEGER NOT NULL,
    "at" TEXT NOT NULL,
    "instant" TEXT NOT NULL,
    "what" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "before" TEXT NOT NULL,
    "after" TEXT NOT NULL,
    "policy" TEXT,
    "order_id" INTEGER,
    CONSTRAINT "trait_moves_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "trait_moves_event_id_fkey" FOREIGN KEY ("programme_id", "member_id", "event_id")
        REFERENCES "events" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
) STRICT, WITHOUT ROWID""",
    """CREATE TABLE "thresholds" (
    "programme_id" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "at" TEXT NOT NULL,
    "value" INTEGER NOT NULL,
    "members" INTEGER NOT NULL,
    CONSTRAINT "thresholds_pkey" PRIMARY KEY ("programme_id", "name", "position"),
    CONSTRAINT "thresholds_members_at_least_0" CHECK (members >= 0)
) STRICT, WITHOUT ROWID""",
    """CREATE TRIGGER "thresholds_no_change" BEFORE UPDATE ON "thresholds"
BEGIN
    SELECT RAISE(ABORT, 'thresholds_append_only');
END""",
    """CREATE TRIGGER "thresholds_no_delete" BEFORE DELETE ON "thresholds"
BEGIN
    SELECT RAISE(ABORT, 'thresholds_append_only');
END""",
)

POSTGRES = (
    """ALTER TABLE "wallets" ADD COLUMN "active_at" timestamptz""",
    """ALTER TABLE "lots" ADD COLUMN "idle" text""",
    """ALTER TABLE "lots" ADD COLUMN "own_end" timestamptz""",
    """ALTER TABLE "lots" ADD COLUMN "resting" boolean NOT NULL DEFAULT false""",
    """ALTER TABLE "lots" ALTER COLUMN "resting" DROP DEFAULT""",
    """DROP INDEX "lots_open\"""",
    """CREATE INDEX "lots_open" ON "lots" ("programme_id", "member_id", "wallet", "expires_at") WHERE remaining > 0 AND NOT resting""",
    """ALTER TABLE "holds" ADD COLUMN "money" bigint""",
    """ALTER TABLE "standings" ADD COLUMN "ends_at" timestamptz""",
    """ALTER TABLE "standings" ADD COLUMN "protected_at" timestamptz""",
    """ALTER TABLE "standings" ADD COLUMN "promises" text""",
    """ALTER TABLE "standings" ADD COLUMN "rises" text""",
    """ALTER TABLE "standings" ADD COLUMN "review_at" timestamptz""",
    """ALTER TABLE "standings" ADD COLUMN "demoted_at" timestamptz""",
    """ALTER TABLE "standings" ADD COLUMN "due_at" timestamptz""",
    """ALTER TABLE "standing_moves" ADD COLUMN "former" text""",
    """ALTER TABLE "entitlements" ADD COLUMN "money" bigint""",
    """ALTER TABLE "entitlements" ADD COLUMN "uses" bigint NOT NULL DEFAULT 0""",
    """ALTER TABLE "entitlements" ALTER COLUMN "uses" DROP DEFAULT""",
    """ALTER TABLE "entitlements" ADD CONSTRAINT "entitlements_uses_at_least_0" CHECK (uses >= 0)""",
    """ALTER TABLE "entitlements" ADD COLUMN "parts" text""",
    """ALTER TABLE "entitlement_moves" ADD COLUMN "part" text""",
    """ALTER TABLE "personal" ADD COLUMN "birth_year" bigint""",
    """CREATE INDEX "standings_due" ON "standings" ("programme_id", "due_at", "member_id") WHERE due_at IS NOT NULL""",
    """CREATE INDEX "orders_day" ON "orders" ("programme_id", "member_id", "business_date")""",
    """CREATE TABLE "traits" (
    "programme_id" bigint NOT NULL,
    "member_id" bigint NOT NULL,
    "id" bigint NOT NULL,
    "tags" text NOT NULL,
    "segments" text NOT NULL,
    "attributes" text NOT NULL,
    "consents" text NOT NULL,
    CONSTRAINT "traits_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "traits_member_id_fkey" FOREIGN KEY ("programme_id", "member_id")
        REFERENCES "members" ("programme_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
)""",
    """CREATE TABLE "trait_moves" (
    "programme_id" bigint NOT NULL,
    "member_id" bigint NOT NULL,
    "id" bigint NOT NULL,
    "event_id" bigint NOT NULL,
    "position" bigint NOT NULL,
    "at" timestamptz NOT NULL,
    "instant" timestamptz NOT NULL,
    "what" text NOT NULL,
    "name" text NOT NULL,
    "before" text NOT NULL,
    "after" text NOT NULL,
    "policy" text,
    "order_id" bigint,
    CONSTRAINT "trait_moves_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "trait_moves_event_id_fkey" FOREIGN KEY ("programme_id", "member_id", "event_id")
        REFERENCES "events" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
)""",
    """CREATE TABLE "thresholds" (
    "programme_id" bigint NOT NULL,
    "name" text NOT NULL,
    "position" bigint NOT NULL,
    "at" timestamptz NOT NULL,
    "value" bigint NOT NULL,
    "members" bigint NOT NULL,
    CONSTRAINT "thresholds_pkey" PRIMARY KEY ("programme_id", "name", "position"),
    CONSTRAINT "thresholds_members_at_least_0" CHECK (members >= 0)
)""",
    """CREATE TRIGGER "thresholds_no_change" BEFORE UPDATE ON "thresholds" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER "thresholds_no_delete" BEFORE DELETE ON "thresholds" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER "thresholds_no_truncate" BEFORE TRUNCATE ON "thresholds" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
)


class Migration(TortoiseMigration):
    """Add columns, two indexes and three tables; nothing that is there changes."""

    dependencies = [("models", "0001_first")]
    operations = [DialectSQL(sqlite=SQLITE, postgres=POSTGRES)]
