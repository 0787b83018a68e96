"""`loyalty members …`: all that is kept of a member, line by line; and a member that is gone."""

import json


def test_a_member_is_written_out_and_then_erased(house):
    house.programme()
    assert house("rules", "publish", "rules/programmes/story").code == 0
    house.write("orders.csv", "order,member,date,amount\nA1,m1,2026-11-01,100.00\n")
    layout = "number=order,member=member,date=date,amount=amount"
    assert house("import", "orders", "orders.csv", "--map", layout).code == 0

    told = house("members", "export", "external:m1")
    gone = house("members", "erase", "external:m1", "--note", "by letter")
    again = house("members", "export", "external:m1")
    proved = house("ledger", "verify")

    assert told.code == 0, told.err
    lines = [json.loads(line) for line in told.out.splitlines()]
    assert [one["orders"]["number"] for one in lines if "orders" in one] == ["A1"]
    assert next(one["names"] for one in lines if "names" in one) == ["external"]
    assert (gone.code, gone.out) == (0, "Erased. The books stay, and lead to nobody.\n"), gone.err
    assert (again.code, proved.code) == (1, 0)
