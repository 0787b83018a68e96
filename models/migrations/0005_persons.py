"""What is kept of persons: preferences and days to find them by, and each answer to a purpose with its notice."""
# ruff: noqa: E501 - statements as they were made

from tortoise.migrations.migration import Migration as TortoiseMigration

from models.migrating import DialectSQL

SQLITE = (
    """ALTER TABLE "personal" ADD COLUMN "preferences" TEXT""",
    """ALTER TABLE "personal" ADD COLUMN "filled" TEXT""",
    """CREATE TABLE "member_dates" (
    "programme_id" INTEGER NOT NULL,
    "member_id" INTEGER NOT NULL,
    "id" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "month_day" INTEGER,
    CONSTRAINT "member_dates_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "member_dates_programme_id_member_id_kind_key" UNIQUE ("programme_id", "member_id", "kind"),
    CONSTRAINT "member_dates_member_id_fkey" FOREIGN KEY ("programme_id", "member_id")
        REFERENCES "members" ("programme_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
) STRICT, WITHOUT ROWID""",
    """CREATE INDEX "member_dates_day" ON "member_dates" ("programme_id", "kind", "month_day") WHERE month_day IS NOT NULL""",
    """CREATE TABLE "consent_moves" (
    "programme_id" INTEGER NOT NULL,
    "member_id" INTEGER NOT NULL,
    "id" INTEGER NOT NULL,
    "event_id" INTEGER NOT NULL,
    "position" INTEGER NOT NULL,
    "instant" TEXT NOT NULL,
    "purpose" TEXT NOT NULL,
    "channel" TEXT NOT NULL,
    "granted" INTEGER NOT NULL CONSTRAINT "consent_moves_granted_type" CHECK ("granted" IN (0, 1)),
    "notice" TEXT,
    "notice_version" TEXT,
    "subject" TEXT NOT NULL,
    CONSTRAINT "consent_moves_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "consent_moves_event_id_fkey" FOREIGN KEY ("programme_id", "member_id", "event_id")
        REFERENCES "events" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
) STRICT""",
    """CREATE TRIGGER "consent_moves_no_change" BEFORE UPDATE ON "consent_moves"
BEGIN
    SELECT RAISE(ABORT, 'consent_moves_append_only');
END""",
    """CREATE TRIGGER "consent_moves_no_delete" BEFORE DELETE ON "consent_moves"
BEGIN
    SELECT RAISE(ABORT, 'consent_moves_append_only');
END""",
)

POSTGRES = (
    """ALTER TABLE "personal" ADD COLUMN "preferences" text""",
    """ALTER TABLE "personal" ADD COLUMN "filled" text""",
    """CREATE TABLE "member_dates" (
    "programme_id" bigint NOT NULL,
    "member_id" bigint NOT NULL,
    "id" bigint NOT NULL,
    "kind" text NOT NULL,
    "month_day" bigint,
    CONSTRAINT "member_dates_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "member_dates_programme_id_member_id_kind_key" UNIQUE ("programme_id", "member_id", "kind"),
    CONSTRAINT "member_dates_member_id_fkey" FOREIGN KEY ("programme_id", "member_id")
        REFERENCES "members" ("programme_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
)""",
    """CREATE INDEX "member_dates_day" ON "member_dates" ("programme_id", "kind", "month_day") WHERE month_day IS NOT NULL""",
    """CREATE TABLE "consent_moves" (
    "programme_id" bigint NOT NULL,
    "member_id" bigint NOT NULL,
    "id" bigint NOT NULL,
    "event_id" bigint NOT NULL,
    "position" bigint NOT NULL,
    "instant" timestamptz NOT NULL,
    "purpose" text NOT NULL,
    "channel" text NOT NULL,
    "granted" boolean NOT NULL,
    "notice" text,
    "notice_version" text,
    "subject" text NOT NULL,
    CONSTRAINT "consent_moves_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "consent_moves_event_id_fkey" FOREIGN KEY ("programme_id", "member_id", "event_id")
        REFERENCES "events" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
)""",
    """CREATE TRIGGER "consent_moves_no_change" BEFORE UPDATE ON "consent_moves" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER "consent_moves_no_delete" BEFORE DELETE ON "consent_moves" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER "consent_moves_no_truncate" BEFORE TRUNCATE ON "consent_moves" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
)


class Migration(TortoiseMigration):
    """Add two columns and two tables; nothing that is there changes."""

    dependencies = [("models", "0004_members")]
    operations = [DialectSQL(sqlite=SQLITE, postgres=POSTGRES)]
