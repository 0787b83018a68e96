"""What must hold between the tables, one statement each: a row it answers is a fault.

$1 is the programme; statements by member look at those from $2 to $3, the others at the whole programme. Each is one
statement, so that it sees one moment of the books even while they are written.
"""

from typing import Final, NamedTuple

RANGE = "programme_id = $1 AND member_id BETWEEN $2 AND $3"


class Proof(NamedTuple):
    """A law of the books: its code, and the statement that finds what breaks it."""

    code: str
    sql: str
    by_member: bool = True


def _differ(left: str, right: str) -> str:
    """True where the two differ, null being a value like others; both databases understand it."""
    return f"({left} <> {right} OR ({left} IS NULL) <> ({right} IS NULL))"


def _listed(*amounts: str) -> str:
    """Whole numbers as one text, 300/0/0, so that a fault shows them side by side."""
    return " || '/' || ".join(f"CAST(CAST(COALESCE({amount}, 0) AS BIGINT) AS TEXT)" for amount in amounts)


def _net(account: str, plus: str = "credit", minus: str = "debit") -> str:
    return f"SUM(CASE WHEN {plus} = '{account}' THEN amount WHEN {minus} = '{account}' THEN -amount ELSE 0 END)"


SEATED = "('signed_up', 'attended', 'missed')"  # Sign-ups that hold their seats.
ACCOUNTS = ("pending", "available", "held", "owed")
LOT = "'lot ' || CAST(l.id AS TEXT)"
DUE = f"""
    SELECT member_id, wallet, available_at AS due FROM lots
    WHERE {RANGE} AND remaining > held AND NOT matured AND available_at IS NOT NULL
    UNION ALL
    SELECT member_id, wallet, expires_at AS due FROM lots
    WHERE {RANGE} AND remaining > held AND expires_at IS NOT NULL
    UNION ALL
    SELECT member_id, wallet, lapses_at AS due FROM holds WHERE {RANGE} AND state = 'held'
"""

