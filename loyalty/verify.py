"""The proof of the books: every law that `proofs` lists, over all members, and the log folded again. Reads only."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from locales import text
from loyalty.proofs import PROOFS, Proof
from models.codec import instant_text
from models.database import Database, Reader

MEMBERS_PER_BATCH = 1_000
FINDINGS_MAX = 1_000  # Books this wrong are wrong enough.
STAND_INS = (-64, 0)

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where the books do not hold: which law, whose, what about, what should be there and what is."""

    code: str
    member_id: int
    subject: str
    expected: str
    found: str

    def words(self, lang: str) -> str:
        """The finding as a sentence."""
        where = {"member": self.member_id, "subject": self.subject}
        return text(f"finding.{self.code}", lang, **where, expected=self.expected, found=self.found)

    def as_data(self, lang: str) -> dict[str, Any]:
        """The finding for programs, with its words."""
        data = {"code": self.code, "member": self.member_id, "subject": self.subject}
        return {**data, "expected": self.expected, "found": self.found, "words": self.words(lang)}


Replay = Callable[[Database, int, list[int]], Awaitable[Iterable[Finding]]]


@dataclass(slots=True)
class Report:
    """What was looked at, and what was found."""

    members: int = 0
    events: int = 0
    transfers: int = 0
    laws: int = len(PROOFS)
    replayed: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether everything holds."""
        return not self.findings


def silent(_done: int, _total: int) -> None:
    """A progress callback that shows nothing."""


async def verify(
    db: Database, programme_id: int, progress: Progress = silent, *, replay: Replay | None = None
) -> Report:
    """Prove the books of a programme; with `replay` each member's log is folded again and compared bit for bit."""
    async with db.snapshot(patient=True) as reader:  # Of the whole programme at once: that takes its time.
        report = await _counted(reader, programme_id)
        for proof in PROOFS:
            if not proof.by_member:
                report.findings += await _findings(reader, proof, programme_id)
    await _prove(db, report, programme_id, STAND_INS)
    done = 0
    async for members in _batches(db, programme_id):
        await _prove(db, report, programme_id, (members[0], members[-1]))
        if replay is not None:
            report.findings += await replay(db, programme_id, members)
            report.replayed += len(members)
        done += len(members)
        progress(done, report.members)
        if len(report.findings) >= FINDINGS_MAX:
            del report.findings[FINDINGS_MAX:]
            break
    return report


async def _prove(db: Database, report: Report, programme_id: int, members: tuple[int, int]) -> None:
    for proof in PROOFS:
        if proof.by_member:
            report.findings += await _findings(db, proof, programme_id, *members)


async def _findings(db: Database | Reader, proof: Proof, *args: int) -> list[Finding]:
    rows = await db.rows(proof.sql, *args)
    return [
        Finding(proof.code, row["member_id"] or 0, row["subject"], _said(row["expected"]), _said(row["found"]))
        for row in rows
    ]


async def _batches(db: Database, programme_id: int) -> AsyncIterator[list[int]]:
    sql = "SELECT id FROM members WHERE programme_id = $1 AND id > $2 ORDER BY id LIMIT $3"
    last = 0
    while rows := await db.rows(sql, programme_id, last, MEMBERS_PER_BATCH):
        members = [int(row["id"]) for row in rows]
        yield members
        last = members[-1]


async def _counted(db: Database | Reader, programme_id: int) -> Report:
    sql = (
        "SELECT (SELECT COUNT(*) FROM members WHERE programme_id = $1) AS members, "
        "(SELECT COUNT(*) FROM events WHERE programme_id = $1) AS events, "
        "(SELECT COUNT(*) FROM transfers WHERE programme_id = $1) AS transfers"
    )
    (row,) = await db.rows(sql, programme_id)
    return Report(members=row["members"], events=row["events"], transfers=row["transfers"])


def _said(value: Any) -> str:
    """A value as a person reads it; both databases say it alike."""
    if value is None:
        return "–"
    return instant_text(value) if isinstance(value, datetime) else str(value)
