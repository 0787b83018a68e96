"""The first tables."""
# ruff: noqa: E501 - statements as they were made

from tortoise.migrations.migration import Migration as TortoiseMigration

from models.migrating import DialectSQL

SQLITE = (
    """CREATE TABLE sequences (name TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID""",
    """INSERT INTO sequences (name, value) VALUES ('event', 0), ('position', 0)""",
    """CREATE TABLE "api_keys" (
    "id" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "programme" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "scopes" TEXT NOT NULL,
    "shops" TEXT NOT NULL,
    "partner" TEXT,
    "created_at" TEXT NOT NULL,
    "expires_at" TEXT,
    "revoked_at" TEXT,
    CONSTRAINT "api_keys_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "api_keys_hash_key" UNIQUE ("hash")
) STRICT""",
    """CREATE TABLE "audit" (
    "id" INTEGER NOT NULL,
    "programme_id" INTEGER NOT NULL,
    "at" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "target" TEXT NOT NULL,
    "before" TEXT,
    "after" TEXT,
    "note" TEXT NOT NULL,
    "request_id" TEXT,
    "seal" TEXT,
    "previous" TEXT,
    CONSTRAINT "audit_pkey" PRIMARY KEY ("id")
) STRICT""",
    """CREATE INDEX "audit_subject" ON "audit" ("programme_id", "subject", "at")""",
    """CREATE TRIGGER "audit_no_change" BEFORE UPDATE OF "id", "programme_id", "at", "subject", "action", "target", "before", "after", "note", "request_id" ON "audit"
BEGIN
    SELECT RAISE(ABORT, 'audit_append_only');
END""",
    """CREATE TRIGGER "audit_no_delete" BEFORE DELETE ON "audit"
BEGIN
    SELECT RAISE(ABORT, 'audit_append_only');
END""",
    """CREATE TRIGGER "audit_no_twice" BEFORE UPDATE OF "seal", "previous" ON "audit" FOR EACH ROW WHEN (OLD."seal" IS NOT NULL OR OLD."previous" IS NOT NULL)
BEGIN
    SELECT RAISE(ABORT, 'audit_append_only');
END""",
    """CREATE TABLE "claims" (
    "programme_id" INTEGER NOT NULL,
    "subject" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "body_hash" TEXT NOT NULL,
    "member_id" INTEGER NOT NULL,
    "event_id" INTEGER NOT NULL,
    "claimed_at" TEXT NOT NULL,
    CONSTRAINT "claims_pkey" PRIMARY KEY ("programme_id", "subject", "key")
) STRICT, WITHOUT ROWID""",
    """CREATE TABLE "codes" (
    "programme_id" INTEGER NOT NULL,
    "hash" TEXT NOT NULL,
    "member_id" INTEGER NOT NULL,
    "entitlement_id" INTEGER NOT NULL,
    CONSTRAINT "codes_pkey" PRIMARY KEY ("programme_id", "hash")
) STRICT, WITHOUT ROWID""",
    """CREATE TABLE "counters" (
    "programme_id" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "total" INTEGER NOT NULL,
    "left" INTEGER NOT NULL,
    CONSTRAINT "counters_pkey" PRIMARY KEY ("programme_id", "name"),
    CONSTRAINT "counters_left_at_least_0" CHECK ("left" >= 0),
    CONSTRAINT "counters_left_at_most_total" CHECK ("left" <= total)
) STRICT, WITHOUT ROWID""",
    """CREATE TABLE "day_deltas" (
    "programme_id" INTEGER NOT NULL,
    "id" INTEGER NOT NULL,
    "day" TEXT NOT NULL,
    "channel" TEXT NOT NULL,
    "tier" TEXT NOT NULL,
    "orders" INTEGER NOT NULL,
    "spend" INTEGER NOT NULL,
    "refunds" INTEGER NOT NULL,
    "joined" INTEGER NOT NULL,
    "earned" INTEGER NOT NULL,
    "redeemed" INTEGER NOT NULL,
    "expired" INTEGER NOT NULL,
    CONSTRAINT "day_deltas_pkey" PRIMARY KEY ("programme_id", "id")
) STRICT""",
    """CREATE INDEX "day_deltas_day" ON "day_deltas" ("programme_id", "day")""",
    """CREATE TABLE "documents" (
    "programme_id" INTEGER NOT NULL,
    "hash" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    CONSTRAINT "documents_pkey" PRIMARY KEY ("programme_id", "hash")
) STRICT, WITHOUT ROWID""",
    """CREATE TRIGGER "documents_no_change" BEFORE UPDATE ON "documents"
BEGIN
    SELECT RAISE(ABORT, 'documents_append_only');
END""",
    """CREATE TRIGGER "documents_no_delete" BEFORE DELETE ON "documents"
BEGIN
    SELECT RAISE(ABORT, 'documents_append_only');
END""",
    """CREATE TABLE "events" (
    "programme_id" INTEGER NOT NULL,
    "member_id" INTEGER NOT NULL,
    "id" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "shop" TEXT NOT NULL,
    "order_number" TEXT,
    "occurred_at" TEXT NOT NULL,
    "received_at" TEXT NOT NULL,
    "instant" TEXT NOT NULL,
    "position" INTEGER,
    "state" TEXT NOT NULL,
    "revision" INTEGER NOT NULL,
    "caused_by" INTEGER,
    "due_at" TEXT,
    "body" TEXT NOT NULL,
    "receipt" TEXT NOT NULL,
    "outcome" TEXT,
    CONSTRAINT "events_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "events_programme_id_member_id_position_key" UNIQUE ("programme_id", "member_id", "position"),
    CONSTRAINT "events_state_in_accepted_refused_waiting_queued" CHECK (state IN ('accepted', 'refused', 'waiting', 'queued'))
) STRICT""",
    """CREATE INDEX "events_log" ON "events" ("programme_id", "position", "member_id")""",
    """CREATE INDEX "events_open" ON "events" ("programme_id", "state", "due_at") WHERE state IN ('waiting', 'queued')""",
    """CREATE INDEX "events_awaiting" ON "events" ("programme_id", "shop", "order_number") WHERE state = 'waiting'""",
    """CREATE TABLE "identities" (
    "programme_id" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "member_id" INTEGER NOT NULL,
    "event_id" INTEGER NOT NULL,
    CONSTRAINT "identities_pkey" PRIMARY KEY ("programme_id", "kind", "hash")
) STRICT, WITHOUT ROWID""",
    """CREATE TABLE "imports" (
    "programme_id" INTEGER NOT NULL,
    "file_hash" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "started_at" TEXT NOT NULL,
    "heartbeat_at" TEXT NOT NULL,
    "rows_done" INTEGER NOT NULL,
    "accepted" INTEGER NOT NULL,
    "refused" INTEGER NOT NULL,
    "layout" TEXT NOT NULL,
    CONSTRAINT "imports_pkey" PRIMARY KEY ("programme_id", "file_hash", "kind")
) STRICT""",
    """CREATE TABLE "jobs" (
    "programme_id" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "due_at" TEXT NOT NULL,
    "holder" TEXT,
    "lease_until" TEXT,
    "done_at" TEXT,
    "note" TEXT NOT NULL,
    CONSTRAINT "jobs_pkey" PRIMARY KEY ("programme_id", "name")
) STRICT""",
    """CREATE TABLE "members" (
    "programme_id" INTEGER NOT NULL,
    "id" INTEGER NOT NULL,
    "event_id" INTEGER NOT NULL,
    "status" TEXT NOT NULL,
    "joined_at" TEXT NOT NULL,
    "clock" TEXT NOT NULL,
    "locale" TEXT NOT NULL,
    "profile_complete" INTEGER NOT NULL CONSTRAINT "members_profile_complete_type" CHECK ("profile_complete" IN (0, 1)),
    "orders" INTEGER NOT NULL,
    "merged_into" INTEGER,
    CONSTRAINT "members_pkey" PRIMARY KEY ("programme_id", "id"),
    CONSTRAINT "members_id_above_0" CHECK (id > 0)
) STRICT""",
    """CREATE TABLE "order_refs" (
    "programme_id" INTEGER NOT NULL,
    "shop" TEXT NOT NULL,
    "number" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "part" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "member_id" INTEGER,
    "order_id" INTEGER,
    "event_id" INTEGER,
    "body_hash" TEXT NOT NULL,
    CONSTRAINT "order_refs_pkey" PRIMARY KEY ("programme_id", "shop", "number", "kind", "part")
) STRICT""",
    """CREATE TABLE "outbox" (
    "programme_id" INTEGER NOT NULL,
    "member_id" INTEGER NOT NULL,
    "id" INTEGER NOT NULL,
    "event_id" INTEGER NOT NULL,
    "position" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "due_at" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL,
    CONSTRAINT "outbox_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "outbox_state_in_due_sent_given_up" CHECK (state IN ('due', 'sent', 'given_up')),
    CONSTRAINT "outbox_attempts_at_least_0" CHECK (attempts >= 0)
) STRICT""",
    """CREATE INDEX "outbox_due" ON "outbox" ("programme_id", "due_at") WHERE state = 'due'""",
    """CREATE TABLE "pauses" (
    "programme_id" INTEGER NOT NULL,
    "path" TEXT NOT NULL,
    "revision" INTEGER NOT NULL,
    "paused" INTEGER NOT NULL CONSTRAINT "pauses_paused_type" CHECK ("paused" IN (0, 1)),
    "subject" TEXT NOT NULL,
    "at" TEXT NOT NULL,
    "note" TEXT NOT NULL,
    CONSTRAINT "pauses_pkey" PRIMARY KEY ("programme_id", "path", "revision")
) STRICT, WITHOUT ROWID""",
    """CREATE TABLE "programmes" (
    "id" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "revision" INTEGER NOT NULL,
    "created_at" TEXT NOT NULL,
    CONSTRAINT "programmes_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "programmes_name_key" UNIQUE ("name")
) STRICT""",
    """CREATE TABLE "counter_moves" (
    "programme_id" INTEGER NOT NULL,
    "member_id" INTEGER NOT NULL,
    "id" INTEGER NOT NULL,
    "event_id" INTEGER NOT NULL,
    "position" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "amount" INTEGER NOT NULL,
    "read" INTEGER NOT NULL,
    "order_id" INTEGER,
    CONSTRAINT "counter_moves_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "counter_moves_event_id_fkey" FOREIGN KEY ("programme_id", "member_id", "event_id")
        REFERENCES "events" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
) STRICT""",
    """CREATE INDEX "counter_moves_of" ON "counter_moves" ("programme_id", "name")""",
    """CREATE TRIGGER "counter_moves_no_change" BEFORE UPDATE ON "counter_moves"
BEGIN
    SELECT RAISE(ABORT, 'counter_moves_append_only');
END""",
    """CREATE TRIGGER "counter_moves_no_delete" BEFORE DELETE ON "counter_moves"
BEGIN
    SELECT RAISE(ABORT, 'counter_moves_append_only');
END""",
    """CREATE TABLE "decisions" (
    "programme_id" INTEGER NOT NULL,
    "member_id" INTEGER NOT NULL,
    "id" INTEGER NOT NULL,
    "event_id" INTEGER NOT NULL,
    "step" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "at" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "revision" INTEGER NOT NULL,
    "engine" INTEGER NOT NULL,
    "read" TEXT NOT NULL,
    "outcome" TEXT NOT NULL,
    CONSTRAINT "decisions_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "decisions_event_id_fkey" FOREIGN KEY ("programme_id", "member_id", "event_id")
        REFERENCES "events" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
) STRICT""",
    """CREATE INDEX "decisions_event" ON "decisions" ("programme_id", "member_id", "event_id")""",
    """CREATE TABLE "entitlements" (
    "programme_id" INTEGER NOT NULL,
    "member_id" INTEGER NOT NULL,
    "id" INTEGER NOT NULL,
    "event_id" INTEGER NOT NULL,
    "benefit" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "issued_at" TEXT NOT NULL,
    "expires_at" TEXT,
    "used_at" TEXT,
    "value" INTEGER,
    "points" INTEGER NOT NULL,
    "transfer_id" INTEGER,
    "policy" TEXT,
    "version" INTEGER NOT NULL,
    "partner" TEXT,
    "order_id" INTEGER,
    CONSTRAINT "entitlements_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "entitlements_state_in_issued_reserved_used_expired_revoked" CHECK (state IN ('issued', 'reserved', 'used', 'expired', 'revoked')),
    CONSTRAINT "entitlements_points_at_least_0" CHECK (points >= 0),
    CONSTRAINT "entitlements_event_id_fkey" FOREIGN KEY ("programme_id", "member_id", "event_id")
        REFERENCES "events" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
) STRICT""",
    """CREATE INDEX "entitlements_held" ON "entitlements" ("programme_id", "member_id", "state", "expires_at")""",
    """CREATE INDEX "entitlements_partner" ON "entitlements" ("programme_id", "partner", "state") WHERE partner IS NOT NULL""",
    """CREATE INDEX "entitlements_ending" ON "entitlements" ("programme_id", "expires_at", "member_id") WHERE state = 'issued'""",
    """CREATE TABLE "limits" (
    "programme_id" INTEGER NOT NULL,
    "member_id" INTEGER NOT NULL,
    "id" INTEGER NOT NULL,
    "policy" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "period" TEXT NOT NULL,
    "used" INTEGER NOT NULL,
    CONSTRAINT "limits_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "limits_programme_id_member_id_policy_name_period_key" UNIQUE ("programme_id", "member_id", "policy", "name", "period"),
    CONSTRAINT "limits_used_at_least_0" CHECK (used >= 0),
    CONSTRAINT "limits_member_id_fkey" FOREIGN KEY ("programme_id", "member_id")
        REFERENCES "members" ("programme_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
) STRICT, WITHOUT ROWID""",
    """CREATE TABLE "member_days" (
    "programme_id" INTEGER NOT NULL,
    "member_id" INTEGER NOT NULL,
    "id" INTEGER NOT NULL,
    "day" TEXT NOT NULL,
    "orders" INTEGER NOT NULL,
    "spend" INTEGER NOT NULL,
    "points" INTEGER NOT NULL,
    "first_order" INTEGER NOT NULL CONSTRAINT "member_days_first_order_type" CHECK ("first_order" IN (0, 1)),
    "earned" TEXT NOT NULL,
    "events" TEXT NOT NULL,
    CONSTRAINT "member_days_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "member_days_member_id_fkey" FOREIGN KEY ("programme_id", "member_id")
        REFERENCES "members" ("programme_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
) STRICT""",
    """CREATE INDEX "member_days_day" ON "member_days" ("programme_id", "day")""",
    """CREATE TABLE "orders" (
    "programme_id" INTEGER NOT NULL,
    "member_id" INTEGER NOT NULL,
    "id" INTEGER NOT NULL,
    "event_id" INTEGER NOT NULL,
    "shop" TEXT NOT NULL,
    "number" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "occurred_at" TEXT NOT NULL,
    "business_date" TEXT NOT NULL,
    "currency" TEXT NOT NULL,
    "total" INTEGER NOT NULL,
    "paid" INTEGER NOT NULL,
    "discount" INTEGER NOT NULL,
    "tax" INTEGER NOT NULL,
    "shipping" INTEGER NOT NULL,
    "net" INTEGER NOT NULL,
    "returned" INTEGER NOT NULL,
    "returned_unlined" INTEGER NOT NULL,
    "channel" TEXT NOT NULL,
    "store" TEXT NOT NULL,
    "payment" TEXT NOT NULL,
    "coupon" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    CONSTRAINT "orders_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "orders_total_at_least_0" CHECK (total >= 0),
    CONSTRAINT "orders_net_at_least_0" CHECK (net >= 0),
    CONSTRAINT "orders_returned_unlined_at_least_0" CHECK (returned_unlined >= 0),
    CONSTRAINT "orders_returned_unlined_at_most_returned" CHECK (returned_unlined <= returned),
    CONSTRAINT "orders_returned_at_most_net" CHECK (returned <= net),
    CONSTRAINT "orders_event_id_fkey" FOREIGN KEY ("programme_id", "member_id", "event_id")
        REFERENCES "events" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
) STRICT""",
    """CREATE INDEX "orders_number" ON "orders" ("programme_id", "member_id", "shop", "number")""",
    """CREATE TABLE "personal" (
    "programme_id" INTEGER NOT NULL,
    "member_id" INTEGER NOT NULL,
    "id" INTEGER NOT NULL,
    "key" TEXT NOT NULL,
    "sealed" TEXT NOT NULL,
    "birthday_md" INTEGER,
    CONSTRAINT "personal_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "personal_member_id_fkey" FOREIGN KEY ("programme_id", "member_id")
        REFERENCES "members" ("programme_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
) STRICT, WITHOUT ROWID""",
    """CREATE INDEX "personal_birthday" ON "personal" ("programme_id", "birthday_md") WHERE birthday_md IS NOT NULL""",
    """CREATE TABLE "standing_moves" (
    "programme_id" INTEGER NOT NULL,
    "member_id" INTEGER NOT NULL,
    "id" INTEGER NOT NULL,
    "event_id" INTEGER NOT NULL,
    "position" INTEGER NOT NULL,
    "ladder" TEXT NOT NULL,
    "tier_from" TEXT,
    "tier_to" TEXT NOT NULL,
    "at" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "order_id" INTEGER,
    "reverses" INTEGER,
    CONSTRAINT "standing_moves_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "standing_moves_event_id_fkey" FOREIGN KEY ("programme_id", "member_id", "event_id")
        REFERENCES "events" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
) STRICT""",
    """CREATE INDEX "standing_moves_member" ON "standing_moves" ("programme_id", "member_id", "ladder", "position", "id")""",
    """CREATE TRIGGER "standing_moves_no_change" BEFORE UPDATE ON "standing_moves"
BEGIN
    SELECT RAISE(ABORT, 'standing_moves_append_only');
END""",
    """CREATE TRIGGER "standing_moves_no_delete" BEFORE DELETE ON "standing_moves"
BEGIN
    SELECT RAISE(ABORT, 'standing_moves_append_only');
END""",
    """CREATE TABLE "standings" (
    "programme_id" INTEGER NOT NULL,
    "member_id" INTEGER NOT NULL,
    "id" INTEGER NOT NULL,
    "ladder" TEXT NOT NULL,
    "tier" TEXT NOT NULL,
    "rank" INTEGER NOT NULL,
    "since" TEXT NOT NULL,
    "move_id" INTEGER NOT NULL,
    "reviewed_at" TEXT,
    CONSTRAINT "standings_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "standings_programme_id_member_id_ladder_key" UNIQUE ("programme_id", "member_id", "ladder"),
    CONSTRAINT "standings_rank_at_least_0" CHECK (rank >= 0),
    CONSTRAINT "standings_member_id_fkey" FOREIGN KEY ("programme_id", "member_id")
        REFERENCES "members" ("programme_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
) STRICT""",
    """CREATE INDEX "standings_tier" ON "standings" ("programme_id", "ladder", "tier")""",
    """CREATE TABLE "transfers" (
    "programme_id" INTEGER NOT NULL,
    "member_id" INTEGER NOT NULL,
    "id" INTEGER NOT NULL,
    "event_id" INTEGER NOT NULL,
    "position" INTEGER NOT NULL,
    "wallet" TEXT NOT NULL,
    "debit" TEXT NOT NULL,
    "credit" TEXT NOT NULL,
    "amount" INTEGER NOT NULL,
    "effective_at" TEXT NOT NULL,
    "business_date" TEXT NOT NULL,
    "recorded_at" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "policy" TEXT,
    "version" INTEGER NOT NULL,
    "partner" TEXT,
    "order_id" INTEGER,
    "burnt_on" TEXT,
    "lot_id" INTEGER,
    "reverses" INTEGER,
    "note" TEXT,
    CONSTRAINT "transfers_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "transfers_amount_above_0" CHECK (amount > 0),
    CONSTRAINT "transfers_debit_not_credit" CHECK (debit <> credit),
    CONSTRAINT "transfers_event_id_fkey" FOREIGN KEY ("programme_id", "member_id", "event_id")
        REFERENCES "events" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
) STRICT""",
    """CREATE INDEX "transfers_statement" ON "transfers" ("programme_id", "member_id", "wallet", "position", "id")""",
    """CREATE INDEX "transfers_event" ON "transfers" ("programme_id", "member_id", "event_id")""",
    """CREATE INDEX "transfers_order" ON "transfers" ("programme_id", "member_id", "order_id") WHERE order_id IS NOT NULL""",
    """CREATE INDEX "transfers_burnt" ON "transfers" ("programme_id", "member_id", "burnt_on") WHERE burnt_on IS NOT NULL""",
    """CREATE INDEX "transfers_day" ON "transfers" ("programme_id", "business_date", "wallet")""",
    """CREATE TRIGGER "transfers_no_change" BEFORE UPDATE ON "transfers"
BEGIN
    SELECT RAISE(ABORT, 'transfers_append_only');
END""",
    """CREATE TRIGGER "transfers_no_delete" BEFORE DELETE ON "transfers"
BEGIN
    SELECT RAISE(ABORT, 'transfers_append_only');
END""",
    """CREATE TABLE "versions" (
    "programme_id" INTEGER NOT NULL,
    "number" INTEGER NOT NULL,
    "live_from" TEXT NOT NULL,
    "published_at" TEXT NOT NULL,
    "revision" INTEGER NOT NULL,
    "subject" TEXT NOT NULL,
    "note" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    CONSTRAINT "versions_pkey" PRIMARY KEY ("programme_id", "number"),
    CONSTRAINT "versions_programme_id_fkey" FOREIGN KEY ("programme_id")
        REFERENCES "programmes" ("id") ON UPDATE RESTRICT ON DELETE RESTRICT
) STRICT""",
    """CREATE TABLE "wallets" (
    "programme_id" INTEGER NOT NULL,
    "member_id" INTEGER NOT NULL,
    "id" INTEGER NOT NULL,
    "wallet" TEXT NOT NULL,
    "pending" INTEGER NOT NULL,
    "available" INTEGER NOT NULL,
    "held" INTEGER NOT NULL,
    "owed" INTEGER NOT NULL,
    "due_at" TEXT,
    CONSTRAINT "wallets_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "wallets_programme_id_member_id_wallet_key" UNIQUE ("programme_id", "member_id", "wallet"),
    CONSTRAINT "wallets_pending_at_least_0" CHECK (pending >= 0),
    CONSTRAINT "wallets_available_at_least_0" CHECK (available >= 0),
    CONSTRAINT "wallets_held_at_least_0" CHECK (held >= 0),
    CONSTRAINT "wallets_owed_at_least_0" CHECK (owed >= 0),
    CONSTRAINT "wallets_member_id_fkey" FOREIGN KEY ("programme_id", "member_id")
        REFERENCES "members" ("programme_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
) STRICT""",
    """CREATE INDEX "wallets_due" ON "wallets" ("programme_id", "due_at", "member_id") WHERE due_at IS NOT NULL""",
    """CREATE TABLE "entitlement_moves" (
    "programme_id" INTEGER NOT NULL,
    "member_id" INTEGER NOT NULL,
    "id" INTEGER NOT NULL,
    "event_id" INTEGER NOT NULL,
    "position" INTEGER NOT NULL,
    "entitlement_id" INTEGER NOT NULL,
    "state_from" TEXT,
    "state_to" TEXT NOT NULL,
    "at" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    CONSTRAINT "entitlement_moves_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "entitlement_moves_entitlement_id_fkey" FOREIGN KEY ("programme_id", "member_id", "entitlement_id")
        REFERENCES "entitlements" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT,
    CONSTRAINT "entitlement_moves_event_id_fkey" FOREIGN KEY ("programme_id", "member_id", "event_id")
        REFERENCES "events" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
) STRICT""",
    """CREATE INDEX "entitlement_moves_of" ON "entitlement_moves" ("programme_id", "member_id", "entitlement_id")""",
    """CREATE TRIGGER "entitlement_moves_no_change" BEFORE UPDATE ON "entitlement_moves"
BEGIN
    SELECT RAISE(ABORT, 'entitlement_moves_append_only');
END""",
    """CREATE TRIGGER "entitlement_moves_no_delete" BEFORE DELETE ON "entitlement_moves"
BEGIN
    SELECT RAISE(ABORT, 'entitlement_moves_append_only');
END""",
    """CREATE TABLE "holds" (
    "programme_id" INTEGER NOT NULL,
    "member_id" INTEGER NOT NULL,
    "id" INTEGER NOT NULL,
    "event_id" INTEGER NOT NULL,
    "transfer_id" INTEGER NOT NULL,
    "entitlement_id" INTEGER NOT NULL,
    "wallet" TEXT NOT NULL,
    "points" INTEGER NOT NULL,
    "benefit" TEXT NOT NULL,
    "value" INTEGER,
    "policy" TEXT,
    "uses" TEXT NOT NULL,
    "burnt_on" TEXT,
    "state" TEXT NOT NULL,
    "lapses_at" TEXT NOT NULL,
    CONSTRAINT "holds_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "holds_points_above_0" CHECK (points > 0),
    CONSTRAINT "holds_state_in_held_captured_released_lapsed" CHECK (state IN ('held', 'captured', 'released', 'lapsed')),
    CONSTRAINT "holds_transfer_id_fkey" FOREIGN KEY ("programme_id", "member_id", "transfer_id")
        REFERENCES "transfers" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
) STRICT""",
    """CREATE INDEX "holds_open" ON "holds" ("programme_id", "member_id") WHERE state = 'held'""",
    """CREATE TABLE "limit_moves" (
    "programme_id" INTEGER NOT NULL,
    "member_id" INTEGER NOT NULL,
    "id" INTEGER NOT NULL,
    "event_id" INTEGER NOT NULL,
    "position" INTEGER NOT NULL,
    "limit_id" INTEGER NOT NULL,
    "amount" INTEGER NOT NULL,
    "order_id" INTEGER,
    CONSTRAINT "limit_moves_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "limit_moves_limit_id_fkey" FOREIGN KEY ("programme_id", "member_id", "limit_id")
        REFERENCES "limits" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT,
    CONSTRAINT "limit_moves_event_id_fkey" FOREIGN KEY ("programme_id", "member_id", "event_id")
        REFERENCES "events" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
) STRICT""",
    """CREATE INDEX "limit_moves_event" ON "limit_moves" ("programme_id", "member_id", "event_id")""",
    """CREATE TRIGGER "limit_moves_no_change" BEFORE UPDATE ON "limit_moves"
BEGIN
    SELECT RAISE(ABORT, 'limit_moves_append_only');
END""",
    """CREATE TRIGGER "limit_moves_no_delete" BEFORE DELETE ON "limit_moves"
BEGIN
    SELECT RAISE(ABORT, 'limit_moves_append_only');
END""",
    """CREATE TABLE "lots" (
    "programme_id" INTEGER NOT NULL,
    "member_id" INTEGER NOT NULL,
    "id" INTEGER NOT NULL,
    "transfer_id" INTEGER NOT NULL,
    "wallet" TEXT NOT NULL,
    "amount" INTEGER NOT NULL,
    "remaining" INTEGER NOT NULL,
    "held" INTEGER NOT NULL,
    "spent" INTEGER NOT NULL,
    "expired" INTEGER NOT NULL,
    "reversed" INTEGER NOT NULL,
    "claimed" INTEGER NOT NULL,
    "matured" INTEGER NOT NULL CONSTRAINT "lots_matured_type" CHECK ("matured" IN (0, 1)),
    "earned_at" TEXT NOT NULL,
    "available_at" TEXT,
    "expires_at" TEXT,
    "origin_event" INTEGER NOT NULL,
    "origin_policy" TEXT,
    "origin_line" INTEGER,
    "order_id" INTEGER,
    CONSTRAINT "lots_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "lots_amount_above_0" CHECK (amount > 0),
    CONSTRAINT "lots_remaining_at_least_0" CHECK (remaining >= 0),
    CONSTRAINT "lots_spent_at_least_0" CHECK (spent >= 0),
    CONSTRAINT "lots_expired_at_least_0" CHECK (expired >= 0),
    CONSTRAINT "lots_remaining_spent_expired_at_most_amount" CHECK (remaining + spent + expired <= amount),
    CONSTRAINT "lots_held_at_least_0" CHECK (held >= 0),
    CONSTRAINT "lots_held_at_most_remaining" CHECK (held <= remaining),
    CONSTRAINT "lots_reversed_at_least_0" CHECK (reversed >= 0),
    CONSTRAINT "lots_reversed_at_most_amount" CHECK (reversed <= amount),
    CONSTRAINT "lots_claimed_at_least_0" CHECK (claimed >= 0),
    CONSTRAINT "lots_transfer_id_fkey" FOREIGN KEY ("programme_id", "member_id", "transfer_id")
        REFERENCES "transfers" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
) STRICT""",
    """CREATE INDEX "lots_open" ON "lots" ("programme_id", "member_id", "wallet", "expires_at") WHERE remaining > 0""",
    """CREATE INDEX "lots_order" ON "lots" ("programme_id", "member_id", "order_id") WHERE order_id IS NOT NULL""",
    """CREATE TABLE "order_lines" (
    "programme_id" INTEGER NOT NULL,
    "member_id" INTEGER NOT NULL,
    "id" INTEGER NOT NULL,
    "order_id" INTEGER NOT NULL,
    "line" INTEGER NOT NULL,
    "sku" TEXT NOT NULL,
    "brand" TEXT NOT NULL,
    "category" TEXT NOT NULL,
    "tags" TEXT NOT NULL,
    "quantity" INTEGER NOT NULL,
    "amount" INTEGER NOT NULL,
    "returned_quantity" INTEGER NOT NULL,
    "returned_amount" INTEGER NOT NULL,
    CONSTRAINT "order_lines_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "order_lines_quantity_above_0" CHECK (quantity > 0),
    CONSTRAINT "order_lines_amount_at_least_0" CHECK (amount >= 0),
    CONSTRAINT "order_lines_returned_quantity_at_least_0" CHECK (returned_quantity >= 0),
    CONSTRAINT "order_lines_returned_quantity_at_most_quantity" CHECK (returned_quantity <= quantity),
    CONSTRAINT "order_lines_order_id_fkey" FOREIGN KEY ("programme_id", "member_id", "order_id")
        REFERENCES "orders" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
) STRICT""",
    """CREATE INDEX "order_lines_order" ON "order_lines" ("programme_id", "member_id", "order_id")""",
    """CREATE TABLE "returns" (
    "programme_id" INTEGER NOT NULL,
    "member_id" INTEGER NOT NULL,
    "id" INTEGER NOT NULL,
    "order_id" INTEGER NOT NULL,
    "event_id" INTEGER NOT NULL,
    "number" TEXT NOT NULL,
    "occurred_at" TEXT NOT NULL,
    "amount" INTEGER NOT NULL,
    "lines" TEXT NOT NULL,
    CONSTRAINT "returns_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "returns_amount_at_least_0" CHECK (amount >= 0),
    CONSTRAINT "returns_order_id_fkey" FOREIGN KEY ("programme_id", "member_id", "order_id")
        REFERENCES "orders" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
) STRICT""",
    """CREATE INDEX "returns_order" ON "returns" ("programme_id", "member_id", "order_id")""",
    """CREATE TABLE "version_entries" (
    "programme_id" INTEGER NOT NULL,
    "version" INTEGER NOT NULL,
    "path" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    CONSTRAINT "version_entries_pkey" PRIMARY KEY ("programme_id", "version", "path"),
    CONSTRAINT "version_entries_version_fkey" FOREIGN KEY ("programme_id", "version")
        REFERENCES "versions" ("programme_id", "number") ON UPDATE RESTRICT ON DELETE RESTRICT,
    CONSTRAINT "version_entries_hash_fkey" FOREIGN KEY ("programme_id", "hash")
        REFERENCES "documents" ("programme_id", "hash") ON UPDATE RESTRICT ON DELETE RESTRICT
) STRICT, WITHOUT ROWID""",
    """CREATE TRIGGER "version_entries_no_change" BEFORE UPDATE ON "version_entries"
BEGIN
    SELECT RAISE(ABORT, 'version_entries_append_only');
END""",
    """CREATE TRIGGER "version_entries_no_delete" BEFORE DELETE ON "version_entries"
BEGIN
    SELECT RAISE(ABORT, 'version_entries_append_only');
END""",
    """CREATE TABLE "lot_moves" (
    "programme_id" INTEGER NOT NULL,
    "member_id" INTEGER NOT NULL,
    "transfer_id" INTEGER NOT NULL,
    "lot_id" INTEGER NOT NULL,
    "remaining" INTEGER NOT NULL,
    "held" INTEGER NOT NULL,
    CONSTRAINT "lot_moves_pkey" PRIMARY KEY ("programme_id", "member_id", "transfer_id", "lot_id"),
    CONSTRAINT "lot_moves_transfer_id_fkey" FOREIGN KEY ("programme_id", "member_id", "transfer_id")
        REFERENCES "transfers" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT,
    CONSTRAINT "lot_moves_lot_id_fkey" FOREIGN KEY ("programme_id", "member_id", "lot_id")
        REFERENCES "lots" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
) STRICT, WITHOUT ROWID""",
    """CREATE INDEX "lot_moves_lot" ON "lot_moves" ("programme_id", "member_id", "lot_id")""",
    """CREATE TRIGGER "lot_moves_no_change" BEFORE UPDATE ON "lot_moves"
BEGIN
    SELECT RAISE(ABORT, 'lot_moves_append_only');
END""",
    """CREATE TRIGGER "lot_moves_no_delete" BEFORE DELETE ON "lot_moves"
BEGIN
    SELECT RAISE(ABORT, 'lot_moves_append_only');
END""",
)

