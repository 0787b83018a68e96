"""Who has a seat at a gathering or waits for one, tickets of draws and the draws that are closed, votes in polls."""
# ruff: noqa: E501 - statements as they were made

from tortoise.migrations.migration import Migration as TortoiseMigration

from models.migrating import DialectSQL

SQLITE = (
    """CREATE TABLE "sign_ups" (
    "programme_id" INTEGER NOT NULL,
    "member_id" INTEGER NOT NULL,
    "id" INTEGER NOT NULL,
    "event_id" INTEGER NOT NULL,
    "gathering" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "seats" INTEGER NOT NULL,
    "place" INTEGER NOT NULL,
    "at" TEXT NOT NULL,
    "changed_at" TEXT NOT NULL,
    "points" INTEGER NOT NULL,
    "transfer_id" INTEGER,
    CONSTRAINT "sign_ups_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "sign_ups_state_in_signed_up_waiting_cancelled_attended_missed" CHECK (state IN ('signed_up', 'waiting', 'cancelled', 'attended', 'missed', 'lapsed')),
    CONSTRAINT "sign_ups_seats_above_0" CHECK (seats > 0),
    CONSTRAINT "sign_ups_event_id_fkey" FOREIGN KEY ("programme_id", "member_id", "event_id")
        REFERENCES "events" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
) STRICT""",
    """CREATE INDEX "sign_ups_of" ON "sign_ups" ("programme_id", "member_id", "gathering")""",
    """CREATE INDEX "sign_ups_line" ON "sign_ups" ("programme_id", "gathering", "state", "place")""",
    """CREATE TABLE "tickets" (
    "programme_id" INTEGER NOT NULL,
    "member_id" INTEGER NOT NULL,
    "id" INTEGER NOT NULL,
    "event_id" INTEGER NOT NULL,
    "draw" TEXT NOT NULL,
    "number" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "at" TEXT NOT NULL,
    "day" TEXT NOT NULL,
    "prize" TEXT,
    "entitlement_id" INTEGER,
    "judged_at" TEXT,
    "points" INTEGER NOT NULL,
    "transfer_id" INTEGER,
    "order_id" INTEGER,
    CONSTRAINT "tickets_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "tickets_state_in_open_won_lost_void" CHECK (state IN ('open', 'won', 'lost', 'void')),
    CONSTRAINT "tickets_source_in_free_per_day_points_per_order" CHECK (source IN ('free', 'per_day', 'points', 'per_order')),
    CONSTRAINT "tickets_event_id_fkey" FOREIGN KEY ("programme_id", "member_id", "event_id")
        REFERENCES "events" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
) STRICT""",
    """CREATE INDEX "tickets_of" ON "tickets" ("programme_id", "member_id", "draw")""",
    """CREATE INDEX "tickets_drawn" ON "tickets" ("programme_id", "draw", "state", "member_id")""",
    """CREATE TABLE "draws" (
    "programme_id" INTEGER NOT NULL,
    "draw" TEXT NOT NULL,
    "closed_at" TEXT NOT NULL,
    "seed" TEXT NOT NULL,
    "commitment" TEXT NOT NULL,
    "tickets" INTEGER NOT NULL,
    "winners" TEXT NOT NULL,
    CONSTRAINT "draws_pkey" PRIMARY KEY ("programme_id", "draw"),
    CONSTRAINT "draws_tickets_at_least_0" CHECK (tickets >= 0)
) STRICT""",
    """CREATE TRIGGER "draws_no_change" BEFORE UPDATE ON "draws"
BEGIN
    SELECT RAISE(ABORT, 'draws_append_only');
END""",
    """CREATE TRIGGER "draws_no_delete" BEFORE DELETE ON "draws"
BEGIN
    SELECT RAISE(ABORT, 'draws_append_only');
END""",
    """CREATE TABLE "votes" (
    "programme_id" INTEGER NOT NULL,
    "member_id" INTEGER NOT NULL,
    "id" INTEGER NOT NULL,
    "event_id" INTEGER NOT NULL,
    "poll" TEXT NOT NULL,
    "choices" TEXT NOT NULL,
    "at" TEXT NOT NULL,
    "changed_at" TEXT NOT NULL,
    CONSTRAINT "votes_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "votes_programme_id_member_id_poll_key" UNIQUE ("programme_id", "member_id", "poll"),
    CONSTRAINT "votes_event_id_fkey" FOREIGN KEY ("programme_id", "member_id", "event_id")
        REFERENCES "events" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
) STRICT""",
    """CREATE INDEX "votes_of" ON "votes" ("programme_id", "poll")""",
)

