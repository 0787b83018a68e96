// The explorer: GraphiQL, a box for the token, a language, and examples to begin with. It asks this server and no other.
"use strict";

const EXAMPLES = [
  ["My account · 我的账户 (member token)", `query MyAccount {
  me {
    points {
      title balance available pending
      expiring(days: 60) { points on }
    }
    tier { title }
    standings {
      ladder { title }
      tier { title }
      progress {
        next { title }
        missing { words }
        reviewAt atRisk
      }
    }
    wallets {
      title balance
      entries(first: 5) {
        nodes { at kind points balanceAfter reason order { number } }
      }
    }
  }
}`],
  ["What can I have · 可享权益 (member token)", `query Benefits {
  me {
    entitlements(first: 10, state: ISSUED) { nodes { benefit { title } code expiresAt } }
    benefits { benefit { title description } availability { state reason prices { points value { amount } } } }
  }
}`],
  ["What would it earn · 试算 (member token)", `query Basket {
  orderPreview(input: { total: "300.00" }) {
    earns
    lines { policy { title } points words }
    tiers { tierTo }
    userErrors { code message field }
  }
}`],
  ["Redeem · 兑换 (member token)", `mutation Redeem {
  pointsRedeem(input: { idempotencyKey: "try-1", benefit: "coupon-10" }) {
    replayed
    receipt { state message points { title available } entitlements { benefit { title } code } }
    userErrors { code message field }
  }
}`],
  ["Vocabulary of rules · 规则词汇 (marketer token)", `query Rules {
  ruleset { number policies { path title words paused } }
  ruleCatalog { variables { name label type operators { name } } events }
}`],
  ["Why these points · 积分由来 (marketer token)", `query Why {
  member(by: { identity: { kind: "external", value: "M-0001" } }) {
    points { entries(first: 3) { nodes { points reason explanation } } }
  }
}`],
  ["My benefits · 合作权益 (partner token)", `query Partner {
  partnerView { key title benefits { title issued used expired usageRate } }
}`],
  ["The programme · 会员计划 (any token)", `query Programme {
  programme { title currency zone terms ladders { title tiers { title } } wallets { title terms } }
}`],
];

const field = (name) => document.getElementById(name);
const kept = (name) => window.sessionStorage.getItem(name);
const token = field("token");
const language = field("language");
const example = field("example");

// A token in the fragment never leaves the browser: it is kept for this tab, and taken off the address.
const given = new URLSearchParams(window.location.hash.slice(1)).get("token");
if (given) {
  window.sessionStorage.setItem("token", given);
  window.history.replaceState(null, "", window.location.pathname);
}
token.value = kept("token") || "";
language.value = kept("language") || (navigator.language.startsWith("zh") ? "zh-CN" : "en");
for (const box of [token, language]) {
  box.addEventListener("change", () => window.sessionStorage.setItem(box.id, box.value));
}
EXAMPLES.forEach(([title], index) => example.add(new Option(title, index)));

async function fetcher(parameters) {
  const headers = { "Content-Type": "application/json", "Accept-Language": language.value };
  if (token.value) headers.Authorization = `Bearer ${token.value.trim()}`;
  const answer = await fetch("/graphql", { method: "POST", headers, body: JSON.stringify(parameters) });
  return answer.json();
}

const root = ReactDOM.createRoot(field("graphiql"));
function show(query) {
  root.render(React.createElement(GraphiQL, { fetcher, query, defaultEditorToolsVisibility: "variables", shouldPersistHeaders: false }));
}
example.addEventListener("change", () => show(EXAMPLES[Number(example.value)][1]));
show(EXAMPLES[0][1]);
