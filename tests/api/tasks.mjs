// Campaigns of tasks as a program runs them: pictures in, answers, a rejection and its appeal, results out.
import { readFileSync } from "node:fs";
import { expect, same } from "../kit/results.mjs";
import { inRepository } from "../kit/server.mjs";
import { zip } from "../kit/zip.mjs";

const picture = (name) => readFileSync(inRepository(`src/platform/blobs/test_data/${name}`));
const upload = (filename, bytes) => ({ file: { filename, base64: Buffer.from(bytes).toString("base64") } });
const rules = {
  template: "describe", ask: "Describe the picture.", price: "0.05", answers_least: 1, answers_most: 1, accept_hours: 72,
  reject_percent: 50, control_every: 0, quality_least: 0,
};

/** A campaign by each of the other templates: its items from JSON, one answer refused, one given and shown. */
async function templates({ owner, ann, house, closes_at }) {
  const form = "Look at **${title}**.\n\nWhat is it made of?\n[material] choice required: wood | metal\n[parts] number 0..20\n[broken] tick: Broken";
  const cases = [
    { rules: { template: "rate", scale: 7, scale_low: "dull", scale_high: "bright" }, items: '[{"id":"a1","text":"A lamp"}]',
      bad: { answer: "8" }, good: { answer: "6" }, words: "6 of 7", csv: ",6.0000,1,7", json: 6, label_studio: ['"type":"rating","value":{"rating":6}'] },
    { rules: { template: "transcribe" }, items: '{"id":"a1","text":"Log, page 1"}\n', bad: { answer: "Not here" }, good: { text: "Ahoy\n there" },
      words: "Ahoy\n there", csv: "Ahoy\n there", json: "Ahoy\n there", label_studio: ['"type":"textarea"'] },
    { rules: { template: "box" }, items: zip([["a.png", picture("alpha.png")]]), bad: { values: { left: 90, top: 0, width: 20, height: 5 } },
      good: { values: { left: 10, top: 12.5, width: 30, height: 40 } }, words: "10 % from the left, 12.5 % from the top, 30 by 40 %", csv: ",10,12.5,30,40",
      json: { left: 10, top: 12.5, width: 30, height: 40 }, label_studio: ['"rectanglelabels":["object"]', '"x":10'] },
    { rules: { template: "form", form, ask: "What is ${title}?" }, items: '[{"id":"a1","title":"A jug","more":[1]},{"title":"b","id":"a2","known":{"parts":2}}]',
      bad: { values: { material: "wood", parts: 21 } }, good: { values: { material: "wood", parts: 2, broken: true } },
      words: "What is it made of: wood; Parts: 2; Broken: yes", csv: ',"wood",2,true', json: { broken: true, material: "wood", parts: 2 }, label_studio: ['"type":"number","value":{"number":2}', '"from_name":"material"'] },
  ];
  for (const { rules: own, items, bad, good, words, csv, json, label_studio } of cases) {
    const { campaign_id } = await owner("POST", `${house}/campaigns`, { question: `Shall we ${own.template}?`, kind: "task", closes_at }, { status: 201 });
    const campaign = `/campaigns/${campaign_id}`, work = `${campaign}/tasks`;
    await owner("POST", `${work}/describe`, { ...rules, ...own });
    await owner("POST", `${work}/items`, upload("items.json", '[{"id":"x","text":""}]'), { status: 422 });
    await owner("POST", `${work}/items`, upload("items.json", items));
    await owner("POST", `${campaign}/money/deposit`, { amount: "20", reason: "Invoice 10" });
    await owner("POST", `${campaign}/open`, {});
    const { items: [item] } = await ann("POST", `${work}/take`, { count: 1 });
    const give = (sent, rest) => ann("POST", `${work}/${item.task_item_id}/give`, { fence: item.fence, count: 0, ...sent }, rest);
    await give(bad, { status: 422 });
    await give(good);
    const { answers: [mine] } = await ann("GET", `${work}/mine`);
    same(mine.words, words, `an answer to ${own.template}, as people read it`);
    await owner("GET", `${work}/${item.task_item_id}`);
    await owner("GET", `${work}/items`);
    const table = await owner("GET", `${work}/${own.template === "rate" ? "results.csv" : "answers.csv"}`);
    expect(table.includes(csv), `${own.template} in a table:\n${table}`);
    const first = (await owner("GET", `${work}/results.json`)).find((result) => result.answers.length > 0);
    same(JSON.stringify(first?.answers[0].answer ?? null), JSON.stringify(json), `${own.template} as JSON`);
    const lines = (await owner("GET", `${work}/results.jsonl`)).trim().split("\n").map((line) => JSON.stringify(JSON.parse(line)));
    expect(lines.includes(JSON.stringify(first)), "no line of results.jsonl is the same");
    const studio = JSON.stringify(await owner("GET", `${work}/label-studio.json`));
    for (const part of label_studio) expect(studio.includes(part), `${part} in ${studio}`);
  }
  const { campaign_id } = await owner("POST", `${house}/campaigns`, { question: "Which columns are there?", kind: "task", closes_at }, { status: 201 });
  const work = `/campaigns/${campaign_id}/tasks`;
  await owner("POST", `${work}/describe`, { ...rules, template: "form", form: "[a] list" }, { status: 422 });
  await owner("POST", `${work}/describe`, { ...rules, template: "form", form });
  await owner("POST", `${work}/items`, upload("items.csv", "id,name\na1,Jug\n"), { status: 422 });
  await owner("POST", `${work}/items`, upload("items.csv", "id,title\na1,Jug\n"));
  await owner("POST", `${work}/describe`, { ...rules, template: "form", form: "${year}\n[a] line" }, { status: 422 });
}

