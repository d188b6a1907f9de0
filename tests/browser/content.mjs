// What the pages show while they are tested: one campaign in each state, and one that is lively.
import fs from "node:fs";
import path from "node:path";
import { client, ownerToken } from "../kit/api.mjs";
import { importPeople, inRepository } from "../kit/server.mjs";
import { drawn, mapped } from "./opinions.mjs";
import { sent, told } from "./outside.mjs";
import { worked } from "./tasks.mjs";

const day = 24 * 3600 * 1000;
const from_now = (days) => new Date(Date.now() + days * day).toISOString().replace(/\.\d+/, "");

const brief = `The old coal store by the river stands empty since May. **The building is sound**, the roof is new,
and the town has set aside 240,000 for whatever comes next.

Tell us what it should become. We look for ideas that

- are open to everybody, not only to members,
- cost less than 30,000 a year to run,
- could begin within two years.

The jury of the town council reads everything and answers the ten ideas with most support.`;

const terms = `## Who may take part

Everybody who lives or works in Norhaven.

## What happens with the ideas

They stay yours. You allow us to publish them with your name, and to carry them out.`;

const ideas = [
  ["A workshop with tools for everyone", "A lathe, a kiln and two sewing machines, with somebody there who **knows them**. Open on four evenings a week.\n\n- Half of it could be rented by day\n- Tools can be given by households that never use theirs", "Crafts"],
  ["A winter market hall for local farms", "Saturdays from November to March, when the square is too cold for anybody to stay.", "Food"],
  ["Rehearsal rooms for bands and choirs", "Four rooms with thick walls. At the moment three choirs share the school gym.", "Music"],
  ["A warm reading room that is open late", "", "Quiet"],
  ["Charging and repair station for bicycles along the river path", "Eight sockets, a pump, and a bench with tools. The path has 900 riders a day in summer.", "Transport"],
];
const people = ["Ann Lee", "Bo Brandt", "Chioma Obi", "Dan Ferreira", "Elif Kaya", "Frode Lunde"];

/** Fills the server; gives the ids and addresses the tests go to. */
export async function fill(server) {
  const token = await ownerToken(server.base);
  const owner = client(server.base, token);
  const crowd = (await importPeople(server, people)).map((p) => client(server.base, p.token));
  const { organisation_id } = await owner("GET", "/");
  const make = makeCampaign(owner, organisation_id);

  const lively = await make("What should the old coal store become?", {
    brief, terms, votes_per_person: 5, votes_against: true, maps_opinions: true, cover: cover(),
    categories: "Crafts\nFood\nMusic\nQuiet\nTransport",
  }, "open");
  const subjects = await discuss(server.base, lively, owner, crowd);
  const states = {
    open: lively,
    empty: await make("Which bus stop needs a roof most?", {}, "open"),
    draft: await make("How do we share the heat of the data centre?", { brief }),
    scheduled: await make("What would make you leave the car at home?", { opens_at: from_now(3) }, "open"),
    paused: await make("Where should the new trees stand?", {}, "open", "pause"),
    closed: await make("What shall we call the new ferry?", { maps_opinions: true }, "open", "close"),
    cancelled: await make("Do we need a second ice rink?", {}, "open", "cancel"),
    long: await importMany(server),
  };
  const letters = "abcdefghijklmnopqrstuvwxyz";
  const join = async (count) =>
    (await importPeople(server, [...Array(count).keys()].map((i) => `Walter ${letters[i % 26]}${letters[Math.floor(i / 26)]}`)))
      .map((p) => client(server.base, p.token));
  const square = await mapped(make, owner, join);
  await drawn(owner, square.mapped_id);
  const theme_id = await themed(owner, states.long);
  const purse = await paid(server, owner, organisation_id, states.empty, crowd);
  await compared(owner, lively);
  const work = await worked(make, owner, crowd);
  const outside = { ...(await told(owner, organisation_id)), ...(await sent(server.base, make, owner, organisation_id)) };
  return { ...work, ...outside, token, owner, crowd, people, organisation_id, states, from_now, theme_id, ...subjects, ...square, ...purse };
}

