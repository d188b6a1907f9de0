// What a program does with the API: each call with the answer it expects.
import { fairness } from "./fair.mjs";
import { tasks } from "./tasks.mjs";

const later = (days) => new Date(Date.now() + days * 24 * 3600 * 1000).toISOString();
const file = (filename, text) => ({ filename, base64: Buffer.from(text).toString("base64") });
const nobody = null, unknown = "0".repeat(13);

export async function script({ ask, token, crowd, reader, manager }) {
  const owner = (method, address, body, rest) => ask(token, method, address, body, rest);
  const [ann, bo, chioma] = crowd.map((p) => (method, address, body, rest) => ask(p.token, method, address, body, rest));
  const { organisation_id } = await ask(nobody, "GET", "/");
  const house = `/organisations/${organisation_id}`;
  await organisation(owner, house, crowd[2]);
  const campaign = await lives(owner, house);
  const subjects = await ideas({ owner, ann, bo, campaign });
  await opinions({ owner, ann, bo, campaign, ...subjects });
  await themes({ owner, ann, campaign, ...subjects });
  await discussion({ owner, ann, bo, campaign, ...subjects });
  await moderation({ owner, ann, campaign });
  await money({ ask, owner, ann, house, campaign, person: crowd[0], manager });
  await tasks({ ask, owner, ann, bo, house, person: manager, closes_at: later(20) });
  await fairness({ owner, ann, house, closes_at: later(20) });
  await webhooks({ owner, ann, house });
  await panels({ ask, owner, ann, house });
  await refusals({ ask, owner, ann, chioma, reader, house, campaign, ...subjects });
  await reading({ ask, owner, campaign, ...subjects });
  await owner("POST", `${campaign}/close`, { reason: "All ideas are in." });
  await ann("POST", `${campaign}/ideas`, { title: "Too late for this one" }, { status: 409 });
  await account(ann);
}

async function organisation(owner, house, person) {
  await owner("POST", `${house}/edit`, { name: "Norhaven Energy", colour_1: "#0b5d5e", colour_2: "#F2B134" });
  await owner("POST", `${house}/team`, { email: person.email, role: "moderator" });
  await owner("GET", `${house}/team`);
  await owner("POST", `${house}/team/${person.id}/remove`, {});
  await owner("GET", `${house}/manage`);
  await owner("GET", `${house}/comparing`);
  await owner("POST", `${house}/comparing`, { sends_texts: true, host: "example.org" }, { status: 422 });
  await owner("POST", `${house}/comparing`, { sends_texts: false });
}

/** Every act of a campaign's life; gives one that is open. */
async function lives(owner, house) {
  const make = async (question, rest = {}) => {
    const body = { question, closes_at: later(20), ...rest };
    return `/campaigns/${(await owner("POST", `${house}/campaigns`, body, { status: 201 })).campaign_id}`;
  };
  const scheduled = await make("Where should the new trees stand?", { opens_at: later(3) });
  await owner("POST", `${scheduled}/open`, {});
  await owner("POST", `${scheduled}/withdraw`, {});
  await owner("POST", `${scheduled}/cancel`, { reason: "The trees have died." });
  const campaign = await make("What should the old coal store become?", { brief: "It stands **empty**.", votes_per_person: 2, votes_against: true, maps_opinions: true, categories: "Crafts\nFood", terms: "Be kind." });
  await owner("GET", `${campaign}/manage`);
  await owner("POST", `${campaign}/edit`, { question: "What should the old coal store become?", brief: "It stands empty.", closes_at: later(20), votes_per_person: 2, votes_against: true, maps_opinions: true, categories: "Crafts\nFood", terms: "Be kind." });
  await owner("POST", `${campaign}/open`, {});
  await owner("POST", `${campaign}/pause`, { reason: "The hall is flooded." });
  await owner("POST", `${campaign}/resume`, {});
  await owner("POST", `${campaign}/extend`, { closes_at: later(30), reason: "More people ask for time." });
  await owner("POST", `${campaign}/open`, {}, { status: 409 });
  return campaign;
}

