// Campaigns of tasks: what their pages show while they are tested, and how they are made and worked on.
import { expect, none, same } from "../kit/results.mjs";
import { signIn, signUp, story, visit } from "./browser.mjs";

const csv = (rows) => Buffer.from(rows.map((row) => row.map((cell) => `"${cell}"`).join(",")).join("\n") + "\n");
const file = (rows) => ({ filename: "items.csv", base64: csv(rows).toString("base64") });
const things = ["A jug with a broken handle", "A letter of 1874, folded twice", "Two wooden skates", "A brass sextant in its case", "A child’s sampler in red thread",
  "A tin of ship’s biscuits", "A whale’s tooth with a carved brig", "A fishing net, mended", "A captain’s portrait", "A lamp of the old lighthouse"];
const kinds = ["Tool", "Picture", "Document", "Clothing", "Toy", "Household"];
const instructions = `**Good:** a jug is *Household*, even when it is broken.

**Bad:** a picture of a ship is a *Picture*, not a *Tool*.

Not sure? Skip it; somebody else will know.`;

const choosing = {
  template: "choose", ask: "What kind of thing is this?", instructions, choices: kinds.join("\n"), price: "0.05",
  answers_least: 2, answers_most: 4, accept_hours: 72, reject_percent: 50, control_every: 0, quality_least: 0,
};
const describing = { ...choosing, template: "describe", ask: "Describe the picture for somebody who does not see it", choices: "", price: "0.12" };
const writing = { ...choosing, template: "write", ask: "Copy the first line of the letter", choices: "" };

/** Takes an item and answers it; gives the item's id. */
async function answer(person, campaign, words) {
  const { items } = await person("POST", `${campaign}/tasks/take`, { count: 1 });
  await person("POST", `${campaign}/tasks/${items[0].task_item_id}/give`, { fence: items[0].fence, answer: words, count: 0 });
  return items[0].task_item_id;
}

/** One campaign in each state of its making and doing; the ids the pages need. */
export async function worked(make, owner, crowd, organisation_id) {
  const made = async (question, rules, count) => {
    const campaign_id = await make(question, { kind: "task", brief: "The harbour museum has 5,000 things that nobody can find, because nobody has said what they are." });
    if (rules) await owner("POST", `/campaigns/${campaign_id}/tasks/describe`, rules);
    const rows = things.slice(0, count).map((thing, i) => [i + 1, thing, "", ""]);
    if (count > 0) await owner("POST", `/campaigns/${campaign_id}/tasks/items`, { file: file([["id", "text", "known", "why"], ...rows]) });
    return campaign_id;
  };
  const opened = async (campaign_id, amount = "40.00") => {
    await owner("POST", `/campaigns/${campaign_id}/money/deposit`, { amount, reason: "Budget of the year, invoice 2026-114" });
    await owner("POST", `/campaigns/${campaign_id}/open`);
    return campaign_id;
  };
  const task = {
    new: await made("Who was on board the brig Anna?", null, 0),
    ready: await made("What do these letters say?", writing, 6),
    choose: await opened(await made("What do we have in the harbour museum?", choosing, 10)),
    describe: await opened(await made("Can you describe our pictures?", describing, 8)),
    write: await opened(await made("What is written in the log of the Anna?", writing, 8)),
    done: await opened(await made("Is this a tool?", { ...choosing, answers_least: 1, answers_most: 1, accept_hours: 0 }, 1)),
  };
  for (const person of crowd.slice(0, 3))
    for (const word of ["Household", "Picture"]) await answer(person, `/campaigns/${task.choose}`, word);
  await answer(crowd[0], `/campaigns/${task.done}`, "Tool");
  return { task, payout_batch_id: await paidOut(owner, crowd[0], organisation_id, task.done) };
}

/** Somebody asks for what was earned, and it is put into a batch. */
async function paidOut(owner, worker, organisation_id, campaign_id) {
  await worker("POST", "/account/payout-details", { holder: "Ann Lee", iban: "DE89 3704 0044 0532 0130 00" });
  await worker("POST", `/campaigns/${campaign_id}/payouts`);
  const house = `/organisations/${organisation_id}`;
  await owner("POST", `${house}/payer`, { holder: "Norhaven Energy", iban: "DE02 1203 0000 0000 2020 51" });
  return (await owner("POST", `${house}/payouts/batches`, { currency: "EUR" })).payout_batch_id;
}

/** What the participant of the tests has done: answers in three campaigns, one rejected, one more appealed against. */
export async function workOn(browser, { base, storage, owner, task }) {
  const { context, page } = await visit(browser, { base, storage });
  await begin(page, task.choose);
  for (const key of ["1", "2", "3", "4"]) {
    const before = await shown(page);
    await page.keyboard.press(key);
    await page.waitForFunction((old) => document.querySelector("[data-shown]").textContent !== old, before);
  }
  for (const id of [task.describe, task.write]) await begin(page, id);
  await page.waitForLoadState("networkidle");
  const campaign = `/campaigns/${task.choose}`;
  await page.goto(`${campaign}/tasks/mine`);
  const { items } = await owner("GET", `${campaign}/tasks/items`);
  const mine = [];
  for (const item of items) {
    const { answers } = await owner("GET", `${campaign}/tasks/${item.task_item_id}`);
    const own = answers.find((a) => a.answer === "Document" || a.answer === "Clothing");
    if (own) mine.push({ ...own, task_item_id: item.task_item_id });
  }
  for (const one of mine.slice(0, 2))
    await owner("POST", `${campaign}/answers/${one.task_answer_id}/reject`, { rule: "against_instructions", reason: "A jug is a thing of the household." });
  await page.goto(`${campaign}/answers/${mine[1].task_answer_id}/appeal`);
  await page.getByLabel("Why the rejection is wrong").fill("It is written on it, so it is a document as well.");
  await page.getByRole("button", { name: "Send the appeal" }).click();
  await page.getByText("Your appeal is with the team").waitFor();
  await context.close();
  return { task_answer_id: mine[0].task_answer_id, task_item_id: mine[0].task_item_id };
}

const shown = (page) => page.locator("[data-shown]").innerText();

async function begin(page, campaign_id) {
  await page.goto(`/campaigns/${campaign_id}/tasks`);
  await page.getByRole("button", { name: /^(Begin|Go on)$/ }).filter({ visible: true }).click();
  await page.locator("task-work").waitFor();
}