/** Waits until all ideas of a campaign are compared; gives its themes. */
async function compared(owner, campaign_id) {
  for (let tries = 0; ; tries++) {
    const list = await owner("GET", `/campaigns/${campaign_id}/manage/themes`);
    if (list.waiting_count === 0 && list.idea_count > 0) return list.themes;
    if (tries === 300) throw new Error("the ideas are not compared");
    await new Promise((go) => setTimeout(go, 100));
  }
}

/** A theme with a name, another that was joined, ideas moved and moved back; votes. */
async function themed(owner, campaign_id) {
  const [first, second, third] = await compared(owner, campaign_id);
  const at = `/campaigns/${campaign_id}/manage/themes`;
  await owner("POST", `${at}/${first.subject_id}/name`, { name: "Somewhere to sit down" });
  if (third) await owner("POST", `${at}/${second.subject_id}/join`, { other_id: third.subject_id });
  const { ideas } = await owner("GET", `${at}/${first.subject_id}`);
  const moved = await owner("POST", `${at}/${first.subject_id}/move`, { idea_ids: ideas[0].subject_id, name: "At the quay" });
  await owner("POST", `${at}/acts/${moved.theme_act_id}/undo`);
  for (const idea of ideas.slice(0, 3)) await owner("POST", `/campaigns/${campaign_id}/subjects/${idea.subject_id}/vote`, {});
  return first.subject_id;
}

/** A ledger with entries of every kind, requests of which one lacks where to pay, and batches in each state. */
async function paid(server, owner, organisation_id, campaign_id, crowd) {
  const ledger = `/campaigns/${campaign_id}/money`, house = `/organisations/${organisation_id}`;
  const [made] = await importPeople(server, ["Max Manager"], "manage");
  const manager = client(server.base, made.token);
  await owner("POST", `${house}/team`, { email: made.email, role: "manager" });
  await owner("POST", `${ledger}/open`, { currency: "EUR" });
  await owner("POST", `${ledger}/deposit`, { amount: "2,400.00", reason: "Invoice 2026-118" });
  await owner("POST", `${ledger}/withdraw`, { amount: "400", reason: "Fewer pictures than we thought" });
  await owner("POST", `${house}/payer`, { holder: "Norhaven Energy", iban: "GB82 WEST 1234 5698 7654 32" });
  const earn = async (n, amount, iban) => {
    const { email } = await crowd[n]("GET", "/account");
    await owner("POST", `${ledger}/bonus`, { email, amount, reason: "For the clearest sketch of all" });
    if (iban) await crowd[n]("POST", "/account/payout-details", { holder: people[n], iban });
    if (iban) await crowd[n]("POST", `/campaigns/${campaign_id}/payouts`);
  };
  const batch = async (approvals) => {
    const { payout_batch_id } = await owner("POST", `${house}/payouts/batches`, { currency: "EUR" });
    for (const who of approvals) await who("POST", `${house}/payouts/batches/${payout_batch_id}/approve`);
    return payout_batch_id;
  };
  const german = "DE89 3704 0044 0532 0130 00", dutch = "NL91 ABNA 0417 1643 00";
  await earn(0, "12.50", german);
  await earn(1, "7.25", dutch);
  const paid_batch_id = await batch([owner, manager]);
  await owner("POST", `${house}/payouts/batches/${paid_batch_id}/paid`);
  const person = (await owner("GET", `${house}/payouts/batches/${paid_batch_id}`)).lines[0].person_id;
  await owner("POST", `${house}/payouts/batches/${paid_batch_id}/lines/${person}/return`, { reason: "The account is closed." });
  await earn(2, "30", german);
  const approved_batch_id = await batch([owner, manager]);
  await earn(0, "4", german);
  const payout_batch_id = await batch([manager]);
  await earn(1, "3.75", dutch);
  await earn(3, "9");
  await owner("POST", `${ledger}/deposit`, { amount: "24", reason: "Typed twice" });
  const { transfers } = await owner("GET", ledger);
  await owner("POST", `/campaigns/${campaign_id}/money/entries/${transfers[0].ledger_entry_id}/reverse`, { reason: "Typed twice" });
  const { email } = await owner("GET", "/account");
  const gift = () => manager("POST", `${ledger}/bonus`, { email, amount: "6.40", reason: "For the guided tour" });
  await gift();
  await owner("POST", "/account/payout-details", { holder: "Norhaven Energy", iban: dutch });
  await owner("POST", `/campaigns/${campaign_id}/payouts`);
  await gift();
  return { payout_batch_id, paid_batch_id, approved_batch_id, manager };
}