export async function tasks({ ask, owner, ann, bo, house, person, closes_at }) {
  await templates({ owner, ann, house, closes_at });
  const made = await owner("POST", `${house}/campaigns`, { question: "What is on these pictures?", kind: "task", closes_at }, { status: 201 });
  const campaign = `/campaigns/${made.campaign_id}`, work = `${campaign}/tasks`;
  await owner("POST", `${work}/describe`, rules);
  await owner("POST", `${work}/items`, upload("bad.zip", zip([["a.png", picture("damaged.png")]])), { status: 422 });
  const files = [["a.png", picture("alpha.png")], ["b.jpg", picture("located.jpg")], ["c.gif", picture("moving.gif")],
    ["d.webp", picture("plain.webp")], ["list.csv", Buffer.from("file,text\nb.jpg,A square\n")]];
  await owner("POST", `${work}/items`, upload("pictures.zip", zip(files)));
  await owner("POST", `${campaign}/money/deposit`, { amount: "20", reason: "Invoice 9" });
  await owner("POST", `${campaign}/open`, {});
  await ann("GET", work);
  const { items } = await ann("POST", `${work}/take`, { count: 3 });
  await ann("GET", `${work}/work`);
  const give = (item) => ann("POST", `${work}/${item.task_item_id}/give`, { fence: item.fence, answer: "A pattern of squares", count: 0 });
  await give(items[0]);
  await give(items[1]);
  await ann("POST", `${work}/${items[2].task_item_id}/skip`, { fence: items[2].fence, reason: "unsure", count: 0 });
  await ann("POST", `${work}/${items[2].task_item_id}/give`, { fence: items[2].fence, answer: "Too late", count: 0 }, { status: 409 });
  await owner("GET", `${work}/items`);
  const { answers } = await owner("GET", `${work}/${items[0].task_item_id}`);
  const answer = `${campaign}/answers/${answers[0].task_answer_id}`;
  await owner("POST", `${answer}/reject`, { rule: "unrelated", reason: "It shows a cat." });
  await ann("GET", `${work}/mine`);
  await ann("POST", `${answer}/appeal`, { text: "There is no cat on it." });
  await owner("POST", `${answer}/decide`, { overturn: true, reason: "You are right." }, { status: 403 });
  await owner("POST", `${house}/team`, { email: person.email, role: "manager" });
  await ask(person.token, "POST", `${answer}/decide`, { overturn: true, reason: "You are right." });
  await owner("POST", `${work}/${items[1].task_item_id}/ask`, {});
  await owner("POST", `${work}/${items[2].task_item_id}/break`, {});
  await bo("GET", `${work}/desk`, undefined, { status: 403 });
  for (const page of ["desk", "workers", "results.csv", "results.json", "results.jsonl", "answers.csv", "alt.csv", "alt.html", "label-studio.json"])
    await owner("GET", `${work}/${page}`);
}