POSTGRES = (
    """CREATE SEQUENCE event_sequence INCREMENT BY 64 CACHE 1""",
    """CREATE SEQUENCE position_sequence CACHE 1""",
    """CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_TABLE_NAME || '_append_only';
END
$$""",
    """CREATE TABLE "api_keys" (
    "id" text NOT NULL,
    "hash" text NOT NULL,
    "programme" text NOT NULL,
    "subject" text NOT NULL,
    "scopes" text NOT NULL,
    "shops" text NOT NULL,
    "partner" text,
    "created_at" timestamptz NOT NULL,
    "expires_at" timestamptz,
    "revoked_at" timestamptz,
    CONSTRAINT "api_keys_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "api_keys_hash_key" UNIQUE ("hash")
)""",
    """CREATE TABLE "audit" (
    "id" bigint NOT NULL,
    "programme_id" bigint NOT NULL,
    "at" timestamptz NOT NULL,
    "subject" text NOT NULL,
    "action" text NOT NULL,
    "target" text NOT NULL,
    "before" text,
    "after" text,
    "note" text NOT NULL,
    "request_id" text,
    "seal" text,
    "previous" text,
    CONSTRAINT "audit_pkey" PRIMARY KEY ("id")
)""",
    """CREATE INDEX "audit_subject" ON "audit" ("programme_id", "subject", "at")""",
    """CREATE TRIGGER "audit_no_change" BEFORE UPDATE OF "id", "programme_id", "at", "subject", "action", "target", "before", "after", "note", "request_id" ON "audit" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER "audit_no_delete" BEFORE DELETE ON "audit" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER "audit_no_truncate" BEFORE TRUNCATE ON "audit" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER "audit_no_twice" BEFORE UPDATE OF "seal", "previous" ON "audit" FOR EACH ROW WHEN (OLD."seal" IS NOT NULL OR OLD."previous" IS NOT NULL) EXECUTE FUNCTION refuse_change()""",
    """CREATE TABLE "claims" (
    "programme_id" bigint NOT NULL,
    "subject" text NOT NULL,
    "key" text NOT NULL,
    "body_hash" text NOT NULL,
    "member_id" bigint NOT NULL,
    "event_id" bigint NOT NULL,
    "claimed_at" timestamptz NOT NULL,
    CONSTRAINT "claims_pkey" PRIMARY KEY ("programme_id", "subject", "key")
)""",
    """CREATE TABLE "codes" (
    "programme_id" bigint NOT NULL,
    "hash" text NOT NULL,
    "member_id" bigint NOT NULL,
    "entitlement_id" bigint NOT NULL,
    CONSTRAINT "codes_pkey" PRIMARY KEY ("programme_id", "hash")
)""",
    """CREATE TABLE "counters" (
    "programme_id" bigint NOT NULL,
    "name" text NOT NULL,
    "total" bigint NOT NULL,
    "left" bigint NOT NULL,
    CONSTRAINT "counters_pkey" PRIMARY KEY ("programme_id", "name"),
    CONSTRAINT "counters_left_at_least_0" CHECK ("left" >= 0),
    CONSTRAINT "counters_left_at_most_total" CHECK ("left" <= total)
)""",
    """CREATE TABLE "day_deltas" (
    "programme_id" bigint NOT NULL,
    "id" bigint NOT NULL,
    "day" date NOT NULL,
    "channel" text NOT NULL,
    "tier" text NOT NULL,
    "orders" bigint NOT NULL,
    "spend" bigint NOT NULL,
    "refunds" bigint NOT NULL,
    "joined" bigint NOT NULL,
    "earned" bigint NOT NULL,
    "redeemed" bigint NOT NULL,
    "expired" bigint NOT NULL,
    CONSTRAINT "day_deltas_pkey" PRIMARY KEY ("programme_id", "id")
)""",
    """CREATE INDEX "day_deltas_day" ON "day_deltas" ("programme_id", "day")""",
    """CREATE TABLE "documents" (
    "programme_id" bigint NOT NULL,
    "hash" text NOT NULL,
    "text" text NOT NULL,
    CONSTRAINT "documents_pkey" PRIMARY KEY ("programme_id", "hash")
)""",
    """CREATE TRIGGER "documents_no_change" BEFORE UPDATE ON "documents" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER "documents_no_delete" BEFORE DELETE ON "documents" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER "documents_no_truncate" BEFORE TRUNCATE ON "documents" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TABLE "events" (
    "programme_id" bigint NOT NULL,
    "member_id" bigint NOT NULL,
    "id" bigint NOT NULL,
    "kind" text NOT NULL,
    "subject" text NOT NULL,
    "key" text NOT NULL,
    "shop" text NOT NULL,
    "order_number" text,
    "occurred_at" timestamptz NOT NULL,
    "received_at" timestamptz NOT NULL,
    "instant" timestamptz NOT NULL,
    "position" bigint,
    "state" text NOT NULL,
    "revision" bigint NOT NULL,
    "caused_by" bigint,
    "due_at" timestamptz,
    "body" text NOT NULL,
    "receipt" text NOT NULL,
    "outcome" text,
    CONSTRAINT "events_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "events_programme_id_member_id_position_key" UNIQUE ("programme_id", "member_id", "position"),
    CONSTRAINT "events_state_in_accepted_refused_waiting_queued" CHECK (state IN ('accepted', 'refused', 'waiting', 'queued'))
)""",
    """CREATE INDEX "events_log" ON "events" ("programme_id", "position", "member_id")""",
    """CREATE INDEX "events_open" ON "events" ("programme_id", "state", "due_at") WHERE state IN ('waiting', 'queued')""",
    """CREATE INDEX "events_awaiting" ON "events" ("programme_id", "shop", "order_number") WHERE state = 'waiting'""",
    """CREATE TABLE "identities" (
    "programme_id" bigint NOT NULL,
    "kind" text NOT NULL,
    "hash" text NOT NULL,
    "member_id" bigint NOT NULL,
    "event_id" bigint NOT NULL,
    CONSTRAINT "identities_pkey" PRIMARY KEY ("programme_id", "kind", "hash")
)""",
    """CREATE TABLE "imports" (
    "programme_id" bigint NOT NULL,
    "file_hash" text NOT NULL,
    "kind" text NOT NULL,
    "state" text NOT NULL,
    "started_at" timestamptz NOT NULL,
    "heartbeat_at" timestamptz NOT NULL,
    "rows_done" bigint NOT NULL,
    "accepted" bigint NOT NULL,
    "refused" bigint NOT NULL,
    "layout" text NOT NULL,
    CONSTRAINT "imports_pkey" PRIMARY KEY ("programme_id", "file_hash", "kind")
)""",
    """CREATE TABLE "jobs" (
    "programme_id" bigint NOT NULL,
    "name" text NOT NULL,
    "due_at" timestamptz NOT NULL,
    "holder" text,
    "lease_until" timestamptz,
    "done_at" timestamptz,
    "note" text NOT NULL,
    CONSTRAINT "jobs_pkey" PRIMARY KEY ("programme_id", "name")
)""",
    """CREATE TABLE "members" (
    "programme_id" bigint NOT NULL,
    "id" bigint NOT NULL,
    "event_id" bigint NOT NULL,
    "status" text NOT NULL,
    "joined_at" timestamptz NOT NULL,
    "clock" timestamptz NOT NULL,
    "locale" text NOT NULL,
    "profile_complete" boolean NOT NULL,
    "orders" bigint NOT NULL,
    "merged_into" bigint,
    CONSTRAINT "members_pkey" PRIMARY KEY ("programme_id", "id"),
    CONSTRAINT "members_id_above_0" CHECK (id > 0)
)""",
    """CREATE TABLE "order_refs" (
    "programme_id" bigint NOT NULL,
    "shop" text NOT NULL,
    "number" text NOT NULL,
    "kind" text NOT NULL,
    "part" text NOT NULL,
    "state" text NOT NULL,
    "member_id" bigint,
    "order_id" bigint,
    "event_id" bigint,
    "body_hash" text NOT NULL,
    CONSTRAINT "order_refs_pkey" PRIMARY KEY ("programme_id", "shop", "number", "kind", "part")
)""",
    """CREATE TABLE "outbox" (
    "programme_id" bigint NOT NULL,
    "member_id" bigint NOT NULL,
    "id" bigint NOT NULL,
    "event_id" bigint NOT NULL,
    "position" bigint NOT NULL,
    "kind" text NOT NULL,
    "body" text NOT NULL,
    "due_at" timestamptz NOT NULL,
    "state" text NOT NULL,
    "attempts" bigint NOT NULL,
    CONSTRAINT "outbox_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "outbox_state_in_due_sent_given_up" CHECK (state IN ('due', 'sent', 'given_up')),
    CONSTRAINT "outbox_attempts_at_least_0" CHECK (attempts >= 0)
)""",
    """CREATE INDEX "outbox_due" ON "outbox" ("programme_id", "due_at") WHERE state = 'due'""",
    """CREATE TABLE "pauses" (
    "programme_id" bigint NOT NULL,
    "path" text NOT NULL,
    "revision" bigint NOT NULL,
    "paused" boolean NOT NULL,
    "subject" text NOT NULL,
    "at" timestamptz NOT NULL,
    "note" text NOT NULL,
    CONSTRAINT "pauses_pkey" PRIMARY KEY ("programme_id", "path", "revision")
)""",
    """CREATE TABLE "programmes" (
    "id" bigint NOT NULL,
    "name" text NOT NULL,
    "revision" bigint NOT NULL,
    "created_at" timestamptz NOT NULL,
    CONSTRAINT "programmes_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "programmes_name_key" UNIQUE ("name")
)""",
    """CREATE TABLE "counter_moves" (
    "programme_id" bigint NOT NULL,
    "member_id" bigint NOT NULL,
    "id" bigint NOT NULL,
    "event_id" bigint NOT NULL,
    "position" bigint NOT NULL,
    "name" text NOT NULL,
    "amount" bigint NOT NULL,
    "read" bigint NOT NULL,
    "order_id" bigint,
    CONSTRAINT "counter_moves_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "counter_moves_event_id_fkey" FOREIGN KEY ("programme_id", "member_id", "event_id")
        REFERENCES "events" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
)""",
    """CREATE INDEX "counter_moves_of" ON "counter_moves" ("programme_id", "name")""",
    """CREATE TRIGGER "counter_moves_no_change" BEFORE UPDATE ON "counter_moves" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER "counter_moves_no_delete" BEFORE DELETE ON "counter_moves" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER "counter_moves_no_truncate" BEFORE TRUNCATE ON "counter_moves" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TABLE "decisions" (
    "programme_id" bigint NOT NULL,
    "member_id" bigint NOT NULL,
    "id" bigint NOT NULL,
    "event_id" bigint NOT NULL,
    "step" bigint NOT NULL,
    "kind" text NOT NULL,
    "at" timestamptz NOT NULL,
    "version" bigint NOT NULL,
    "revision" bigint NOT NULL,
    "engine" bigint NOT NULL,
    "read" text NOT NULL,
    "outcome" text NOT NULL,
    CONSTRAINT "decisions_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "decisions_event_id_fkey" FOREIGN KEY ("programme_id", "member_id", "event_id")
        REFERENCES "events" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
)""",
    """CREATE INDEX "decisions_event" ON "decisions" ("programme_id", "member_id", "event_id")""",
    """CREATE TABLE "entitlements" (
    "programme_id" bigint NOT NULL,
    "member_id" bigint NOT NULL,
    "id" bigint NOT NULL,
    "event_id" bigint NOT NULL,
    "benefit" text NOT NULL,
    "state" text NOT NULL,
    "issued_at" timestamptz NOT NULL,
    "expires_at" timestamptz,
    "used_at" timestamptz,
    "value" bigint,
    "points" bigint NOT NULL,
    "transfer_id" bigint,
    "policy" text,
    "version" bigint NOT NULL,
    "partner" text,
    "order_id" bigint,
    CONSTRAINT "entitlements_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "entitlements_state_in_issued_reserved_used_expired_revoked" CHECK (state IN ('issued', 'reserved', 'used', 'expired', 'revoked')),
    CONSTRAINT "entitlements_points_at_least_0" CHECK (points >= 0),
    CONSTRAINT "entitlements_event_id_fkey" FOREIGN KEY ("programme_id", "member_id", "event_id")
        REFERENCES "events" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
)""",
    """CREATE INDEX "entitlements_held" ON "entitlements" ("programme_id", "member_id", "state", "expires_at")""",
    """CREATE INDEX "entitlements_partner" ON "entitlements" ("programme_id", "partner", "state") WHERE partner IS NOT NULL""",
    """CREATE INDEX "entitlements_ending" ON "entitlements" ("programme_id", "expires_at", "member_id") WHERE state = 'issued'""",
    """CREATE TABLE "limits" (
    "programme_id" bigint NOT NULL,
    "member_id" bigint NOT NULL,
    "id" bigint NOT NULL,
    "policy" text NOT NULL,
    "name" text NOT NULL,
    "period" text NOT NULL,
    "used" bigint NOT NULL,
    CONSTRAINT "limits_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "limits_programme_id_member_id_policy_name_period_key" UNIQUE ("programme_id", "member_id", "policy", "name", "period"),
    CONSTRAINT "limits_used_at_least_0" CHECK (used >= 0),
    CONSTRAINT "limits_member_id_fkey" FOREIGN KEY ("programme_id", "member_id")
        REFERENCES "members" ("programme_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
)""",
    """CREATE TABLE "member_days" (
    "programme_id" bigint NOT NULL,
    "member_id" bigint NOT NULL,
    "id" bigint NOT NULL,
    "day" date NOT NULL,
    "orders" bigint NOT NULL,
    "spend" bigint NOT NULL,
    "points" bigint NOT NULL,
    "first_order" boolean NOT NULL,
    "earned" text NOT NULL,
    "events" text NOT NULL,
    CONSTRAINT "member_days_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "member_days_member_id_fkey" FOREIGN KEY ("programme_id", "member_id")
        REFERENCES "members" ("programme_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
)""",
    """CREATE INDEX "member_days_day" ON "member_days" ("programme_id", "day")""",
    """CREATE TABLE "orders" (
    "programme_id" bigint NOT NULL,
    "member_id" bigint NOT NULL,
    "id" bigint NOT NULL,
    "event_id" bigint NOT NULL,
    "shop" text NOT NULL,
    "number" text NOT NULL,
    "state" text NOT NULL,
    "occurred_at" timestamptz NOT NULL,
    "business_date" date NOT NULL,
    "currency" text NOT NULL,
    "total" bigint NOT NULL,
    "paid" bigint NOT NULL,
    "discount" bigint NOT NULL,
    "tax" bigint NOT NULL,
    "shipping" bigint NOT NULL,
    "net" bigint NOT NULL,
    "returned" bigint NOT NULL,
    "returned_unlined" bigint NOT NULL,
    "channel" text NOT NULL,
    "store" text NOT NULL,
    "payment" text NOT NULL,
    "coupon" text NOT NULL,
    "version" bigint NOT NULL,
    CONSTRAINT "orders_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "orders_total_at_least_0" CHECK (total >= 0),
    CONSTRAINT "orders_net_at_least_0" CHECK (net >= 0),
    CONSTRAINT "orders_returned_unlined_at_least_0" CHECK (returned_unlined >= 0),
    CONSTRAINT "orders_returned_unlined_at_most_returned" CHECK (returned_unlined <= returned),
    CONSTRAINT "orders_returned_at_most_net" CHECK (returned <= net),
    CONSTRAINT "orders_event_id_fkey" FOREIGN KEY ("programme_id", "member_id", "event_id")
        REFERENCES "events" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
)""",
    """CREATE INDEX "orders_number" ON "orders" ("programme_id", "member_id", "shop", "number")""",
    """CREATE TABLE "personal" (
    "programme_id" bigint NOT NULL,
    "member_id" bigint NOT NULL,
    "id" bigint NOT NULL,
    "key" text NOT NULL,
    "sealed" text NOT NULL,
    "birthday_md" bigint,
    CONSTRAINT "personal_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "personal_member_id_fkey" FOREIGN KEY ("programme_id", "member_id")
        REFERENCES "members" ("programme_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
)""",
    """CREATE INDEX "personal_birthday" ON "personal" ("programme_id", "birthday_md") WHERE birthday_md IS NOT NULL""",
    """CREATE TABLE "standing_moves" (
    "programme_id" bigint NOT NULL,
    "member_id" bigint NOT NULL,
    "id" bigint NOT NULL,
    "event_id" bigint NOT NULL,
    "position" bigint NOT NULL,
    "ladder" text NOT NULL,
    "tier_from" text,
    "tier_to" text NOT NULL,
    "at" timestamptz NOT NULL,
    "reason" text NOT NULL,
    "version" bigint NOT NULL,
    "order_id" bigint,
    "reverses" bigint,
    CONSTRAINT "standing_moves_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "standing_moves_event_id_fkey" FOREIGN KEY ("programme_id", "member_id", "event_id")
        REFERENCES "events" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
)""",
    """CREATE INDEX "standing_moves_member" ON "standing_moves" ("programme_id", "member_id", "ladder", "position", "id")""",
    """CREATE TRIGGER "standing_moves_no_change" BEFORE UPDATE ON "standing_moves" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER "standing_moves_no_delete" BEFORE DELETE ON "standing_moves" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER "standing_moves_no_truncate" BEFORE TRUNCATE ON "standing_moves" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TABLE "standings" (
    "programme_id" bigint NOT NULL,
    "member_id" bigint NOT NULL,
    "id" bigint NOT NULL,
    "ladder" text NOT NULL,
    "tier" text NOT NULL,
    "rank" bigint NOT NULL,
    "since" timestamptz NOT NULL,
    "move_id" bigint NOT NULL,
    "reviewed_at" timestamptz,
    CONSTRAINT "standings_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "standings_programme_id_member_id_ladder_key" UNIQUE ("programme_id", "member_id", "ladder"),
    CONSTRAINT "standings_rank_at_least_0" CHECK (rank >= 0),
    CONSTRAINT "standings_member_id_fkey" FOREIGN KEY ("programme_id", "member_id")
        REFERENCES "members" ("programme_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
)""",
    """CREATE INDEX "standings_tier" ON "standings" ("programme_id", "ladder", "tier")""",
    """CREATE TABLE "transfers" (
    "programme_id" bigint NOT NULL,
    "member_id" bigint NOT NULL,
    "id" bigint NOT NULL,
    "event_id" bigint NOT NULL,
    "position" bigint NOT NULL,
    "wallet" text NOT NULL,
    "debit" text NOT NULL,
    "credit" text NOT NULL,
    "amount" bigint NOT NULL,
    "effective_at" timestamptz NOT NULL,
    "business_date" date NOT NULL,
    "recorded_at" timestamptz NOT NULL,
    "reason" text NOT NULL,
    "policy" text,
    "version" bigint NOT NULL,
    "partner" text,
    "order_id" bigint,
    "burnt_on" text,
    "lot_id" bigint,
    "reverses" bigint,
    "note" text,
    CONSTRAINT "transfers_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "transfers_amount_above_0" CHECK (amount > 0),
    CONSTRAINT "transfers_debit_not_credit" CHECK (debit <> credit),
    CONSTRAINT "transfers_event_id_fkey" FOREIGN KEY ("programme_id", "member_id", "event_id")
        REFERENCES "events" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
)""",
    """CREATE INDEX "transfers_statement" ON "transfers" ("programme_id", "member_id", "wallet", "position", "id")""",
    """CREATE INDEX "transfers_event" ON "transfers" ("programme_id", "member_id", "event_id")""",
    """CREATE INDEX "transfers_order" ON "transfers" ("programme_id", "member_id", "order_id") WHERE order_id IS NOT NULL""",
    """CREATE INDEX "transfers_burnt" ON "transfers" ("programme_id", "member_id", "burnt_on") WHERE burnt_on IS NOT NULL""",
    """CREATE INDEX "transfers_day" ON "transfers" ("programme_id", "business_date", "wallet")""",
    """CREATE TRIGGER "transfers_no_change" BEFORE UPDATE ON "transfers" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER "transfers_no_delete" BEFORE DELETE ON "transfers" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER "transfers_no_truncate" BEFORE TRUNCATE ON "transfers" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TABLE "versions" (
    "programme_id" bigint NOT NULL,
    "number" bigint NOT NULL,
    "live_from" timestamptz NOT NULL,
    "published_at" timestamptz NOT NULL,
    "revision" bigint NOT NULL,
    "subject" text NOT NULL,
    "note" text NOT NULL,
    "source" text NOT NULL,
    CONSTRAINT "versions_pkey" PRIMARY KEY ("programme_id", "number"),
    CONSTRAINT "versions_programme_id_fkey" FOREIGN KEY ("programme_id")
        REFERENCES "programmes" ("id") ON UPDATE RESTRICT ON DELETE RESTRICT
)""",
    """CREATE TABLE "wallets" (
    "programme_id" bigint NOT NULL,
    "member_id" bigint NOT NULL,
    "id" bigint NOT NULL,
    "wallet" text NOT NULL,
    "pending" bigint NOT NULL,
    "available" bigint NOT NULL,
    "held" bigint NOT NULL,
    "owed" bigint NOT NULL,
    "due_at" timestamptz,
    CONSTRAINT "wallets_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "wallets_programme_id_member_id_wallet_key" UNIQUE ("programme_id", "member_id", "wallet"),
    CONSTRAINT "wallets_pending_at_least_0" CHECK (pending >= 0),
    CONSTRAINT "wallets_available_at_least_0" CHECK (available >= 0),
    CONSTRAINT "wallets_held_at_least_0" CHECK (held >= 0),
    CONSTRAINT "wallets_owed_at_least_0" CHECK (owed >= 0),
    CONSTRAINT "wallets_member_id_fkey" FOREIGN KEY ("programme_id", "member_id")
        REFERENCES "members" ("programme_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
)""",
    """CREATE INDEX "wallets_due" ON "wallets" ("programme_id", "due_at", "member_id") WHERE due_at IS NOT NULL""",
    """CREATE TABLE "entitlement_moves" (
    "programme_id" bigint NOT NULL,
    "member_id" bigint NOT NULL,
    "id" bigint NOT NULL,
    "event_id" bigint NOT NULL,
    "position" bigint NOT NULL,
    "entitlement_id" bigint NOT NULL,
    "state_from" text,
    "state_to" text NOT NULL,
    "at" timestamptz NOT NULL,
    "reason" text NOT NULL,
    CONSTRAINT "entitlement_moves_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "entitlement_moves_entitlement_id_fkey" FOREIGN KEY ("programme_id", "member_id", "entitlement_id")
        REFERENCES "entitlements" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT,
    CONSTRAINT "entitlement_moves_event_id_fkey" FOREIGN KEY ("programme_id", "member_id", "event_id")
        REFERENCES "events" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
)""",
    """CREATE INDEX "entitlement_moves_of" ON "entitlement_moves" ("programme_id", "member_id", "entitlement_id")""",
    """CREATE TRIGGER "entitlement_moves_no_change" BEFORE UPDATE ON "entitlement_moves" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER "entitlement_moves_no_delete" BEFORE DELETE ON "entitlement_moves" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER "entitlement_moves_no_truncate" BEFORE TRUNCATE ON "entitlement_moves" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TABLE "holds" (
    "programme_id" bigint NOT NULL,
    "member_id" bigint NOT NULL,
    "id" bigint NOT NULL,
    "event_id" bigint NOT NULL,
    "transfer_id" bigint NOT NULL,
    "entitlement_id" bigint NOT NULL,
    "wallet" text NOT NULL,
    "points" bigint NOT NULL,
    "benefit" text NOT NULL,
    "value" bigint,
    "policy" text,
    "uses" text NOT NULL,
    "burnt_on" text,
    "state" text NOT NULL,
    "lapses_at" timestamptz NOT NULL,
    CONSTRAINT "holds_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "holds_points_above_0" CHECK (points > 0),
    CONSTRAINT "holds_state_in_held_captured_released_lapsed" CHECK (state IN ('held', 'captured', 'released', 'lapsed')),
    CONSTRAINT "holds_transfer_id_fkey" FOREIGN KEY ("programme_id", "member_id", "transfer_id")
        REFERENCES "transfers" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
)""",
    """CREATE INDEX "holds_open" ON "holds" ("programme_id", "member_id") WHERE state = 'held'""",
    """CREATE TABLE "limit_moves" (
    "programme_id" bigint NOT NULL,
    "member_id" bigint NOT NULL,
    "id" bigint NOT NULL,
    "event_id" bigint NOT NULL,
    "position" bigint NOT NULL,
    "limit_id" bigint NOT NULL,
    "amount" bigint NOT NULL,
    "order_id" bigint,
    CONSTRAINT "limit_moves_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "limit_moves_limit_id_fkey" FOREIGN KEY ("programme_id", "member_id", "limit_id")
        REFERENCES "limits" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT,
    CONSTRAINT "limit_moves_event_id_fkey" FOREIGN KEY ("programme_id", "member_id", "event_id")
        REFERENCES "events" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
)""",
    """CREATE INDEX "limit_moves_event" ON "limit_moves" ("programme_id", "member_id", "event_id")""",
    """CREATE TRIGGER "limit_moves_no_change" BEFORE UPDATE ON "limit_moves" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER "limit_moves_no_delete" BEFORE DELETE ON "limit_moves" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER "limit_moves_no_truncate" BEFORE TRUNCATE ON "limit_moves" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TABLE "lots" (
    "programme_id" bigint NOT NULL,
    "member_id" bigint NOT NULL,
    "id" bigint NOT NULL,
    "transfer_id" bigint NOT NULL,
    "wallet" text NOT NULL,
    "amount" bigint NOT NULL,
    "remaining" bigint NOT NULL,
    "held" bigint NOT NULL,
    "spent" bigint NOT NULL,
    "expired" bigint NOT NULL,
    "reversed" bigint NOT NULL,
    "claimed" bigint NOT NULL,
    "matured" boolean NOT NULL,
    "earned_at" timestamptz NOT NULL,
    "available_at" timestamptz,
    "expires_at" timestamptz,
    "origin_event" bigint NOT NULL,
    "origin_policy" text,
    "origin_line" bigint,
    "order_id" bigint,
    CONSTRAINT "lots_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "lots_amount_above_0" CHECK (amount > 0),
    CONSTRAINT "lots_remaining_at_least_0" CHECK (remaining >= 0),
    CONSTRAINT "lots_spent_at_least_0" CHECK (spent >= 0),
    CONSTRAINT "lots_expired_at_least_0" CHECK (expired >= 0),
    CONSTRAINT "lots_remaining_spent_expired_at_most_amount" CHECK (remaining + spent + expired <= amount),
    CONSTRAINT "lots_held_at_least_0" CHECK (held >= 0),
    CONSTRAINT "lots_held_at_most_remaining" CHECK (held <= remaining),
    CONSTRAINT "lots_reversed_at_least_0" CHECK (reversed >= 0),
    CONSTRAINT "lots_reversed_at_most_amount" CHECK (reversed <= amount),
    CONSTRAINT "lots_claimed_at_least_0" CHECK (claimed >= 0),
    CONSTRAINT "lots_transfer_id_fkey" FOREIGN KEY ("programme_id", "member_id", "transfer_id")
        REFERENCES "transfers" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
)""",
    """CREATE INDEX "lots_open" ON "lots" ("programme_id", "member_id", "wallet", "expires_at") WHERE remaining > 0""",
    """CREATE INDEX "lots_order" ON "lots" ("programme_id", "member_id", "order_id") WHERE order_id IS NOT NULL""",
    """CREATE TABLE "order_lines" (
    "programme_id" bigint NOT NULL,
    "member_id" bigint NOT NULL,
    "id" bigint NOT NULL,
    "order_id" bigint NOT NULL,
    "line" bigint NOT NULL,
    "sku" text NOT NULL,
    "brand" text NOT NULL,
    "category" text NOT NULL,
    "tags" text NOT NULL,
    "quantity" bigint NOT NULL,
    "amount" bigint NOT NULL,
    "returned_quantity" bigint NOT NULL,
    "returned_amount" bigint NOT NULL,
    CONSTRAINT "order_lines_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "order_lines_quantity_above_0" CHECK (quantity > 0),
    CONSTRAINT "order_lines_amount_at_least_0" CHECK (amount >= 0),
    CONSTRAINT "order_lines_returned_quantity_at_least_0" CHECK (returned_quantity >= 0),
    CONSTRAINT "order_lines_returned_quantity_at_most_quantity" CHECK (returned_quantity <= quantity),
    CONSTRAINT "order_lines_order_id_fkey" FOREIGN KEY ("programme_id", "member_id", "order_id")
        REFERENCES "orders" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
)""",
    """CREATE INDEX "order_lines_order" ON "order_lines" ("programme_id", "member_id", "order_id")""",
    """CREATE TABLE "returns" (
    "programme_id" bigint NOT NULL,
    "member_id" bigint NOT NULL,
    "id" bigint NOT NULL,
    "order_id" bigint NOT NULL,
    "event_id" bigint NOT NULL,
    "number" text NOT NULL,
    "occurred_at" timestamptz NOT NULL,
    "amount" bigint NOT NULL,
    "lines" text NOT NULL,
    CONSTRAINT "returns_pkey" PRIMARY KEY ("programme_id", "member_id", "id"),
    CONSTRAINT "returns_amount_at_least_0" CHECK (amount >= 0),
    CONSTRAINT "returns_order_id_fkey" FOREIGN KEY ("programme_id", "member_id", "order_id")
        REFERENCES "orders" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
)""",
    """CREATE INDEX "returns_order" ON "returns" ("programme_id", "member_id", "order_id")""",
    """CREATE TABLE "version_entries" (
    "programme_id" bigint NOT NULL,
    "version" bigint NOT NULL,
    "path" text NOT NULL,
    "hash" text NOT NULL,
    CONSTRAINT "version_entries_pkey" PRIMARY KEY ("programme_id", "version", "path"),
    CONSTRAINT "version_entries_version_fkey" FOREIGN KEY ("programme_id", "version")
        REFERENCES "versions" ("programme_id", "number") ON UPDATE RESTRICT ON DELETE RESTRICT,
    CONSTRAINT "version_entries_hash_fkey" FOREIGN KEY ("programme_id", "hash")
        REFERENCES "documents" ("programme_id", "hash") ON UPDATE RESTRICT ON DELETE RESTRICT
)""",
    """CREATE TRIGGER "version_entries_no_change" BEFORE UPDATE ON "version_entries" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER "version_entries_no_delete" BEFORE DELETE ON "version_entries" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER "version_entries_no_truncate" BEFORE TRUNCATE ON "version_entries" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TABLE "lot_moves" (
    "programme_id" bigint NOT NULL,
    "member_id" bigint NOT NULL,
    "transfer_id" bigint NOT NULL,
    "lot_id" bigint NOT NULL,
    "remaining" bigint NOT NULL,
    "held" bigint NOT NULL,
    CONSTRAINT "lot_moves_pkey" PRIMARY KEY ("programme_id", "member_id", "transfer_id", "lot_id"),
    CONSTRAINT "lot_moves_transfer_id_fkey" FOREIGN KEY ("programme_id", "member_id", "transfer_id")
        REFERENCES "transfers" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT,
    CONSTRAINT "lot_moves_lot_id_fkey" FOREIGN KEY ("programme_id", "member_id", "lot_id")
        REFERENCES "lots" ("programme_id", "member_id", "id") ON UPDATE RESTRICT ON DELETE RESTRICT
)""",
    """CREATE INDEX "lot_moves_lot" ON "lot_moves" ("programme_id", "member_id", "lot_id")""",
    """CREATE TRIGGER "lot_moves_no_change" BEFORE UPDATE ON "lot_moves" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER "lot_moves_no_delete" BEFORE DELETE ON "lot_moves" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER "lot_moves_no_truncate" BEFORE TRUNCATE ON "lot_moves" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
)


class Migration(TortoiseMigration):
    """Create everything."""

    initial = True
    operations = [DialectSQL(sqlite=SQLITE, postgres=POSTGRES)]
