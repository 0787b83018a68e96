// A member's page in plain JavaScript: one query paints it, one mutation redeems. No build, no library.
// Texts are set as text, never as markup: whatever a programme calls a benefit, it stays a name.
import { WORDS } from "./words.js";

const PAGE = `
  query Page($after: String) {
    me {
      tier { title }
      points {
        title unit balance pending owed
        expiring(days: 30) { points on }
        entries(first: 10, after: $after) { nodes { id at points reason } pageInfo { hasNextPage endCursor } }
      }
      standings { ladder { title } tier { title } validUntil progress { next { title } missing { words } warning } }
      entitlements(first: 20, state: ISSUED) { nodes { id code expiresAt benefit { title description } } }
      benefits {
        benefit { key title description }
        availability { state reason prices { points value { amount currencyCode } upTo { amount } } }
      }
    }
  }`;

const REDEEM = `
  mutation Redeem($input: PointsRedeemInput!) {
    pointsRedeem(input: $input) { replayed userErrors { code message } }
  }`;

const at = (id) => document.getElementById(id);
const state = { server: "", token: "", lang: "en" };
const keys = new Map(); // A wish keeps its key until it is answered: pressed twice, or sent again, it is done once.

function make(tag, text, ...inside) {
  const made = document.createElement(tag);
  if (text) made.textContent = text;
  made.append(...inside.filter(Boolean));
  return made;
}

const word = (name, ...values) => {
  const found = WORDS[state.lang][name];
  return typeof found === "function" ? found(...values) : found;
};
const day = (instant) => new Intl.DateTimeFormat(state.lang, { dateStyle: "medium" }).format(new Date(instant));
const number = (value) => new Intl.NumberFormat(state.lang).format(value);

const money = ({ amount, currencyCode }) =>
  new Intl.NumberFormat(state.lang, { style: "currency", currency: currencyCode, currencyDisplay: "narrowSymbol" })
    .format(amount);

async function ask(query, variables) {
  const answer = await fetch(new URL("/graphql", state.server), {
    method: "POST",
    headers: {
      authorization: `Bearer ${state.token}`,
      "accept-language": state.lang,
      "content-type": "application/json",
      accept: "application/json",
    },
    body: JSON.stringify({ query, variables }),
  });
  const body = await answer.json();
  const failed = body.errors?.[0];
  if (failed) {
    const lost = ["UNAUTHENTICATED", "FORBIDDEN"].includes(failed.extensions?.code);
    throw new Error(lost ? word("forbidden") : failed.message, { cause: failed });
  }
  return body.data;
}

// A fetch that fails says so in the browser's own words, which help nobody.
const told = (error) => (error instanceof TypeError ? word("unanswered") : error.message);

function say(text) {
  at("notice").textContent = text;
}

function label() {
  document.documentElement.lang = state.lang;
  for (const one of document.querySelectorAll("[data-word]")) one.textContent = word(one.dataset.word);
}

function fill(id, items) {
  at(id).replaceChildren(...(items.length ? items : [make("li", word("nothing"))]));
}

function showPoints(points) {
  at("balance").textContent = `${number(points.balance)} ${points.unit}`;
  const around = points.expiring.map((one) => make("li", word("expiring", number(one.points), points.unit, day(one.on))));
  if (points.pending) around.unshift(make("li", word("pending", number(points.pending), points.unit)));
  if (points.owed) around.unshift(make("li", word("owed", number(points.owed), points.unit)));
  at("around").replaceChildren(...around);
}

function showStandings(standings) {
  const shown = standings.map(({ ladder, tier, validUntil, progress }) =>
    make("article", "",
      make("h3", word("standing", ladder.title, tier.title)),
      validUntil && make("p", word("until", day(validUntil))),
      progress.next && make("p", word("next", progress.next.title)),
      progress.missing.length ? make("ul", "", ...progress.missing.map((one) => make("li", one.words))) : null,
      progress.warning && make("p", progress.warning),
    ));
  at("standings").replaceChildren(...shown);
}

