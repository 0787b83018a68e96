"""Data from the shell: history in, the books proved, an entry explained, tokens, the database itself."""

import json
import sqlite3

from tests.loyalty.programme import FILES

ROWS = "member,date,amount,number\nlin,2026-01-05,300.00,A1\nlin,2026-02-05,50.00,A2\nwang,2026-02-06,-1.00,A3\n"


def bring(house):
    return house("import", "orders", str(house.write("orders.csv", ROWS)), "--json")


def test_an_import_reports_and_its_refused_rows_are_findings(house):
    said = bring(house)

    assert said.code == 1
    assert {name: said.json[name] for name in ("rows", "accepted", "refused", "reasons")} == {
        "rows": 3, "accepted": 2, "refused": 1, "reasons": {"IMPORT_AMOUNT": 1}
    }  # fmt: skip
    assert (house.folder / "orders.csv.refused.csv").read_text().splitlines()[
        0
    ] == "line,code,words,member,date,amount,number"


def test_an_import_for_people_in_both_languages(house):
    file = str(house.write("orders.csv", ROWS))

    counted = house("import", "orders", file, "--dry-run")
    brought = house("import", "orders", file, "--lang", "zh-CN")
    again = house("import", "orders", file)

    assert counted.out.startswith("3 rows, 3 orders of 2 members: 2 could be brought in, 1 rows are refused.")
    assert "line 4: “-1.00” is not an amount" in counted.out
    assert brought.out.startswith("3 行，2 位会员的 3 笔订单：已导入 2 笔，拒绝 1 行。")
    assert "brought in before" in again.err


def test_columns_that_are_not_there_are_a_mistake_of_usage(house):
    file = str(house.write("orders.csv", ROWS))

    said = house("import", "orders", file, "--map", "member=customer,date=date,amount=amount")

    assert said.code == 2
    assert "customer" in said.err
    assert "Traceback" not in said.err


def test_a_file_that_is_not_there_is_a_mistake_of_usage(house):
    said = house("import", "orders", "nowhere.csv")

    assert said.code == 2
    assert "nowhere.csv" in said.err


def test_sound_books_exit_with_0_and_others_with_1(house):
    bring(house)

    sound = house("ledger", "verify", "--json")
    said = house("ledger", "verify")

    assert (sound.code, sound.json["findings"], sound.json["replayed"]) == (0, [], 1)
    assert said.out.startswith("The books hold: 1 members")
    assert house("ledger", "verify", "--lang", "zh-CN").out.startswith("账本无误")


def test_an_entry_is_explained_in_both_languages_and_comes_out_the_same(house, query):
    bring(house)
    (entry,) = query("SELECT id FROM transfers WHERE wallet = 'points' AND amount = 300 AND reason = 'earned'")

    english = house("explain", str(entry), "--lang", "en")
    chinese = house("explain", str(entry), "--lang", "zh-CN")
    data = house("explain", str(entry), "--json").json

    assert "Order A1 of 2026-01-05 00:00:00 Asia/Shanghai: ¥300, paid" in english.out
    assert "Policy: A point per yuan (earn/base, version 1)" in english.out
    assert "Expires at 2027-01-05 00:00:00 Asia/Shanghai" in english.out
    assert "规则：每元一分（earn/base，版本 1）" in chinese.out
    assert all(decision["recomputed_the_same"] for decision in data["decisions"])
    assert (data["amount"], data["policy"], data["order"]) == (300, "earn/base", "A1")


def test_what_is_not_there_is_named(house):
    said = [
        house("tokens", "new", "member", "--member", "external:nobody"),
        house("tokens", "list", "-p", "nowhere"),
        house("tokens", "revoke", "nobody"),
        house("rules", "pause", "earn/nothing", "-p", "story"),
        house("programme", "create", "story", "--folder", "rules/programmes/story"),
    ]

    assert [one.code for one in said] == [1, 1, 1, 1, 1]
    assert [one.err for one in said] == [
        "There is no member external:nobody.\n",
        "There is no programme nowhere.\n",
        "There is no key nobody.\n",
        "The programme story has no policy earn/nothing.\n",
        "There is a programme story already; `loyalty rules publish` changes it.\n",
    ]


def test_an_entry_that_is_not_there_is_not_found(house):
    for entry in ("12345", "abcdef"):
        said = house("explain", entry)

        assert said.code in {1, 2}
        assert said.err == f"There is no entry {entry}.\n"


def test_a_token_is_shown_once_listed_without_its_secret_and_revoked(house):
    made = house("tokens", "new", "service", "--subject", "client:pos", "--json").json
    listed = house("tokens", "list", "--json")

    assert made["token"].startswith(f"lk_{made['id']}_")
    assert made["token"] not in listed.out
    assert [(row["id"], row["subject"], row["revoked_at"]) for row in listed.json] == [(made["id"], "client:pos", None)]

    assert house("tokens", "revoke", made["id"]).code == 0
    assert house("tokens", "list", "--json").json[0]["revoked_at"] is not None
    assert house("tokens", "revoke", "nobody").code == 1


