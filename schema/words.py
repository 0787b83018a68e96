"""Words made of data where somebody reads: why an entry was made, what a policy is called."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from locales import text, texts
from rules.policy import Policy
from schema.reader import Reader


async def policy_of(reader: Reader, path: str | None, version: int) -> Policy | None:
    """A policy as it stood in a version; as it stands now when that version is not at hand."""
    if path is None:
        return None
    live = await reader.live()
    editions = [edition for edition in live.editions if edition.number == version] or [live.newest]
    return editions[0].ruleset.policies.get(path)


def reason_of(lang: str, reason: str, policy: Policy | None, noted: str | None = None) -> str:
    """Why an entry was made: what happened, and by which policy or in whose words."""
    code = f"entry.{reason}" if f"entry.{reason}" in texts(lang) else "entry.other"
    what = text(code, lang)
    detail = policy.title.say(lang) if policy else noted
    return text("entry.detailed", lang, what=what, detail=detail) if detail else what


def local(instant: datetime | None, zone: str) -> date | None:
    """The last day, in the programme's zone, before an instant at which something ends."""
    return (instant - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date() if instant else None