async function ideas({ owner, ann, bo, campaign }) {
  const { categories } = await ann("GET", campaign);
  const make = (who, title, rest) =>
    who("POST", `${campaign}/ideas`, { title, accept_terms: true, ...rest }, { status: 201 });
  const idea = await make(ann, "A workshop with tools for everyone", { text: "With a lathe.", category_id: categories[0].category_id });
  const second = await make(bo, "A winter market hall");
  const third = await make(bo, "Rehearsal rooms for choirs");
  const at = (i) => `${campaign}/ideas/${i.idea_id}`, votes = (i) => `${campaign}/subjects/${i.vote.subject_id}/vote`;

  const key = { headers: { "idempotency-key": "one-and-only" } };
  const once = { title: "A room that is open late", accept_terms: true };
  const first = await ann("POST", `${campaign}/ideas`, once, { status: 201, ...key });
  const again = await ann("POST", `${campaign}/ideas`, once, { status: 201, ...key });
  if (first?.idea_id !== again?.idea_id) throw new Error("one key made two ideas");
  await ann("POST", `${campaign}/ideas`, { ...once, title: "Another room" }, { status: 409, code: "key_used_differently", ...key });

  await ann("POST", `${at(idea)}/edit`, { title: "A workshop with tools", text: "With a lathe and a kiln." });
  await bo("POST", votes(idea), {});
  await bo("POST", votes(idea), { direction: "down" });
  await bo("POST", `${votes(idea)}/withdraw`, {});
  for (const i of [idea, second]) await ann("POST", votes(i), { direction: "up" });
  await ann("POST", votes(third), {}, { status: 409 });
  await owner("POST", `${at(second)}/hide`, { rule: "off_topic", reason: "It is about another hall." });
  await owner("POST", `${at(second)}/show`, {});
  await owner("POST", `${campaign}/manage/ideas/hide`, { idea_ids: `${second.idea_id} ${third.idea_id}`, rule: "duplicate", reason: "They say the same." });
  await ann("POST", `${at(again)}/withdraw`, {});
  const report = await owner("POST", `${campaign}/manage/import`, { file: file("box.csv", "title\nA stage for the school theatre\nNo\n") });
  await owner("GET", `${campaign}/manage/imports/${report.idea_import_id}`);
  return { idea, second };
}

async function opinions({ owner, ann, bo, campaign, idea }) {
  const asked = await bo("GET", `${campaign}/opinions`);
  if (!asked?.has_question) throw new Error("nobody asks for an opinion");
  const subject = (id) => `${campaign}/subjects/${id}/opinion`;
  for (const opinion of ["agree", "disagree", "pass"]) await bo("POST", subject(asked.subject_id), { opinion });
  await bo("POST", subject(asked.subject_id), { opinion: "perhaps" }, { status: 422 });
  await bo("GET", `${campaign}/opinions/mine`);
  await bo("POST", `${subject(asked.subject_id)}/withdraw`, {});
  await bo("POST", subject(idea.idea_id), { opinion: "agree", back: "mine" });
  await ann("POST", subject(idea.idea_id), { opinion: "agree" }, { status: 409, code: "own_subject" });
  await ann("POST", subject(unknown), { opinion: "agree" }, { status: 404 });
  await ann("GET", `${campaign}/opinion-map`);
  await owner("GET", `${campaign}/opinions.csv`);
  await ann("GET", `${campaign}/opinions.csv`, undefined, { status: 403 });
}

async function themes({ owner, ann, campaign, idea }) {
  const places = ["the quay", "Mill Street", "the school", "the upper park", "the station", "the hospital"];
  const rows = ["Comfortable benches", "Swimming lessons"].flatMap((thing) => places.map((place) => `${thing} near ${place}`));
  await owner("POST", `${campaign}/manage/import`, { file: file("more.csv", `title\n${rows.join("\n")}\n`) });
  const desk = `${campaign}/manage/themes`;
  let list;
  do {
    await new Promise((go) => setTimeout(go, 300));
    list = await owner("GET", desk);
  } while (list.waiting_count > 0 || list.themes.length < 2);
  const [first, second] = list.themes.map((theme) => `${desk}/${theme.subject_id}`);
  await owner("GET", `${desk}?grain=finest`);
  await ann("GET", desk, undefined, { status: 403 });
  await owner("POST", `${first}/name`, { name: "Somewhere to sit" });
  await owner("POST", `${first}/join`, { other_id: list.themes[1].subject_id });
  const { ideas } = await owner("GET", first);
  const moved = await owner("POST", `${first}/move`, { idea_ids: ideas[0].subject_id, name: "At the water" });
  await owner("POST", `${first}/move`, { idea_ids: "", name: "" }, { status: 422 });
  await owner("POST", `${desk}/acts/${moved.theme_act_id}/undo`, {});
  await owner("GET", second, undefined);
  await owner("GET", `${campaign}/manage/shortlist`);
  await owner("GET", `${campaign}/manage/shortlist.csv`);
  await owner("GET", `${campaign}/ideas/${idea.idea_id}/alike`);
}