function cover() {
  return { filename: "town.webp", base64: fs.readFileSync(inRepository("web/demo/town.webp")).toString("base64") };
}

const makeCampaign = (owner, organisation_id) => async (question, settings, ...acts) => {
  const { campaign_id } = await owner("POST", `/organisations/${organisation_id}/campaigns`, {
    question, closes_at: from_now(20), ...settings,
  });
  for (const act of acts)
    await owner("POST", `/campaigns/${campaign_id}/${act}`,
      act === "open" ? {} : { reason: "The council has asked for more time to look at the costs." });
  return campaign_id;
};

async function discuss(base, campaign_id, owner, crowd) {
  const campaign = `/campaigns/${campaign_id}`;
  const { categories } = await owner("GET", campaign);
  const made = [];
  for (const [i, [title, text, category]] of ideas.entries())
    made.push(await crowd[i % crowd.length]("POST", `${campaign}/ideas`, {
      title, text, accept_terms: true, category_id: categories.find((c) => c.name === category).category_id,
    }));
  const votes = [5, 4, 3, 2, 1];
  for (const [i, idea] of made.entries())
    for (const person of crowd.slice(0, votes[i]))
      await person("POST", `${campaign}/subjects/${idea.vote.subject_id}/vote`, {});
  await crowd[5]("POST", `${campaign}/subjects/${made[0].vote.subject_id}/vote`, { direction: "down" });

  const talk = `${campaign}/subjects/${made[0].vote.subject_id}/comments`;
  const first = await crowd[1]("POST", talk, { text: "Who is liable when somebody loses a finger? The **lathe** is what worries me." });
  const answer = await owner("POST", talk, { parent_id: first.comment_id, text: "Our insurer covers guided hours. Outside of them the machines are locked." });
  await crowd[2]("POST", talk, { parent_id: answer.comment_id, text: "Then let there be *many* guided hours." });
  const hidden = await crowd[3]("POST", talk, { text: "Buy my tools, cheap, at the station car park." });
  await owner("POST", `${talk}/${hidden.comment_id}/hide`, { rule: "advertising", reason: "It sells something and says nothing about the idea." });
  const taken = await crowd[4]("POST", talk, { text: "I would come every Tuesday." });
  await crowd[4]("POST", `${talk}/${taken.comment_id}/withdraw`, {});

  await crowd[0]("POST", `${campaign}/ideas/${made[0].idea_id}/edit`, { title: ideas[0][0], text: ideas[0][1] + "\n\nThe library would lend the tools out as well." });
  const spam = await crowd[5]("POST", `${campaign}/ideas`, { title: "Cheap loans for everybody", text: "Call now.", accept_terms: true });
  await owner("POST", `${campaign}/ideas/${spam.idea_id}/hide`, { rule: "advertising", reason: "It advertises loans." });
  return {
    campaign_id, idea_id: made[0].idea_id, subject_id: made[0].vote.subject_id, comment_id: first.comment_id,
    hidden_idea_id: spam.idea_id, quiet_idea_id: made[3].idea_id, idea_import_id: await importSome(owner, campaign),
  };
}

async function importSome(owner, campaign) {
  const table = "title,moderated\nA stage for the school theatre,1\nNo,1\nSomething rude about the mayor,-1\n";
  const report = await owner("POST", `${campaign}/manage/import`, {
    file: { filename: "box.csv", base64: Buffer.from(table).toString("base64") },
  });
  return report.idea_import_id;
}

/** A campaign of more ideas than one page shows. */
async function importMany(server) {
  const file = path.join(server.folder, "ideas.csv");
  const places = ["the quay", "Mill Street", "the school", "the upper park", "the station", "Fisher’s Row", "the hospital"];
  const things = ["A bench", "A fountain", "Lights", "A crossing", "Shade", "A notice board", "A bicycle stand", "Wild flowers"];
  const rows = things.flatMap((thing) => places.map((place) => `${thing} at ${place},Town hall box`));
  fs.writeFileSync(file, `title,author\n${rows.join("\n")}\n`);
  const said = await server.run("import", "ideas", file, "--question", "What is missing in your street?", "--open");
  return /campaign (\w{13})/.exec(said)[1];
}
