// Campaigns of tasks: what their pages show while they are tested, and how they are made and worked on.
import { expect, same } from "../kit/results.mjs";
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
export async function worked(make, owner, crowd) {
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
  const fair = await practised(make, owner, opened);
  const test = await tested(make, owner, opened), failed = await tested(make, owner, opened);
  const task = {
    fair, test, failed,
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
  return { task, ...(await corrected(make, owner, opened, crowd)) };
}

/** A control whose known answer was wrong, with a rejection that followed from it. */
async function corrected(make, owner, opened, crowd) {
  const campaign_id = await make("Which ship is it?", { kind: "task", brief: "Old photographs of the harbour." });
  const campaign = `/campaigns/${campaign_id}`, path = `${campaign}/tasks`;
  await owner("POST", `${path}/describe`, { ...choosing, ask: "Which ship is it?", choices: "Anna\nBerta", control_every: 1 });
  await owner("POST", `${path}/items`, { file: file([["id", "text", "known"], ["1", "Two masts", ""], ["2", "One mast", ""],
    ["3", "Three masts, white", "Berta"], ["4", "A funnel", "Berta"]]) });
  await opened(campaign_id);
  for (let i = 0; i < 2; i++) await answer(crowd[1], campaign, "Anna");
  const { items } = await owner("GET", `${path}/items`);
  const control = items.find((item) => item.item_key === "3");
  const { answers } = await owner("GET", `${path}/${control.task_item_id}`);
  await owner("POST", `${campaign}/answers/${answers[0].task_answer_id}/reject`, { rule: "controls", reason: "The Berta has three masts." });
  await owner("POST", `${path}/${control.task_item_id}/correct`, { known: "Anna", why: "The figurehead.", reason: "The Berta was built later." });
  return { corrected: `${path}/${control.task_item_id}` };
}

/** A campaign whose work begins with a test. */
async function tested(make, owner, opened) {
  const campaign_id = await make("Whose signature is it?", { kind: "task", brief: "Four captains signed the log of the Anna." });
  const path = `/campaigns/${campaign_id}/tasks`;
  await owner("POST", `${path}/describe`, { ...choosing, ask: "Who has signed?", choices: "Captain Holm\nCaptain Berg" });
  await owner("POST", `${path}/items`, { file: file([["id", "text", "known", "why"],
    ...things.slice(0, 4).map((thing, i) => [`s${i}`, `Signature below: ${thing}`, "", ""]),
    ...things.slice(4, 6).map((thing, i) => [`k${i}`, `Signature below: ${thing}`, "Captain Holm", "His H has a loop."])]) });
  await owner("POST", `${path}/admit`, { test_items: 1, test_percent: 100, test_tries: 2 });
  await opened(campaign_id);
  return campaign_id;
}

/** A campaign with items to practise on. */
async function practised(make, owner, opened) {
  const campaign_id = await make("Which of our letters are about ships?", { kind: "task", brief: "Two boxes of letters, nobody has read them since 1911." });
  const path = `/campaigns/${campaign_id}/tasks`;
  await owner("POST", `${path}/describe`, { ...choosing, ask: "Is it about a ship?", choices: "Yes\nNo\nCannot be read" });
  await owner("POST", `${path}/items`, { file: file([["id", "text", "known", "why", "practice"],
    ...things.slice(0, 6).map((thing, i) => [`l${i}`, `A letter about: ${thing}`, "", "", ""]),
    ...things.slice(6, 9).map((thing, i) => [`p${i}`, `A letter about: ${thing}`, i === 2 ? "No" : "Yes", i === 0 ? "A whaler is a ship." : "", "yes"])]) });
  return opened(campaign_id);
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
  await page.goto(`/campaigns/${task.fair}/tasks/practice`);
  await page.getByRole("button", { name: "Begin to practise" }).click();
  await page.getByRole("button", { name: "Yes" }).waitFor();
  for (const id of [task.test, task.failed]) {
    await page.goto(`/campaigns/${id}/tasks/test`);
    await page.getByRole("button", { name: "Begin the test" }).click();
    await page.getByRole("button", { name: "Captain Berg" }).waitFor();
  }
  await page.keyboard.press("2");
  await page.getByText("you can try again, with other items").waitFor();
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

const wanda = { email: "wanda@example.org", name: "Wanda Fuchs", password: "a phrase that works 9" };
const mara = { email: "mara@example.org", name: "Mara Dean", password: "a phrase that decides 10" };
const CHANGE_MS_MAX = 50, PAINT_MS_MAX = 100;

/** A campaign of tasks from its making to an appeal that is decided, by clicking and by keyboard. */
export async function withTasks(browser, { base, post, content }) {
  const made = {};
  await story(browser, "maker of tasks", { base }, (page, step) => makes(page, step, content, made));
  await story(browser, "worker", { base }, async (page, step, { context, faults }) => {
    await step("signs up", () => signUp(page, post, wanda));
    await works(page, step, made, faults);
    await writes(page, step, content);
    made.worker = await context.storageState();
  });
  await story(browser, "maker of tasks again", { base }, (page, step) => rejects(page, step, content, made));
  await story(browser, "worker who was rejected", { base, storage: made.worker }, (page, step) => appeals(page, step, made));
  await story(browser, "colleague", { base }, async (page, step) => {
    await step("signs up", () => signUp(page, post, mara));
    await decides(browser, page, step, base, content, made);
  });
  await story(browser, "worker who was right", { base, storage: made.worker }, (page, step) => step("reads that it is paid", async () => {
    await page.goto(`${made.path}/tasks/mine`);
    await page.getByText("After your appeal: You are right, we had not seen the label.").waitFor();
    same(await page.getByText("Rejected", { exact: true }).count(), 0, "rejections left");
  }));
}

async function makes(page, step, content, made) {
  await step("makes a campaign of tasks; what is for ideas is not asked", async () => {
    await signIn(page);
    await page.goto(`/organisations/${content.organisation_id}/campaigns/new`);
    await page.getByLabel("Work: they do small tasks").check();
    expect(!(await page.getByLabel("Votes per person").isVisible()), "votes are asked for");
    await page.getByLabel("The question you ask").fill("What lies in the depot of the museum?");
    await page.getByRole("button", { name: "Save as a draft" }).click();
    await page.locator(".state", { hasText: "Draft" }).first().waitFor();
    made.path = /\/campaigns\/\w{13}/.exec(page.url())[0];
  });
  await step("says what the work is and what it pays", async () => {
    await page.goto(`${made.path}/tasks/desk`);
    await page.getByLabel("The task in one line").fill("What kind of thing is this?");
    await page.getByLabel("Answers to choose from").fill("Tool\nTool");
    await page.getByLabel("Pay for an answer").fill("0.05");
    await page.getByLabel("At most so many percent").fill("50");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("stands there twice").first().waitFor();
    await page.getByLabel("Answers to choose from").fill("Tool\nPicture\nDocument");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("0.05 EUR an answer. Add items").waitFor();
  });
  const send = async (rows) => {
    await page.getByLabel("CSV file").setInputFiles({ name: "depot.csv", mimeType: "text/csv", buffer: csv(rows) });
    await page.getByRole("button", { name: "Add them" }).click();
  };
  await step("reads which line and column of a file is wrong; nothing is added", async () => {
    await send([["id", "text"], ["1", "A jug"], ["2", ""]]);
    await page.getByText("Line 3, column “text”: there is nothing to show.").first().waitFor();
    await page.goto(`${made.path}/tasks/desk`);
    await page.getByText("0 items and 0 controls so far.").waitFor();
  });
  await step("adds items from a file, and sees what they cost", async () => {
    await send([["id", "text"], ...[...Array(30).keys()].map((i) => [`d${i}`, `Shelf ${i + 1}: ${things[i % things.length]}`])]);
    await page.getByText("30 items added").waitFor();
    await page.getByText("3.00 EUR", { exact: true }).waitFor();
    await page.getByText("the campaign cannot open yet").waitFor();
  });
  await step("adds money and opens it", async () => {
    await page.getByRole("link", { name: "Add money" }).click();
    await page.getByLabel("Amount").first().fill("20");
    await page.getByLabel("What it is").fill("Grant 12 of the harbour fund");
    await page.getByRole("button", { name: "Add it" }).click();
    await page.getByRole("link", { name: "Work", exact: true }).click();
    await page.getByRole("link", { name: "Open the campaign" }).click();
    await page.getByRole("button", { name: "Open the campaign" }).click();
    await page.getByRole("button", { name: "Open it" }).click();
    await page.locator(".state", { hasText: "Open" }).first().waitFor();
  });
}

/** Presses a key; gives the milliseconds until the next item stands in the page, and until it was painted. */
async function timed(page, key) {
  const watch = page.evaluateHandle(() => {
    const watched = {};
    watched.over = new Promise((done) => {
      let pressed;
      addEventListener("keydown", () => (pressed = performance.now()), { capture: true, once: true });
      new MutationObserver((_, observer) => {
        observer.disconnect();
        const changed = performance.now() - pressed;
        requestAnimationFrame(() => setTimeout(() => done({ changed, painted: performance.now() - pressed })));
      }).observe(document.querySelector("[data-shown]"), { childList: true, characterData: true, subtree: true });
    });
    return watched;
  });
  const handle = await watch;
  await page.keyboard.press(key);
  return handle.evaluate((watched) => watched.over);
}

const middle = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

async function works(page, step, made, faults) {
  const own = () => page.locator("#my-work dd").first().innerText();
  await step("begins, with the rules read before", async () => {
    await page.goto(`${made.path}/tasks`);
    await page.getByText("At most 50 % may be rejected,").waitFor();
    await page.getByRole("button", { name: "Begin" }).first().click();
    await page.locator("task-work").waitFor();
  });
  await step("answers by keyboard alone, the next item being there already", async () => {
    const times = [], seen = new Set();
    for (let i = 0; i < 12; i++) {
      const item = await shown(page);
      expect(!seen.has(item), `asked twice: ${item}`);
      seen.add(item);
      times.push(await timed(page, String((i % 3) + 1)));
      await page.waitForLoadState("networkidle"); /* a person is slower still */
    }
    await page.locator("#my-work dd", { hasText: /^12$/ }).waitFor();
    const changed = times.map((t) => t.changed), painted = times.map((t) => t.painted);
    console.log(`    a key press is answered within ${middle(changed).toFixed(1)} ms (longest ${Math.max(...changed).toFixed(1)}), ` +
      `the next item is painted within ${middle(painted).toFixed(1)} ms (longest ${Math.max(...painted).toFixed(1)})`);
    expect(middle(changed) < CHANGE_MS_MAX, "a key press is answered late");
    expect(middle(painted) < PAINT_MS_MAX, "the next item is shown late");
  });
  await step("answers faster than the server; nothing is lost", async () => {
    for (const key of ["1", "2", "3", "1"]) await page.keyboard.press(key);
    await page.locator("#my-work dd", { hasText: /^1[3-6]$/ }).waitFor();
    await page.waitForFunction(() => document.querySelector("task-work").queue.length === 0);
    const count = Number(await own());
    expect(count > 13, `of four keys ${count - 12} were taken`);
    await page.goto(`${made.path}/tasks/mine`);
    const rows = await page.locator("tbody tr").count();
    await page.goto(`${made.path}/tasks/work`);
    same(rows, count, "answers kept");
  });
  await step("skips with S, and can switch the keys off", async () => {
    const before = await shown(page), count = await own();
    await page.keyboard.press("s");
    await page.waitForFunction((old) => document.querySelector("[data-shown]").textContent !== old, before);
    same(await own(), count, "answers after a skip");
    await page.getByLabel("Keys:").uncheck();
    const still = await shown(page);
    await page.keyboard.press("1");
    await page.waitForTimeout(200);
    same(await shown(page), still, "the item after a key that is off");
    await page.getByLabel("Keys:").check();
  });
  await step("is told in plain words when the line breaks, and the answer goes out later", async () => {
    const count = Number(await own());
    await page.route("**/give", (route) => route.abort("internetdisconnected"), { times: 1 });
    await page.keyboard.press("2");
    await page.getByText("There is no connection just now").waitFor();
    await page.locator("#my-work dd", { hasText: new RegExp(`^${count + 1}$`) }).waitFor();
    await page.getByText("There is no connection just now").waitFor({ state: "hidden" });
    faults.splice(0, faults.length, ...faults.filter((fault) => !/ERR_INTERNET_DISCONNECTED/.test(fault)));
  });
  await step("sees what became of the answers", async () => {
    await page.getByRole("link", { name: "My answers" }).click();
    await page.getByRole("heading", { name: "My answers" }).waitFor();
    same(await page.locator("tbody .state", { hasText: "Waiting" }).count(), await page.locator("tbody tr").count(), "answers that wait");
  });
}

async function writes(page, step, content) {
  await step("writes an ALT text with hints beside it, and Enter sends it", async () => {
    await begin(page, content.task.describe);
    const field = page.getByLabel("ALT text"), hints = page.locator(".work-hints li"), before = await shown(page);
    await field.fill("image of a jug");
    await hints.filter({ hasText: "Leave out" }).waitFor();
    await field.fill(`A jug ${"with a handle ".repeat(10)}`);
    await hints.filter({ hasText: "Rather long" }).waitFor();
    await field.fill("jug-017.JPG");
    await hints.filter({ hasText: "file’s name" }).waitFor();
    await field.fill("A blue jug without its handle");
    await hints.first().waitFor({ state: "detached" });
    await field.press("Enter");
    await page.waitForFunction((old) => document.querySelector("[data-shown]").textContent !== old, before);
    same(await field.inputValue(), "", "the field for the next one");
    same(await page.evaluate(() => document.activeElement.name), "answer", "what has the focus");
    await page.locator("#my-work dd", { hasText: /^1$/ }).waitFor();
  });
  await step("reads beside the field what the server does not take", async () => {
    const before = await shown(page);
    await page.getByLabel("ALT text").fill("Long ".repeat(60));
    await page.getByRole("button", { name: "Give this answer" }).click();
    await page.getByText("250 characters at most").first().waitFor();
    same(await shown(page), before, "the item");
  });
}

async function rejects(page, step, content, made) {
  await step("rejects an answer with a rule and a reason", async () => {
    await signIn(page);
    await page.goto(`${made.path}/tasks/items`);
    for (const item of await page.locator("tbody tr").all())
      if (/^[1-9]/.test(await item.locator("td.num").last().innerText())) {
        await item.getByRole("link").click();
        break;
      }
    await page.locator("summary", { hasText: "Reject" }).first().click();
    await page.getByLabel("Rule").first().selectOption({ label: "Against the instructions" });
    await page.getByLabel("Reason, for the worker").first().fill("The label says what it is.");
    await page.getByRole("button", { name: "Reject it" }).first().click();
    await page.getByText("Rejected. The worker reads why").waitFor();
  });
}

async function appeals(page, step, made) {
  await step("reads why, and appeals", async () => {
    await page.goto(`${made.path}/tasks/mine`);
    await page.getByText("The label says what it is.").waitFor();
    await page.getByRole("link", { name: "Appeal" }).click();
    await page.getByLabel("Why the rejection is wrong").fill("The label cannot be read in what I was shown.");
    await page.getByRole("button", { name: "Send the appeal" }).click();
    await page.getByText("Your appeal is with the team").waitFor();
  });
}

async function decides(browser, page, step, base, content, made) {
  await step("is taken into the team; who rejected cannot decide", async () => {
    const { context, page: ownerPage } = await visit(browser, { base });
    await signIn(ownerPage);
    await ownerPage.goto(`${made.path}/tasks/desk`);
    await ownerPage.getByText("You rejected it; somebody else of the team decides.").waitFor();
    await content.owner("POST", `/organisations/${content.organisation_id}/team`, { email: mara.email, role: "manager" });
    await context.close();
  });
  await step("decides for the worker", async () => {
    await page.goto(`${made.path}/tasks/desk`);
    await page.getByText("The label cannot be read").waitFor();
    await page.getByLabel("Answer to the worker").fill("You are right, we had not seen the label.");
    await page.getByRole("button", { name: "Pay the answer after all" }).click();
    await page.getByText("The answer is paid.").waitFor();
  });
}