async function discussion({ owner, ann, bo, campaign, idea }) {
  const talk = `${campaign}/subjects/${idea.vote.subject_id}/comments`;
  const comment = await bo("POST", talk, { text: "Who is liable?" }, { status: 201 });
  await owner("POST", talk, { text: "Our insurer.", parent_id: comment.comment_id }, { status: 201 });
  await owner("POST", `${talk}/${comment.comment_id}/hide`, { rule: "insult", reason: "It insults the insurer." });
  await owner("POST", `${talk}/${comment.comment_id}/show`, {});
  await bo("POST", `${talk}/${comment.comment_id}/withdraw`, {});
  await ann("POST", `${talk}/${comment.comment_id}/hide`, { rule: "insult", reason: "It insults the insurer." }, { status: 403 });
}

async function moderation({ owner, ann, campaign }) {
  const desk = `${campaign}/manage/moderation`;
  const { items } = await owner("GET", desk);
  await owner("GET", `${desk}?from=5`);
  await ann("GET", desk, undefined, { status: 403 });
  await owner("POST", `${desk}/fine`, { keys: `${items[0].key} ${items[1].key}` });
  await owner("POST", `${desk}/hide`, { keys: items[2].key, rule: "off_topic", reason: "It is about another hall." });
  await owner("POST", `${desk}/fine`, { keys: "nothing" }, { status: 422 });
}

/** Paid in, given, asked for, approved by two, paid, returned. */
async function money({ ask, owner, ann, house, campaign, person, manager }) {
  const ledger = `${campaign}/money`, batches = `${house}/payouts/batches`;
  const account = { holder: "Ann Lee", iban: "DE89 3704 0044 0532 0130 00" };
  await owner("POST", `${ledger}/deposit`, { amount: "5", reason: "Invoice 7" }, { status: 409, code: "no_ledger" });
  await owner("POST", `${ledger}/open`, { currency: "EUR" });
  await owner("POST", `${ledger}/deposit`, { amount: "1,000.00", reason: "Invoice 7" });
  await owner("POST", `${ledger}/deposit`, { amount: "ten", reason: "Invoice 8" }, { status: 422 });
  await owner("POST", `${ledger}/withdraw`, { amount: "100", reason: "Not needed" });
  const { transfers } = await owner("GET", ledger);
  await owner("POST", `${ledger}/entries/${transfers[0].ledger_entry_id}/reverse`, { reason: "It is needed" });
  await owner("GET", `${campaign}/money.csv`);
  await ann("GET", ledger, undefined, { status: 403 });
  const bonus = () => owner("POST", `${ledger}/bonus`, { email: person.email, amount: "12.50", reason: "The best sketch" });
  const request = () => ann("POST", `${campaign}/payouts`, {}, { status: 201 });
  await bonus();
  await ann("POST", `${campaign}/payouts`, {}, { status: 409, code: "no_details" });
  await ann("POST", "/account/payout-details", { ...account, iban: "DE89 3704 0044 0532 0130 01" }, { status: 422 });
  await ann("POST", "/account/payout-details", account);
  await ann("POST", `${campaign}/payouts/${(await request()).payout_id}/withdraw`, {});
  await owner("POST", `${campaign}/payouts/${(await request()).payout_id}/decline`, { reason: "We pay on Fridays." });
  await request();
  await ann("GET", "/account/earnings");
  await owner("POST", batches, { currency: "EUR" }, { status: 409, code: "no_payer" });
  await owner("POST", `${house}/payer`, { holder: "Norhaven Energy", iban: "GB82 WEST 1234 5698 7654 32" });
  await owner("GET", `${house}/payouts`);
  await owner("POST", `${house}/team`, { email: manager.email, role: "manager" });
  const approved = async () => {
    const { payout_batch_id } = await owner("POST", batches, { currency: "EUR" }, { status: 201 });
    await owner("POST", `${batches}/${payout_batch_id}/approve`, {});
    await owner("GET", `${batches}/${payout_batch_id}/pain.001.xml`, undefined, { status: 409, code: "not_approved" });
    await ask(manager.token, "POST", `${batches}/${payout_batch_id}/approve`, {});
    return `${batches}/${payout_batch_id}`;
  };
  await owner("POST", `${await approved()}/dissolve`, {});
  const batch = await approved();
  await owner("GET", batch);
  await owner("GET", `${batch}/pain.001.xml`);
  await owner("GET", `${batch}/payouts.csv`);
  for (let press = 0; press < 2; press++) await owner("POST", `${batch}/paid`, {});
  await owner("POST", `${batch}/lines/${person.id}/return`, { reason: "The account is closed." });
  await owner("POST", `${house}/team/${manager.id}/remove`, {});
}

