"""Family pools: who is in which, by which invitation, and of each member the pool it is in."""

from tortoise.migrations.migration import Migration as TortoiseMigration

from models.migrating import DialectSQL

SQLITE = (
    """ALTER TABLE "members" ADD COLUMN "pool_id" INTEGER""",
    """CREATE TABLE "pool_members" (
    "programme_id" INTEGER NOT NULL,
    "member_id" INTEGER NOT NULL,
    "id" INTEGER NOT NULL,
    "event_id" INTEGER NOT NULL,
    "person_id" INTEGER NOT NULL,
    "role" TEXT NOT NULL,
    "joined_at" TEXT NOT NULL,
    "left_at" TEXT,
    "contributed" INTEGER NOT NULL,
    CONSTRAINT "pool_members_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "pool_members_role_in_owner_member" CHECK (role IN ('owner', 'member')),
    CONSTRAINT "pool_members_contributed_at_least_0" CHECK (contributed >= 0),
    CONSTRAINT "pool_members_event_id_fkey" FOREIGN KEY ("programme_id", "member_id", "event_id")
        REFERENCES "events" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
) STRICT""",
    """CREATE TABLE "pool_invitations" (
    "programme_id" INTEGER NOT NULL,
    "member_id" INTEGER NOT NULL,
    "id" INTEGER NOT NULL,
    "event_id" INTEGER NOT NULL,
    "hash" TEXT NOT NULL,
    "ends_at" TEXT NOT NULL,
    "used_by" INTEGER,
    CONSTRAINT "pool_invitations_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "pool_invitations_event_id_fkey" FOREIGN KEY ("programme_id", "member_id", "event_id")
        REFERENCES "events" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
) STRICT, WITHOUT ROWID""",
)

POSTGRES = (
    """ALTER TABLE "members" ADD COLUMN "pool_id" bigint""",
    """CREATE TABLE "pool_members" (
    "programme_id" bigint NOT NULL,
    "member_id" bigint NOT NULL,
    "id" bigint NOT NULL,
    "event_id" bigint NOT NULL,
    "person_id" bigint NOT NULL,
    "role" text NOT NULL,
    "joined_at" timestamptz NOT NULL,
    "left_at" timestamptz,
    "contributed" bigint NOT NULL,
    CONSTRAINT "pool_members_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "pool_members_role_in_owner_member" CHECK (role IN ('owner', 'member')),
    CONSTRAINT "pool_members_contributed_at_least_0" CHECK (contributed >= 0),
    CONSTRAINT "pool_members_event_id_fkey" FOREIGN KEY ("programme_id", "member_id", "event_id")
        REFERENCES "events" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
)""",
    """CREATE TABLE "pool_invitations" (
    "programme_id" bigint NOT NULL,
    "member_id" bigint NOT NULL,
    "id" bigint NOT NULL,
    "event_id" bigint NOT NULL,
    "hash" text NOT NULL,
    "ends_at" timestamptz NOT NULL,
    "used_by" bigint,
    CONSTRAINT "pool_invitations_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "pool_invitations_event_id_fkey" FOREIGN KEY ("programme_id", "member_id", "event_id")
        REFERENCES "events" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
)""",
)


class Migration(TortoiseMigration):
    """Add two tables and a column; nothing that is there changes."""

    dependencies = [("models", "0005_persons")]
    operations = [DialectSQL(sqlite=SQLITE, postgres=POSTGRES)]
