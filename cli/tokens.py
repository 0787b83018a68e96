"""`loyalty tokens …`: who is let in, as whom, and until when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from secrets import token_bytes, token_hex
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.words import Speech, answer, as_json, say, table

if TYPE_CHECKING:
    from loyalty.house import House
    from loyalty.keys import Grant
    from loyalty.rulebook import Live
    from models.control import ApiKey

app = typer.Typer(help=say("help.tokens"), no_args_is_help=True)
Programme = Annotated[str | None, typer.Option("--programme", "-p", help=say("help.programme"))]
AsJson = Annotated[bool, typer.Option("--json", help=say("help.json"))]


@app.command("new", help=say("help.tokens_new"))
def new(
    role: Annotated[str, typer.Argument(help=say("help.role"))],
    subject: Annotated[str, typer.Option("--subject", help=say("help.subject"))] = "",
    member: Annotated[str, typer.Option("--member", help=say("help.member"))] = "",
    partner: Annotated[str, typer.Option("--partner", help=say("help.partner"))] = "",
    shops: Annotated[str, typer.Option("--shops", help=say("help.shops"))] = "",
    scopes: Annotated[str, typer.Option("--scopes", help=say("help.scopes"))] = "",
    ranges: Annotated[str, typer.Option("--from", help=say("help.ranges"))] = "",
    days: Annotated[float, typer.Option("--days", help=say("help.days"), min=0.001)] = 90,
    programme: Programme = None,
    json: AsJson = False,
) -> None:
    """Make a token of a role."""
    from cli.house import opened, programme_of, run
    from loyalty.access import ROLES

    if role not in ROLES:
        raise typer.BadParameter(say("role_unknown", role=role, allowed=", ".join(ROLES)))
    if role == "member" and not member:
        raise typer.BadParameter(say("member_needed"), param_hint="--member")
    if role == "partner" and not partner:
        raise typer.BadParameter(say("partner_needed"), param_hint="--partner")

    async def work() -> dict[str, Any]:
        async with opened() as house:
            live = await programme_of(house, programme)
            until = datetime.now(UTC) + timedelta(days=days)
            if role == "member":
                return await member_token(house, live, member, until)
            known_partner(live, partner)
            grant = granted(live, role, subject, partner, split(shops), split(scopes))
            return await key(house, live, replace(grant, expires_at=until, ranges=split(ranges)), role)

    made = run(work())
    if json:
        as_json(made)
    else:
        typer.echo(say("token_new", subject=made["subject"], until=made["expires_at"]), err=True)
        answer(made["token"])


async def member_token(house: "House", live: "Live", member: str, until: datetime) -> dict[str, Any]:
    """A member's own token."""
    from cli.events import member_ref
    from cli.house import naming
    from loyalty import keys, views

    with naming("member_none", member=member):
        member_id = await views.find(house, live, member_ref(member))
    now = datetime.now(UTC)
    token = keys.member_token(house.secrets, live, member_id, token_id=token_hex(8), now=now, expires_at=until)
    return {"subject": f"member:{member_id}", "expires_at": until.isoformat(timespec="seconds"), "token": token}


def known_partner(live: "Live", partner: str) -> None:
    """A usage error for a partner that the programme neither declares nor names in a benefit."""
    ruleset = live.newest.ruleset
    partners = sorted({*ruleset.partners, *(one.partner for one in ruleset.benefits.values() if one.partner)})
    if partner and partner not in partners:
        said = say("partner_unknown", partner=partner, allowed=", ".join(partners) or "–")
        raise typer.BadParameter(said, param_hint="--partner")