/** A panel sends a worker through the API: a campaign of tasks, a token, an answer, the way back, an invoice paid. */
async function panels({ ask, owner, ann, house }) {
  const list = `${house}/panels`, back = "https://panel.example/back";
  await owner("POST", list, { name: "Acme", done_address: "nowhere" }, { status: 422 });
  const { panel } = await owner("POST", list, { name: "Acme", pays: "panel", done_address: back }, { status: 201 });
  const one = `${list}/${panel.panel_id}`, workers = `/panels/${panel.panel_id}/workers`;
  await owner("GET", list);
  await ann("GET", list, undefined, { status: 403 });
  await owner("POST", `${one}/edit`, { name: "Acme Panel", done_address: back });
  const { campaign_id } = await owner("POST", `${house}/campaigns`, { question: "Cat or dog?", kind: "task", closes_at: later(9) }, { status: 201 });
  const campaign = `/campaigns/${campaign_id}`, work = `${campaign}/tasks`;
  await owner("POST", `${work}/describe`, { template: "write", ask: "Which animal is it?", price: "0.05", accept_hours: 0, answers_least: 1, answers_most: 1 });
  await owner("POST", `${work}/items`, { file: file("i.csv", "text\nmeow\nwoof\n") });
  await owner("GET", `${work}/preview`);
  await owner("POST", `${campaign}/money/deposit`, { amount: "1", reason: "Invoice 3" });
  await owner("POST", `${campaign}/open`, {});
  const { token } = await owner("POST", `${one}/token`, {});
  const made = await ask(token, "POST", workers, { campaign: campaign_id, worker: "A-17" }, { status: 201 });
  await ask(token, "POST", workers, { campaign: campaign_id, worker: "no one" }, { status: 422 });
  await owner("POST", workers, { campaign: campaign_id, worker: "A-17" }, { status: 403 });
  const worker = (method, address, body, rest) => ask(made.token, method, address, body, rest);
  const { items } = await worker("POST", `${work}/take`, { count: 1 });
  await worker("POST", `${work}/${items[0].task_item_id}/give`, { fence: items[0].fence, answer: "A cat", count: 0 });
  await worker("GET", "/account", undefined, { status: 403 });
  await worker("GET", `${campaign}/panel`);
  await worker("GET", `${work}/look?text=A%20cat`);
  await worker("POST", `${campaign}/panel/erase`, {});
  for (const name of ["A-18", "A-19"]) await ask(token, "POST", workers, { campaign: campaign_id, worker: name }, { status: 201 });
  await ask(token, "POST", `${workers}/erase`, { worker: "A-18" });
  await owner("POST", `${one}/forget`, { worker: "A-17" }, { status: 422 });
  await owner("POST", `${one}/forget`, { worker: "A-19" });
  await owner("GET", one);
  await owner("POST", `${one}/settle`, { campaign: campaign_id, reason: "Invoice A-1" });
  await owner("POST", `${one}/settle`, { campaign: campaign_id, reason: "Invoice A-1" }, { status: 409, code: "nothing_owed" });
  await owner("POST", `${one}/switch`, { on: false });
  await owner("POST", `${one}/secret`, {});
}