function showHeld(entitlements) {
  fill("held", entitlements.map(({ benefit, code, expiresAt }) =>
    make("li", "",
      make("strong", benefit?.title ?? ""),
      code && make("span", ` ${word("code")} `, make("code", code)),
      expiresAt && make("small", ` ${word("ends", day(expiresAt))}`),
    )));
}

function showBenefits(benefits, unit) {
  fill("benefits", benefits.map(({ benefit, availability }) => {
    const line = make("li", "", make("strong", benefit.title), make("p", benefit.description));
    if (availability.reason) line.append(make("p", availability.reason));
    for (const price of availability.state === "AVAILABLE" ? availability.prices : []) {
      const worth = price.value && !price.upTo ? money(price.value) : "";
      const button = make("button", word("redeem", number(price.points), unit, worth));
      button.dataset.benefit = benefit.key;
      button.addEventListener("click", () => redeem(button, benefit, price));
      line.append(button);
    }
    return line;
  }));
}

function showEntries(entries, further) {
  const rows = entries.nodes.map((one) =>
    make("tr", "", make("td", day(one.at)), make("td", one.reason), make("td", number(one.points))));
  if (further) at("entries").append(...rows);
  else at("entries").replaceChildren(...rows);
  at("more").hidden = !entries.pageInfo.hasNextPage;
  at("more").onclick = () => show(entries.pageInfo.endCursor);
}

async function show(after = null) {
  try {
    const { me } = await ask(PAGE, { after });
    if (!after) {
      showPoints(me.points);
      showStandings(me.standings);
      showHeld(me.entitlements.nodes);
      showBenefits(me.benefits, me.points.unit);
    }
    showEntries(me.points.entries, after !== null);
    at("enter").hidden = true;
    at("page").hidden = false;
    return true;
  } catch (error) {
    say(told(error));
    at("enter").hidden = at("page").hidden === false;
    return false;
  }
}

async function redeem(button, benefit, price) {
  const wish = `${benefit.key} ${price.value?.amount ?? ""} ${price.points}`;
  if (!keys.has(wish)) keys.set(wish, `storefront-${crypto.randomUUID()}`);
  button.disabled = true;
  try {
    const input = { benefit: benefit.key, idempotencyKey: keys.get(wish) };
    if (price.value) input.value = price.value.amount;
    const { pointsRedeem } = await ask(REDEEM, { input });
    keys.delete(wish); // Answered: the next press is a new wish.
    const [error] = pointsRedeem.userErrors;
    if (await show()) say(error ? error.message : word("redeemed", benefit.title));
  } catch (error) {
    say(told(error));
  } finally {
    button.disabled = false;
  }
}

function remember() {
  for (const name of ["server", "token", "lang"]) sessionStorage.setItem(name, state[name]);
}

// The token may come behind the `#`: browsers keep that part to themselves, and it is taken out of the address at once.
const given = new URLSearchParams(location.hash.slice(1));
if (given.size) history.replaceState(null, "", location.pathname);
const wanted = navigator.language.startsWith("zh") ? "zh-CN" : "en";
state.server = given.get("server") ?? sessionStorage.getItem("server") ?? "http://127.0.0.1:8000";
state.token = given.get("token") ?? sessionStorage.getItem("token") ?? "";
state.lang = given.get("lang") ?? sessionStorage.getItem("lang") ?? wanted;
if (!(state.lang in WORDS)) state.lang = "en";

at("server").value = state.server;
at("language").value = state.lang;
at("language").addEventListener("change", async () => {
  state.lang = at("language").value;
  remember();
  label();
  say("");
  if (state.token) await show();
});
at("enter").addEventListener("submit", async (event) => {
  event.preventDefault();
  Object.assign(state, { server: at("server").value, token: at("token").value.trim() });
  remember();
  say("");
  await show();
});
label();
remember();
if (state.token) await show();