PROOFS: Final[tuple[Proof, ...]] = (
    Proof(
        "WALLET_TRANSFERS",
        f"""
        SELECT w.member_id, w.wallet AS subject, {_listed(*(f"t.{account}" for account in ACCOUNTS))} AS expected,
            {_listed(*(f"w.{account}" for account in ACCOUNTS))} AS found
        FROM wallets w LEFT JOIN (
            SELECT member_id, wallet, {_net("pending")} AS pending, {_net("available")} AS available,
                {_net("held")} AS held, {_net("owed", "debit", "credit")} AS owed
            FROM transfers WHERE {RANGE} GROUP BY member_id, wallet
        ) t ON t.member_id = w.member_id AND t.wallet = w.wallet
        WHERE w.programme_id = $1 AND w.member_id BETWEEN $2 AND $3
            AND ({" OR ".join(f"w.{account} <> COALESCE(t.{account}, 0)" for account in ACCOUNTS)})
        """,
    ),
    Proof(
        "TRANSFER_WALLET",
        """
        SELECT t.member_id, t.wallet AS subject, 'a wallet' AS expected, 'none' AS found
        FROM transfers t LEFT JOIN wallets w
            ON w.programme_id = t.programme_id AND w.member_id = t.member_id AND w.wallet = t.wallet
        WHERE t.programme_id = $1 AND t.member_id BETWEEN $2 AND $3 AND w.id IS NULL
        """,
    ),
    Proof(
        "WALLET_LOTS",
        f"""
        SELECT w.member_id, w.wallet AS subject, {_listed("l.pending", "l.available", "l.held")} AS expected,
            {_listed("w.pending", "w.available", "w.held")} AS found
        FROM wallets w LEFT JOIN (
            SELECT member_id, wallet, SUM(CASE WHEN matured THEN 0 ELSE remaining END) AS pending,
                SUM(CASE WHEN matured THEN remaining - held ELSE 0 END) AS available, SUM(held) AS held
            FROM lots WHERE {RANGE} GROUP BY member_id, wallet
        ) l ON l.member_id = w.member_id AND l.wallet = w.wallet
        WHERE w.programme_id = $1 AND w.member_id BETWEEN $2 AND $3 AND (
            w.pending <> COALESCE(l.pending, 0) OR w.available <> COALESCE(l.available, 0)
            OR w.held <> COALESCE(l.held, 0))
        """,
    ),
    Proof(
        "LOT_BOUNDS",
        f"""
        SELECT l.member_id, {LOT} AS subject, '0 <= held <= remaining <= amount' AS expected,
            {_listed("l.held", "l.remaining", "l.amount")} AS found
        FROM lots l WHERE l.programme_id = $1 AND l.member_id BETWEEN $2 AND $3
            AND NOT (0 <= l.held AND l.held <= l.remaining AND l.remaining + l.spent + l.expired <= l.amount)
        """,
    ),
    Proof(
        "LOT_MOVES",
        f"""
        SELECT l.member_id, {LOT} AS subject,
            {_listed("l.amount + COALESCE(m.remaining, 0)", "m.held")} AS expected,
            {_listed("l.remaining", "l.held")} AS found
        FROM lots l LEFT JOIN (
            SELECT member_id, lot_id, SUM(remaining) AS remaining, SUM(held) AS held
            FROM lot_moves WHERE {RANGE} GROUP BY member_id, lot_id
        ) m ON m.member_id = l.member_id AND m.lot_id = l.id
        WHERE l.programme_id = $1 AND l.member_id BETWEEN $2 AND $3
            AND (l.remaining <> l.amount + COALESCE(m.remaining, 0) OR l.held <> COALESCE(m.held, 0))
        """,
    ),
    Proof(
        "HOLDS",
        f"""
        SELECT w.member_id, w.wallet AS subject, CAST(COALESCE(h.points, 0) AS BIGINT) AS expected, w.held AS found
        FROM wallets w LEFT JOIN (
            SELECT member_id, wallet, SUM(points) AS points FROM holds
            WHERE {RANGE} AND state = 'held' GROUP BY member_id, wallet
        ) h ON h.member_id = w.member_id AND h.wallet = w.wallet
        WHERE w.programme_id = $1 AND w.member_id BETWEEN $2 AND $3 AND w.held <> COALESCE(h.points, 0)
        """,
    ),
    Proof(
        "DUE_AT",
        f"""
        SELECT w.member_id, w.wallet AS subject, d.due AS expected, w.due_at AS found
        FROM wallets w LEFT JOIN (
            SELECT member_id, wallet, MIN(due) AS due FROM ({DUE}) dues GROUP BY member_id, wallet
        ) d ON d.member_id = w.member_id AND d.wallet = w.wallet
        WHERE w.programme_id = $1 AND w.member_id BETWEEN $2 AND $3 AND {_differ("w.due_at", "d.due")}
        """,
    ),
    Proof(
        "STANDING",
        """
        SELECT s.member_id, s.ladder AS subject, m.tier_to AS expected, s.tier AS found
        FROM standings s LEFT JOIN standing_moves m ON m.programme_id = s.programme_id AND m.member_id = s.member_id
            AND m.ladder = s.ladder AND NOT EXISTS (
                SELECT 1 FROM standing_moves n WHERE n.programme_id = m.programme_id AND n.member_id = m.member_id
                    AND n.ladder = m.ladder AND (n.position > m.position OR n.position = m.position AND n.id > m.id))
        WHERE s.programme_id = $1 AND s.member_id BETWEEN $2 AND $3
            AND (m.id IS NULL OR m.tier_to <> s.tier OR m.id <> s.move_id)
        """,
    ),
    Proof(
        "STANDING_DUE",
        """
        SELECT s.member_id, s.ladder AS subject, COALESCE(s.review_at, s.protected_at, s.ends_at) AS expected,
            s.due_at AS found
        FROM standings s WHERE s.programme_id = $1 AND s.member_id BETWEEN $2 AND $3 AND (
            s.ends_at IS NOT NULL AND (s.due_at IS NULL
                OR s.due_at > s.ends_at AND (s.protected_at IS NULL OR s.due_at > s.protected_at))
            OR s.review_at IS NOT NULL AND (s.due_at IS NULL OR s.due_at > s.review_at)
            OR s.rises IS NOT NULL AND s.due_at IS NULL
            OR s.due_at IS NOT NULL AND s.ends_at IS NULL AND s.review_at IS NULL AND s.rises IS NULL)
        """,
    ),
    Proof(
        "ENTITLEMENT",
        """
        SELECT e.member_id, 'entitlement ' || CAST(e.id AS TEXT) AS subject, m.state_to AS expected, e.state AS found
        FROM entitlements e LEFT JOIN entitlement_moves m ON m.programme_id = e.programme_id
            AND m.member_id = e.member_id AND m.entitlement_id = e.id AND NOT EXISTS (
                SELECT 1 FROM entitlement_moves n WHERE n.programme_id = m.programme_id AND n.member_id = m.member_id
                    AND n.entitlement_id = m.entitlement_id
                    AND (n.position > m.position OR n.position = m.position AND n.id > m.id))
        WHERE e.programme_id = $1 AND e.member_id BETWEEN $2 AND $3 AND (m.id IS NULL OR m.state_to <> e.state)
        """,
    ),
    Proof(
        "ENTITLEMENT_COUNT",
        f"""
        SELECT e.member_id, e.benefit AS subject, CAST(COALESCE(SUM(m.given), 0) AS BIGINT) AS expected,
            COUNT(*) AS found
        FROM entitlements e LEFT JOIN (
            SELECT member_id, entitlement_id, COUNT(*) AS given
            FROM entitlement_moves WHERE {RANGE} AND state_from IS NULL GROUP BY member_id, entitlement_id
        ) m ON m.member_id = e.member_id AND m.entitlement_id = e.id
        WHERE e.programme_id = $1 AND e.member_id BETWEEN $2 AND $3
        GROUP BY e.member_id, e.benefit HAVING COALESCE(SUM(m.given), 0) <> COUNT(*)
        """,
    ),
    Proof(
        "COUNTER_OVERDRAWN",
        """
        SELECT m.member_id, m.name AS subject, m.read AS expected, m.amount AS found
        FROM counter_moves m
        WHERE m.programme_id = $1 AND m.member_id BETWEEN $2 AND $3 AND m.amount > m.read
        """,
    ),
    Proof(
        "CODE_ENTITLEMENT",
        """
        SELECT MIN(c.member_id) AS member_id, 'entitlement ' || CAST(c.entitlement_id AS TEXT) AS subject,
            1 AS expected, COUNT(e.id) AS found
        FROM codes c LEFT JOIN entitlements e
            ON e.programme_id = c.programme_id AND e.member_id = c.member_id AND e.id = c.entitlement_id
        WHERE c.programme_id = $1 GROUP BY c.entitlement_id HAVING COUNT(e.id) <> 1 LIMIT 1000
        """,
        by_member=False,
    ),
    Proof(
        "LIMIT",
        f"""
        SELECT l.member_id, l.policy || ' ' || l.name || ' ' || l.period AS subject,
            CAST(COALESCE(m.amount, 0) AS BIGINT) AS expected, l.used AS found
        FROM limits l LEFT JOIN (
            SELECT member_id, limit_id, SUM(amount) AS amount
            FROM limit_moves WHERE {RANGE} GROUP BY member_id, limit_id
        ) m ON m.member_id = l.member_id AND m.limit_id = l.id
        WHERE l.programme_id = $1 AND l.member_id BETWEEN $2 AND $3 AND l.used <> COALESCE(m.amount, 0)
        """,
    ),
    Proof(
        "ORDER_RETURNS",
        f"""
        SELECT o.member_id, o.number AS subject, CAST(COALESCE(r.amount, 0) AS BIGINT) AS expected, o.returned AS found
        FROM orders o LEFT JOIN (
            SELECT member_id, order_id, SUM(amount) AS amount FROM returns WHERE {RANGE} GROUP BY member_id, order_id
        ) r ON r.member_id = o.member_id AND r.order_id = o.id
        WHERE o.programme_id = $1 AND o.member_id BETWEEN $2 AND $3
            AND o.returned <> COALESCE(r.amount, 0)
        """,
    ),
    Proof(
        "MEMBER_DAY",
        f"""
        SELECT d.member_id, CAST(d.day AS TEXT) AS subject, {_listed("o.orders", "o.spend")} AS expected,
            {_listed("d.orders", "d.spend")} AS found
        FROM member_days d LEFT JOIN (
            SELECT member_id, business_date, SUM(net - returned) AS spend,
                SUM(CASE WHEN returned < net THEN 1 ELSE 0 END) AS orders
            FROM orders WHERE {RANGE} GROUP BY member_id, business_date
        ) o ON o.member_id = d.member_id AND o.business_date = d.day
        WHERE d.programme_id = $1 AND d.member_id BETWEEN $2 AND $3
            AND (d.orders <> COALESCE(o.orders, 0) OR d.spend <> COALESCE(o.spend, 0))
        """,
    ),
    Proof(
        "TRANSFER_EVENT",
        """
        SELECT t.member_id, 'transfer ' || CAST(t.id AS TEXT) AS subject, e.position AS expected, t.position AS found
        FROM transfers t LEFT JOIN events e
            ON e.programme_id = t.programme_id AND e.member_id = t.member_id AND e.id = t.event_id
        WHERE t.programme_id = $1 AND t.member_id BETWEEN $2 AND $3
            AND (e.id IS NULL OR e.position IS NULL OR e.position <> t.position OR t.amount <= 0 OR t.debit = t.credit)
        """,
    ),
    Proof(
        "EVENT_POSITION",
        """
        SELECT e.member_id, e.kind || ' ' || CAST(e.id AS TEXT) AS subject, 'a position' AS expected, 'none' AS found
        FROM events e
        WHERE e.programme_id = $1 AND e.member_id BETWEEN $2 AND $3 AND e.state = 'accepted' AND e.position IS NULL
            AND e.outcome IS NULL
        """,
    ),
    Proof(
        "COUNTER",
        """
        SELECT 0 AS member_id, c.name AS subject, CAST(COALESCE(m.amount, 0) AS BIGINT) AS expected,
            c.total - c."left" AS found
        FROM counters c LEFT JOIN (
            SELECT name, SUM(amount) AS amount FROM counter_moves WHERE programme_id = $1 GROUP BY name
        ) m ON m.name = c.name
        WHERE c.programme_id = $1 AND c.total - c."left" <> COALESCE(m.amount, 0)
        """,
        by_member=False,
    ),
    Proof(
        "SEATS",
        f"""
        SELECT 0 AS member_id, c.name AS subject, CAST(COALESCE(s.seats, 0) AS BIGINT) AS expected,
            c.total - c."left" AS found
        FROM counters c LEFT JOIN (
            SELECT 'seats:' || gathering AS name, SUM(seats) AS seats FROM sign_ups
            WHERE programme_id = $1 AND state IN {SEATED} GROUP BY gathering
        ) s ON s.name = c.name
        WHERE c.programme_id = $1 AND c.name LIKE 'seats:%' AND c.total - c."left" <> COALESCE(s.seats, 0)
        """,
        by_member=False,
    ),
    Proof(
        "LINE",
        """
        SELECT 0 AS member_id, c.name AS subject, COALESCE(s.waiting, 0) AS expected, c.total - c."left" AS found
        FROM counters c LEFT JOIN (
            SELECT gathering, COUNT(*) AS waiting FROM sign_ups
            WHERE programme_id = $1 AND state = 'waiting' GROUP BY gathering
        ) s ON c.name IN ('line:' || s.gathering, 'places:' || s.gathering)
        WHERE c.programme_id = $1 AND (c.name LIKE 'line:%' OR c.name LIKE 'places:%')
            AND c.total - c."left" <> COALESCE(s.waiting, 0)
        """,
        by_member=False,
    ),
    Proof(
        "PRIZES",
        """
        SELECT 0 AS member_id, c.name AS subject, COALESCE(t.won, 0) AS expected, c.total - c."left" AS found
        FROM counters c LEFT JOIN (
            SELECT 'prize:' || draw || '/' || prize AS name, COUNT(*) AS won FROM tickets
            WHERE programme_id = $1 AND state = 'won' GROUP BY draw, prize
        ) t ON t.name = c.name
        WHERE c.programme_id = $1 AND c.name LIKE 'prize:%' AND c.total - c."left" <> COALESCE(t.won, 0)
        """,
        by_member=False,
    ),
    Proof(
        "TICKET_STATE",
        """
        SELECT t.member_id, 'ticket ' || t.number AS subject, 'a prize if it won, judged once' AS expected,
            t.state AS found
        FROM tickets t WHERE t.programme_id = $1 AND t.member_id BETWEEN $2 AND $3
            AND ((t.state = 'won') <> (t.prize IS NOT NULL AND t.entitlement_id IS NOT NULL)
                OR (t.state IN ('won', 'lost')) <> (t.judged_at IS NOT NULL))
        """,
    ),
    Proof(
        "TRANSIT",
        """
        SELECT 0 AS member_id, t.wallet AS subject, 0 AS expected, t.amount AS found
        FROM (
            SELECT wallet, CAST(SUM(CASE WHEN credit = 'transit' THEN amount ELSE -amount END) AS BIGINT) AS amount
            FROM transfers WHERE programme_id = $1 AND (credit = 'transit' OR debit = 'transit') GROUP BY wallet
        ) t
        WHERE t.amount <> 0
            AND NOT EXISTS (
                SELECT 1 FROM events WHERE programme_id = $1 AND state = 'queued'
                    AND kind IN ('points.received', 'member.absorbed', 'pool.paid', 'pool.repaid')
            )
        """,
        by_member=False,
    ),
    Proof(
        "POOL",
        """
        SELECT m.id AS member_id, 'pool' AS subject, p.member_id AS expected, m.pool_id AS found
        FROM members m LEFT JOIN pool_members p
            ON p.programme_id = m.programme_id AND p.person_id = m.id AND p.left_at IS NULL
        WHERE m.programme_id = $1 AND (m.pool_id <> p.member_id OR (m.pool_id IS NULL) <> (p.member_id IS NULL))
            AND NOT EXISTS (SELECT 1 FROM events WHERE programme_id = $1 AND state = 'queued')
        """,
        by_member=False,
    ),
    Proof(
        "DAY_FIGURES",
        f"""
        SELECT 0 AS member_id, CAST(day AS TEXT) AS subject, {_listed("SUM(orders)", "SUM(spend)")} AS expected,
            {_listed("SUM(told_orders)", "SUM(told_spend)")} AS found
        FROM (
            SELECT business_date AS day, CASE WHEN net > 0 THEN 1 ELSE 0 END AS orders, net AS spend,
                0 AS told_orders, 0 AS told_spend
            FROM orders o WHERE programme_id = $1 AND state <> 'claimed' AND NOT EXISTS (
                SELECT 1 FROM members m WHERE m.programme_id = o.programme_id AND m.id = o.member_id
                    AND m.merged_into IS NOT NULL)
            UNION ALL
            SELECT day, 0, 0, orders, spend FROM day_deltas WHERE programme_id = $1
        ) figures
        GROUP BY day HAVING SUM(orders) <> SUM(told_orders) OR SUM(spend) <> SUM(told_spend) LIMIT 1000
        """,
        by_member=False,
    ),
    Proof(
        "CLAIM_EVENT",
        """
        SELECT c.member_id, c.subject || ' ' || c.key AS subject, c.event_id AS expected, 'none' AS found
        FROM claims c LEFT JOIN events e
            ON e.programme_id = c.programme_id AND e.member_id = c.member_id AND e.id = c.event_id
        WHERE c.programme_id = $1 AND e.id IS NULL LIMIT 1000
        """,
        by_member=False,
    ),
    Proof(
        "POSITION_TWICE",
        """
        SELECT MIN(member_id) AS member_id, CAST(position AS TEXT) AS subject, 1 AS expected, COUNT(*) AS found
        FROM events WHERE programme_id = $1 AND position IS NOT NULL
        GROUP BY position HAVING COUNT(*) > 1 LIMIT 1000
        """,
        by_member=False,
    ),
    Proof(
        "REFERENCE_ORDER",
        """
        SELECT r.member_id, r.shop || ' ' || r.number AS subject, r.order_id AS expected, 'none' AS found
        FROM order_refs r LEFT JOIN orders o
            ON o.programme_id = r.programme_id AND o.member_id = r.member_id AND o.id = r.order_id
        WHERE r.programme_id = $1 AND r.kind = 'order' AND r.order_id IS NOT NULL AND o.id IS NULL LIMIT 1000
        """,
        by_member=False,
    ),
    Proof(
        "IDENTITY_MEMBER",
        """
        SELECT i.member_id, i.kind AS subject, 'a member' AS expected, 'none' AS found
        FROM identities i LEFT JOIN members m ON m.programme_id = i.programme_id AND m.id = i.member_id
        WHERE i.programme_id = $1 AND m.id IS NULL LIMIT 1000
        """,
        by_member=False,
    ),
)