/** Added, changed, tested, switched, given a new secret, removed; the address is nobody's. */
async function webhooks({ owner, ann, house }) {
  const list = `${house}/webhooks`, address = "https://nobody.invalid/hook";
  await owner("POST", list, { address: "http://127.0.0.1/hook" }, { status: 422 });
  await owner("POST", list, { address, kinds: "idea.burnt" }, { status: 422 });
  const { endpoint } = await owner("POST", list, { address, kinds: "task.*\ncampaign.closed" }, { status: 201 });
  const one = `${list}/${endpoint.webhook_endpoint_id}`;
  await owner("GET", list);
  await ann("GET", list, undefined, { status: 403 });
  await owner("POST", `${one}/edit`, { address, description: "The till", kinds: "campaign.cancelled" });
  await owner("POST", `${one}/test`, {});
  const { deliveries } = await owner("GET", one);
  await owner("POST", `${one}/deliveries/${deliveries[0].webhook_delivery_id}/again`, {});
  await owner("POST", `${one}/switch`, { on: false });
  await owner("POST", `${one}/secret`, {});
  await owner("POST", `${one}/remove`, {});
  await owner("GET", one, undefined, { status: 404 });
}

async function refusals({ ask, owner, ann, reader, chioma, house, campaign, idea }) {
  const submit = `${campaign}/ideas`, fine = { title: "A perfectly fine idea", accept_terms: true };
  await ask(nobody, "POST", submit, fine, { status: 401, code: "not_signed_in" });
  await ask("x".repeat(43), "GET", campaign, undefined, { status: 401, code: "invalid_token" });
  await ask(reader.token, "POST", submit, fine, { status: 403 });
  await ann("GET", `${house}/team`, undefined, { status: 403 });
  await ann("GET", `/campaigns/${unknown}`, undefined, { status: 404 });
  await ann("POST", `${campaign}/subjects/${unknown}/vote`, {}, { status: 404 });
  await chioma("POST", `${submit}/${idea.idea_id}/withdraw`, {}, { status: 403 });
  for (const body of [{}, { title: 7 }, { title: "x".repeat(200), accept_terms: true }, { ...fine, category_id: "no id" }])
    await ann("POST", submit, body, { status: 422, code: "problems" });
  await chioma("POST", submit, { title: "Without a word on the terms" }, { status: 422 });
  await ann("GET", `${campaign}?sort=sideways`, undefined, { status: 422 });
  await owner("POST", `${campaign}/pause`, { reason: "No" }, { status: 422 });
  await owner("POST", `${campaign}/edit`, { question: "Another question altogether?", closes_at: later(20) }, { status: 422 });
  await ann("POST", submit, fine, { status: 400, headers: { "idempotency-key": "k".repeat(101) } });
  await ann("POST", submit, fine, { status: 415, headers: { "content-type": "text/plain" } });
}

async function reading({ ask, owner, campaign, idea }) {
  const addresses = [campaign, `${campaign}?sort=new&q=stage`, `${campaign}/ideas/similar?title=workshop%20tools`,
    `${campaign}/ideas/${idea.idea_id}`, `${campaign}/ideas/${idea.idea_id}/history`, `${campaign}/record`, `${campaign}/record.json`, `${campaign}/terms`, `${campaign}/opinion-map`];
  for (const address of addresses) await ask(nobody, "GET", address);
  for (const address of ["/manage", "/manage/ideas?state=hidden", "/export.csv", "/export.json"])
    await owner("GET", campaign + address);
}

/** The last thing the token does is to end itself. */
async function account(ann) {
  await ann("POST", "/account/name", { display_name: "Ann Leigh" });
  await ann("POST", "/account/consent", { notices: true });
  const { tokens } = await ann("GET", "/account");
  await ann("POST", `/account/tokens/${unknown}/revoke`, {}, { status: 404 });
  await ann("POST", `/account/tokens/${tokens[0].access_token_id}/revoke`, {});
  await ann("GET", "/account", undefined, { status: 401, code: "invalid_token" });
}
