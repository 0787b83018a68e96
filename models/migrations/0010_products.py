"""The catalogue of products, by version, and what an order line took from it."""
# ruff: noqa: E501 - statements as they were made

from tortoise.migrations.migration import Migration as TortoiseMigration

from models.migrating import DialectSQL

SQLITE = (
    """ALTER TABLE "order_lines" ADD COLUMN "attributes" TEXT""",
    """CREATE TABLE "products" (
    "programme_id" INTEGER NOT NULL,
    "sku" TEXT NOT NULL,
    "since" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "title" TEXT NOT NULL,
    "brand" TEXT NOT NULL,
    "category" TEXT NOT NULL,
    "tags" TEXT NOT NULL,
    "attributes" TEXT NOT NULL,
    "price" INTEGER,
    "warranty_months" INTEGER,
    "withdrawn" INTEGER NOT NULL CONSTRAINT "products_withdrawn_type" CHECK ("withdrawn" IN (0, 1)),
    "recorded_at" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    CONSTRAINT "products_pkey" PRIMARY KEY ("programme_id", "sku", "number"),
    CONSTRAINT "products_programme_id_sku_since_key" UNIQUE ("programme_id", "sku", "since"),
    CONSTRAINT "products_price_at_least_0" CHECK (price >= 0),
    CONSTRAINT "products_warranty_months_at_least_0" CHECK (warranty_months >= 0)
) STRICT""",
    """CREATE INDEX "products_number" ON "products" ("programme_id", "number")""",
    """CREATE TRIGGER "products_no_change" BEFORE UPDATE ON "products"
BEGIN
    SELECT RAISE(ABORT, 'products_append_only');
END""",
    """CREATE TRIGGER "products_no_delete" BEFORE DELETE ON "products"
BEGIN
    SELECT RAISE(ABORT, 'products_append_only');
END""",
)

POSTGRES = (
    """ALTER TABLE "order_lines" ADD COLUMN "attributes" text""",
    """CREATE TABLE "products" (
    "programme_id" bigint NOT NULL,
    "sku" text NOT NULL,
    "since" timestamptz NOT NULL,
    "number" bigint NOT NULL,
    "title" text NOT NULL,
    "brand" text NOT NULL,
    "category" text NOT NULL,
    "tags" text NOT NULL,
    "attributes" text NOT NULL,
    "price" bigint,
    "warranty_months" bigint,
    "withdrawn" boolean NOT NULL,
    "recorded_at" timestamptz NOT NULL,
    "source" text NOT NULL,
    CONSTRAINT "products_pkey" PRIMARY KEY ("programme_id", "sku", "number"),
    CONSTRAINT "products_programme_id_sku_since_key" UNIQUE ("programme_id", "sku", "since"),
    CONSTRAINT "products_price_at_least_0" CHECK (price >= 0),
    CONSTRAINT "products_warranty_months_at_least_0" CHECK (warranty_months >= 0)
)""",
    """CREATE INDEX "products_number" ON "products" ("programme_id", "number")""",
    """CREATE TRIGGER "products_no_change" BEFORE UPDATE ON "products" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER "products_no_delete" BEFORE DELETE ON "products" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER "products_no_truncate" BEFORE TRUNCATE ON "products" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
)


class Migration(TortoiseMigration):
    """Add a table and a column; nothing that is there changes."""

    dependencies = [("models", "0009_moments")]
    operations = [DialectSQL(sqlite=SQLITE, postgres=POSTGRES)]