POSTGRES = (
    """CREATE TABLE "sign_ups" (
    "programme_id" bigint NOT NULL,
    "member_id" bigint NOT NULL,
    "id" bigint NOT NULL,
    "event_id" bigint NOT NULL,
    "gathering" text NOT NULL,
    "state" text NOT NULL,
    "seats" bigint NOT NULL,
    "place" bigint NOT NULL,
    "at" timestamptz NOT NULL,
    "changed_at" timestamptz NOT NULL,
    "points" bigint NOT NULL,
    "transfer_id" bigint,
    CONSTRAINT "sign_ups_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "sign_ups_state_in_signed_up_waiting_cancelled_attended_missed" CHECK (state IN ('signed_up', 'waiting', 'cancelled', 'attended', 'missed', 'lapsed')),
    CONSTRAINT "sign_ups_seats_above_0" CHECK (seats > 0),
    CONSTRAINT "sign_ups_event_id_fkey" FOREIGN KEY ("programme_id", "member_id", "event_id")
        REFERENCES "events" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
)""",
    """CREATE INDEX "sign_ups_of" ON "sign_ups" ("programme_id", "member_id", "gathering")""",
    """CREATE INDEX "sign_ups_line" ON "sign_ups" ("programme_id", "gathering", "state", "place")""",
    """CREATE TABLE "tickets" (
    "programme_id" bigint NOT NULL,
    "member_id" bigint NOT NULL,
    "id" bigint NOT NULL,
    "event_id" bigint NOT NULL,
    "draw" text NOT NULL,
    "number" text NOT NULL,
    "source" text NOT NULL,
    "state" text NOT NULL,
    "at" timestamptz NOT NULL,
    "day" date NOT NULL,
    "prize" text,
    "entitlement_id" bigint,
    "judged_at" timestamptz,
    "points" bigint NOT NULL,
    "transfer_id" bigint,
    "order_id" bigint,
    CONSTRAINT "tickets_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "tickets_state_in_open_won_lost_void" CHECK (state IN ('open', 'won', 'lost', 'void')),
    CONSTRAINT "tickets_source_in_free_per_day_points_per_order" CHECK (source IN ('free', 'per_day', 'points', 'per_order')),
    CONSTRAINT "tickets_event_id_fkey" FOREIGN KEY ("programme_id", "member_id", "event_id")
        REFERENCES "events" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
)""",
    """CREATE INDEX "tickets_of" ON "tickets" ("programme_id", "member_id", "draw")""",
    """CREATE INDEX "tickets_drawn" ON "tickets" ("programme_id", "draw", "state", "member_id")""",
    """CREATE TABLE "draws" (
    "programme_id" bigint NOT NULL,
    "draw" text NOT NULL,
    "closed_at" timestamptz NOT NULL,
    "seed" text NOT NULL,
    "commitment" text NOT NULL,
    "tickets" bigint NOT NULL,
    "winners" text NOT NULL,
    CONSTRAINT "draws_pkey" PRIMARY KEY ("programme_id", "draw"),
    CONSTRAINT "draws_tickets_at_least_0" CHECK (tickets >= 0)
)""",
    """CREATE TRIGGER "draws_no_change" BEFORE UPDATE ON "draws" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER "draws_no_delete" BEFORE DELETE ON "draws" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER "draws_no_truncate" BEFORE TRUNCATE ON "draws" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TABLE "votes" (
    "programme_id" bigint NOT NULL,
    "member_id" bigint NOT NULL,
    "id" bigint NOT NULL,
    "event_id" bigint NOT NULL,
    "poll" text NOT NULL,
    "choices" text NOT NULL,
    "at" timestamptz NOT NULL,
    "changed_at" timestamptz NOT NULL,
    CONSTRAINT "votes_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "votes_programme_id_member_id_poll_key" UNIQUE ("programme_id", "member_id", "poll"),
    CONSTRAINT "votes_event_id_fkey" FOREIGN KEY ("programme_id", "member_id", "event_id")
        REFERENCES "events" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
)""",
    """CREATE INDEX "votes_of" ON "votes" ("programme_id", "poll")""",
)


class Migration(TortoiseMigration):
    """Add four tables; nothing that is there changes."""

    dependencies = [("models", "0002_language")]
    operations = [DialectSQL(sqlite=SQLITE, postgres=POSTGRES)]