def split(text: str) -> tuple[str, ...]:
    """What is listed, by commas."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def granted(
    live: "Live", role: str, subject: str, partner: str, shops: tuple[str, ...], scopes: tuple[str, ...]
) -> "Grant":
    """Whom a key is for: a role's scopes or some of them, and a partner's own shops."""
    from loyalty.access import scopes_of
    from loyalty.keys import Grant

    held = scopes_of([role])
    if beyond := sorted(set(scopes) - held):
        said = say("scopes_beyond", scopes=", ".join(beyond), role=role, allowed=", ".join(sorted(held)))
        raise typer.BadParameter(said, param_hint="--scopes")
    declared = live.newest.ruleset.partners.get(partner)
    own = declared.shops if declared is not None else ("main",)
    subject = subject or (f"partner:{partner}" if role == "partner" else "")
    return Grant(subject, frozenset(scopes) or held, shops or own, partner or None)


async def key(house: "House", live: "Live", grant: "Grant", role: str) -> dict[str, Any]:
    """A key; where nobody is named it has a subject of its own."""
    from cli.house import operator
    from loyalty import keys
    from loyalty.refusals import Malformed, worded

    chance = token_bytes(keys.CHANCE_BYTES)
    grant = replace(grant, subject=grant.subject or f"client:{role}-{keys.id_of(chance)}")
    try:
        row, token = await keys.issue(house.db, house.secrets, operator(live.name), live, grant, chance=chance)
    except Malformed as wrong:
        raise typer.BadParameter(worded(wrong.code, wrong.params, Speech.lang)) from wrong
    return once(row, token)


def once(row: "ApiKey", token: str) -> dict[str, Any]:
    """A key that has just been made: the one time it is shown."""
    until = row.expires_at.isoformat(timespec="seconds") if row.expires_at else None
    return {"id": row.id, "subject": row.subject, "expires_at": until, "token": token}


@app.command("rotate", help=say("help.tokens_rotate"))
def rotate(
    key_id: Annotated[str, typer.Argument(help=say("help.key_id"))],
    overlap: Annotated[float, typer.Option("--overlap-hours", help=say("help.overlap"), min=0)] = 24,
    days: Annotated[float, typer.Option("--days", help=say("help.days"), min=0.001)] = 90,
    programme: Programme = None,
    json: AsJson = False,
) -> None:
    """Make a key in another's place; both are good for a while."""
    from cli.house import naming, opened, operator, programme_of, run
    from loyalty import keys

    async def work() -> dict[str, Any]:
        async with opened() as house:
            live = await programme_of(house, programme)
            rotation = keys.Rotation(timedelta(hours=overlap), datetime.now(UTC) + timedelta(days=days))
            chance = token_bytes(keys.CHANCE_BYTES)
            with naming("key_none", key=key_id), naming("key_over", "KEY_OVER", key=key_id):
                return once(
                    *await keys.rotate(
                        house.db, house.secrets, operator(live.name), live, key_id, rotation, chance=chance
                    )
                )

    shown = run(work())
    if json:
        as_json(shown)
    else:
        typer.echo(say("token_new", subject=shown["subject"], until=shown["expires_at"]), err=True)
        answer(shown["token"])


@app.command("list", help=say("help.tokens_list"))
def list_keys(programme: Programme = None, json: AsJson = False) -> None:
    """The keys of a programme."""
    from cli.house import opened, operator, programme_of, run
    from loyalty import keys
    from loyalty.access import role_of

    async def work() -> list[Any]:
        async with opened() as house:
            live = await programme_of(house, programme)
            return await keys.listed(house.db, operator(live.name), live)

    names = ("id", "subject", "scopes", "partner", "ranges", "replaces", "expires_at", "revoked_at")
    rows = [{name: getattr(row, name) for name in names} for row in run(work())]
    for row in rows:
        row["role"] = role_of(row["scopes"].split())
    if json:
        as_json(rows)
    else:
        columns = ("id", "subject", "role", "partner", "expires", "revoked")
        shown = [row | {"role": row["role"] or row["scopes"]} for row in rows]
        ends = ("expires_at", "revoked_at")
        table(columns, [tuple(row[name] for name in (*columns[:4], *ends)) for row in shown])


@app.command("revoke", help=say("help.tokens_revoke"))
def revoke(key_id: Annotated[str, typer.Argument(help=say("help.key_id"))], programme: Programme = None) -> None:
    """Let nobody in by a key any more."""
    from cli.house import naming, opened, operator, programme_of, run
    from loyalty import keys

    async def work() -> None:
        async with opened() as house:
            live = await programme_of(house, programme)
            with naming("key_none", key=key_id):
                await keys.revoke(house.db, operator(live.name), live, key_id)

    run(work())
    answer(say("token_revoked", key=key_id))
