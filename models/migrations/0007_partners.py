"""What partners need: keys bound to addresses, transfers found by partner, months settled and what is disputed."""
# ruff: noqa: E501 - statements as they were made

from tortoise.migrations.migration import Migration as TortoiseMigration

from models.migrating import DialectSQL

SQLITE = (
    """ALTER TABLE "api_keys" ADD COLUMN "ranges" TEXT NOT NULL DEFAULT ''""",
    """ALTER TABLE "api_keys" ADD COLUMN "replaces" TEXT""",
    """CREATE INDEX "transfers_partner" ON "transfers" ("programme_id", "partner", "recorded_at") WHERE partner IS NOT NULL""",
    """CREATE TABLE "settlements" (
    "programme_id" INTEGER NOT NULL,
    "partner" TEXT NOT NULL,
    "month" TEXT NOT NULL,
    "starts_at" TEXT NOT NULL,
    "ends_at" TEXT NOT NULL,
    "closed_at" TEXT NOT NULL,
    "currency" TEXT NOT NULL,
    "sums" TEXT NOT NULL,
    "balance" TEXT NOT NULL,
    "owed" INTEGER NOT NULL,
    CONSTRAINT "settlements_pkey" PRIMARY KEY ("programme_id", "partner", "month")
) STRICT""",
    """CREATE TRIGGER "settlements_no_change" BEFORE UPDATE ON "settlements"
BEGIN
    SELECT RAISE(ABORT, 'settlements_append_only');
END""",
    """CREATE TRIGGER "settlements_no_delete" BEFORE DELETE ON "settlements"
BEGIN
    SELECT RAISE(ABORT, 'settlements_append_only');
END""",
    """CREATE TABLE "disputes" (
    "programme_id" INTEGER NOT NULL,
    "id" INTEGER NOT NULL,
    "partner" TEXT NOT NULL,
    "month" TEXT NOT NULL,
    "lines" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "body_hash" TEXT NOT NULL,
    "opened_at" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "answered_at" TEXT,
    "answer" TEXT NOT NULL,
    CONSTRAINT "disputes_pkey" PRIMARY KEY ("programme_id", "id"),
    CONSTRAINT "disputes_programme_id_subject_key_key" UNIQUE ("programme_id", "subject", "key"),
    CONSTRAINT "disputes_state_in_open_adjusted_rejected" CHECK (state IN ('open', 'adjusted', 'rejected'))
) STRICT""",
    """CREATE INDEX "disputes_partner" ON "disputes" ("programme_id", "partner", "id")""",
    """CREATE TABLE "settlement_lines" (
    "programme_id" INTEGER NOT NULL,
    "id" INTEGER NOT NULL,
    "partner" TEXT NOT NULL,
    "recorded_at" TEXT NOT NULL,
    "amount" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "dispute_id" INTEGER,
    "subject" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "body_hash" TEXT NOT NULL,
    CONSTRAINT "settlement_lines_pkey" PRIMARY KEY ("programme_id", "id"),
    CONSTRAINT "settlement_lines_programme_id_subject_key_key" UNIQUE ("programme_id", "subject", "key")
) STRICT""",
    """CREATE INDEX "settlement_lines_partner" ON "settlement_lines" ("programme_id", "partner", "recorded_at")""",
    """CREATE TRIGGER "settlement_lines_no_change" BEFORE UPDATE ON "settlement_lines"
BEGIN
    SELECT RAISE(ABORT, 'settlement_lines_append_only');
END""",
    """CREATE TRIGGER "settlement_lines_no_delete" BEFORE DELETE ON "settlement_lines"
BEGIN
    SELECT RAISE(ABORT, 'settlement_lines_append_only');
END""",
)

POSTGRES = (
    """ALTER TABLE "api_keys" ADD COLUMN "ranges" text NOT NULL DEFAULT ''""",
    """ALTER TABLE "api_keys" ALTER COLUMN "ranges" DROP DEFAULT""",
    """ALTER TABLE "api_keys" ADD COLUMN "replaces" text""",
    """CREATE INDEX "transfers_partner" ON "transfers" ("programme_id", "partner", "recorded_at") WHERE partner IS NOT NULL""",
    """CREATE TABLE "settlements" (
    "programme_id" bigint NOT NULL,
    "partner" text NOT NULL,
    "month" date NOT NULL,
    "starts_at" timestamptz NOT NULL,
    "ends_at" timestamptz NOT NULL,
    "closed_at" timestamptz NOT NULL,
    "currency" text NOT NULL,
    "sums" text NOT NULL,
    "balance" text NOT NULL,
    "owed" bigint NOT NULL,
    CONSTRAINT "settlements_pkey" PRIMARY KEY ("programme_id", "partner", "month")
)""",
    """CREATE TRIGGER "settlements_no_change" BEFORE UPDATE ON "settlements" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER "settlements_no_delete" BEFORE DELETE ON "settlements" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER "settlements_no_truncate" BEFORE TRUNCATE ON "settlements" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TABLE "disputes" (
    "programme_id" bigint NOT NULL,
    "id" bigint NOT NULL,
    "partner" text NOT NULL,
    "month" date NOT NULL,
    "lines" text NOT NULL,
    "reason" text NOT NULL,
    "subject" text NOT NULL,
    "key" text NOT NULL,
    "body_hash" text NOT NULL,
    "opened_at" timestamptz NOT NULL,
    "state" text NOT NULL,
    "answered_at" timestamptz,
    "answer" text NOT NULL,
    CONSTRAINT "disputes_pkey" PRIMARY KEY ("programme_id", "id"),
    CONSTRAINT "disputes_programme_id_subject_key_key" UNIQUE ("programme_id", "subject", "key"),
    CONSTRAINT "disputes_state_in_open_adjusted_rejected" CHECK (state IN ('open', 'adjusted', 'rejected'))
)""",
    """CREATE INDEX "disputes_partner" ON "disputes" ("programme_id", "partner", "id")""",
    """CREATE TABLE "settlement_lines" (
    "programme_id" bigint NOT NULL,
    "id" bigint NOT NULL,
    "partner" text NOT NULL,
    "recorded_at" timestamptz NOT NULL,
    "amount" text NOT NULL,
    "reason" text NOT NULL,
    "dispute_id" bigint,
    "subject" text NOT NULL,
    "key" text NOT NULL,
    "body_hash" text NOT NULL,
    CONSTRAINT "settlement_lines_pkey" PRIMARY KEY ("programme_id", "id"),
    CONSTRAINT "settlement_lines_programme_id_subject_key_key" UNIQUE ("programme_id", "subject", "key")
)""",
    """CREATE INDEX "settlement_lines_partner" ON "settlement_lines" ("programme_id", "partner", "recorded_at")""",
    """CREATE TRIGGER "settlement_lines_no_change" BEFORE UPDATE ON "settlement_lines" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER "settlement_lines_no_delete" BEFORE DELETE ON "settlement_lines" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER "settlement_lines_no_truncate" BEFORE TRUNCATE ON "settlement_lines" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
)


class Migration(TortoiseMigration):
    """Add two columns, an index and three tables; nothing that is there changes."""

    dependencies = [("models", "0006_pools")]
    operations = [DialectSQL(sqlite=SQLITE, postgres=POSTGRES)]