def test_keys_share_a_subject_only_where_they_are_of_one_partner(shell, house):
    benefit = FILES["benefits/gold-pack"] | {"kind": "partner_benefit", "partner": "alpha"}
    other = benefit | {"partner": "beta"}
    shell.programme(benefits__alpha=benefit, benefits__beta=other)
    assert house("rules", "publish", "rules/programmes/story").code == 0

    alpha, again, beta = (
        house("tokens", "new", "partner", "--partner", name, "--json").json for name in ("alpha", "alpha", "beta")
    )
    till, web = (house("tokens", "new", "service", "--json").json for _ in range(2))

    assert (alpha["subject"], again["subject"], beta["subject"]) == ("partner:alpha", "partner:alpha", "partner:beta")
    assert (till["subject"], web["subject"]) == (f"client:service-{till['id']}", f"client:service-{web['id']}")
    listed = {row["id"]: (row["role"], row["partner"]) for row in house("tokens", "list", "--json").json}
    assert (listed[beta["id"]], listed[till["id"]]) == (("partner", "beta"), ("service", None))
    assert "beta" in house("tokens", "list").out
    unknown = house("tokens", "new", "partner", "--partner", "nosuch")
    assert (unknown.code, "alpha, beta" in unknown.err) == (2, True)


def test_a_token_needs_to_know_whose_it_is(house):
    bring(house)

    assert house("tokens", "new", "king").code == 2
    assert house("tokens", "new", "member").code == 2
    assert house("tokens", "new", "partner").code == 2
    assert house("tokens", "new", "member", "--member", "external:nobody").code == 1
    assert house("tokens", "new", "member", "--member", "external:lin").out.count(".") == 2


def test_the_database_tells_how_it_stands(house):
    bring(house)

    status = house("db", "status", "--json").json

    assert [row["name"] for row in status["programmes"]] == ["story"]
    assert status["rows"]["orders"] == 2
    assert [row["state"] for row in status["imports"]] == ["done"]
    assert "story" in house("db", "status").out


def test_the_worker_does_what_is_due_and_stops(house):
    bring(house)

    said = house("worker", "--once")

    assert said.code == 0
    assert house("ledger", "verify").code == 0


def test_a_backup_is_a_database(house, dialect):
    bring(house)

    said = house("db", "backup", "copy.db")

    if dialect == "postgres":
        assert said.code == 2
        return
    assert said.code == 0
    with sqlite3.connect(house.folder / "copy.db") as copy:
        assert copy.execute("SELECT COUNT(*) FROM orders").fetchone() == (2,)
    copy.close()
    assert house("db", "backup", "copy.db").code == 2


def test_a_database_that_was_never_migrated_says_what_to_do(shell, tmp_path, monkeypatch):
    monkeypatch.setenv("LOYALTY_DATABASE_URL", f"sqlite://{tmp_path / 'empty.db'}")
    monkeypatch.setenv("LOYALTY_SECRET", "x" * 32)

    said = shell("programme", "list")

    assert said.code == 1
    assert "loyalty db upgrade" in said.err
    assert shell("db", "upgrade").code == 0
    assert shell("db", "upgrade").out == "The database is at the present already.\n"
    assert shell("programme", "list", "--json").json == []
    none = shell("tokens", "list")
    assert (none.code, none.out) == (1, "")
    assert none.err == "There is no programme yet: `loyalty programme create NAME --folder FOLDER`.\n"
    assert "还没有计划" in shell("tokens", "list", "--lang", "zh-CN").err


def test_settings_that_are_wrong_are_told_in_words(shell, monkeypatch):
    monkeypatch.setenv("LOYALTY_DATABASE_URL", "mysql://somewhere")
    monkeypatch.setenv("LOYALTY_SECRET", "x" * 32)
    assert shell("programme", "list").code == 2

    monkeypatch.setenv("LOYALTY_DATABASE_URL", "sqlite://x.db")
    monkeypatch.setenv("LOYALTY_SECRET", "short")
    said = shell("programme", "list")
    assert said.code == 2
    assert "secret" in said.err
    assert "short" not in said.err

    monkeypatch.delenv("LOYALTY_SECRET")
    said = shell("programme", "list")
    assert said.code == 2
    assert "LOYALTY_SECRET" in said.err


def test_settings_are_printed_without_what_is_secret(house):
    said = house("settings", "--json")

    assert said.json["port"] == "8000"
    assert "a secret for the shell" not in said.out


def test_an_event_file_may_spell_names_either_way(house):
    house.write("a.json", json.dumps({"total": "300.00", "occurredAt": "2026-01-05T10:00:00+08:00"}))
    house.write("b.json", json.dumps({"total": "300.00", "occurred_at": "2026-01-05T10:00:00+08:00"}))

    first, second = (
        house("rules", "try", "--event", name, "--member", "external:lin", "-p", "story", "--json").json
        for name in ("a.json", "b.json")
    )

    assert first["changes"] == second["changes"]
    assert first["state"] == "accepted"


def test_products_need_a_catalogue_that_is_declared(house):
    file = house.write("products.csv", "sku,brand\nT1,spring\n")

    refused = house("import", "products", str(file))

    assert refused.code != 0
    assert "declares no catalogue" in refused.err


def test_products_are_brought_in_and_refused_rows_are_told(house):
    products = {"schema": {"type": "object", "properties": {}}}
    folder = house.programme(**house.changed("programme", products=products))
    file = house.write("products.csv", "sku,brand,price\nT1,spring,16.80\nT2,kiln,dear\n")
    published = house("rules", "publish", str(folder))
    assert published.code == 0, published.err

    brought = house("import", "products", str(file))
    again = house("import", "products", str(file), "--json")

    assert brought.code == 1
    assert "2 rows: 1 products taken, 1 refused." in brought.out
    assert "“dear” is not an amount." in brought.out
    assert (again.json["already_done"], again.json["accepted"], again.json["refused"]) == (True, 1, 1)
