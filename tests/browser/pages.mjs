// Every kind of page there is, from the declarations: without a violation of WCAG 2.2 AA, and valid.
import fs from "node:fs";
import path from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { HtmlValidate } from "html-validate";
import { holds, none } from "../kit/results.mjs";
import { routes } from "../kit/server.mjs";
import { visit } from "./browser.mjs";
import { panelPages, webhookPages } from "./outside.mjs";

const LIGHT = { name: "1280 light", width: 1280, scheme: "light" }, DARK = { name: "360 dark", width: 360, scheme: "dark" };
const OTHERS = [{ name: "360 light", width: 360, scheme: "light" }, { name: "1280 dark", width: 1280, scheme: "dark" }];
const screenshots = process.env.MANYHANDS_SCREENSHOTS;
const thorough = process.env.MANYHANDS_LONG === "1" || Boolean(screenshots);

/** Each kind of page is looked at twice, a further state of it once, all of them four times on request. */
function looksOf(item) {
  if (thorough) return [LIGHT, DARK, ...OTHERS];
  return item.further ? [item.further % 2 ? LIGHT : DARK] : [LIGHT, DARK];
}

export async function pages(browser, { base, list, sessions }) {
  const validator = new HtmlValidate({ extends: ["html-validate:recommended"] });
  if (screenshots) fs.mkdirSync(screenshots, { recursive: true });
  const found = new Map(list.map((item) => [item.name, []]));
  const note = (item, look, lines) => found.get(item.name).push(...lines.map((line) => `${look.name}: ${line}`));
  const walk = async (look) => {
    for (const who of [null, ...Object.keys(sessions)]) {
      const wanted = list.filter((item) => (item.who ?? null) === who && looksOf(item).includes(look));
      if (wanted.length === 0) continue;
      const visitor = await visit(browser, { base, ...look, storage: who ? sessions[who] : undefined });
      for (const item of wanted)
        await examine(visitor, item, look, look === looksOf(item)[0] ? validator : null)
          .then((lines) => note(item, look, lines), (error) => note(item, look, [error.message]));
      await visitor.context.close();
    }
  };
  await Promise.all([walk(LIGHT), walk(DARK)]); /* two cores */
  await Promise.all(OTHERS.map(walk));
  for (const item of list)
    await holds(`page ${item.name}: axe and html-validate find nothing`, () => none(found.get(item.name), "findings"));
}

async function examine({ page, faults }, item, look, validator) {
  faults.length = 0;
  let answer = await page.goto(item.path);
  if (item.act) answer = await item.act(page, answer);
  const lines = [];
  if (item.status && answer.status() !== item.status) lines.push(`answered ${answer.status()}, not ${item.status}`);
  if (!item.status && answer.status() !== 200) lines.push(`answered ${answer.status()}`);
  if (validator) lines.push(...(await validate(validator, answer)));
  lines.push(...(await axe(page, look)), ...(await fits(page)), ...faults);
  if (screenshots)
    await page.screenshot({ path: path.join(screenshots, `${item.name.replace(/\W+/g, "-")}.${look.width}.${look.scheme}.png`), fullPage: true });
  return lines;
}

const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"];

export async function axe(page, look) {
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode(true) /* no frames to look into */
    .options({ runOnly: look === LIGHT ? [...WCAG, "best-practice"] : WCAG, resultTypes: ["violations"] })
    .analyze();
  return violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.html.slice(0, 160)} ${n.failureSummary.replace(/\s+/g, " ")}`));
}

async function validate(validator, answer) {
  const report = await validator.validateString(await answer.text());
  return report.results.flatMap((r) => r.messages.filter((m) => m.severity === 2).map((m) => `${m.ruleId} at ${m.line}:${m.column}: ${m.message}`));
}

/** Nothing makes a reader scroll sideways (WCAG 1.4.10). */
async function fits(page) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  return over > 0 ? [`is ${over} px wider than the window`] : [];
}

const ROLE = { read: null, anyone: null, account: "participant", signed_in: "participant", participate: "participant", moderate: "owner", manage: "owner", own: "owner" };

/** Where the example must be one's own. */
const OWN = { idea_edit: "/campaigns/{campaign_id}/ideas/{own_idea_id}/edit" };

/** The list of pages: each declared one by whoever may see it, and those that need more than an address. */
export function everyPage(content) {
  const { states } = content;
  const declared = routes().filter((route) => route.kind === "page" && route.html && route.answer && route.permission !== "first_run");
  const { task } = content;
  const fill = (text, of = content) => text.replace(/{(\w+)}/g, (_, name) => of[name] ?? `missing-${name}`);
  const ofRoute = (route) => (route.name.startsWith("task_") ? { ...content, campaign_id: task.choose } : content);
  const list = declared.map((route) => ({ name: route.name, path: fill(OWN[route.name] ?? route.path, ofRoute(route)), who: ROLE[route.permission] }));
  const campaign = `/campaigns/${content.campaign_id}`, idea = `${campaign}/ideas/${content.idea_id}`;
  const more = (name, address, who, rest = {}) => list.push({ name, path: address, who, further: list.length, ...rest });

  for (const route of declared.filter((r) => r.permission === "read")) more(`${route.name} as owner`, fill(route.path, ofRoute(route)), "owner");
  more("campaign_page as participant", campaign, "participant");
  more("idea_page as participant", idea, "participant");
  more("idea_page hidden", `${campaign}/ideas/${content.hidden_idea_id}`, "owner");
  for (const state of Object.keys(states)) {
    if (state !== "draft") more(`campaign_page ${state}`, `/campaigns/${states[state]}`, null);
    more(`campaign_page ${state} as owner`, `/campaigns/${states[state]}`, "owner");
    more(`campaign_manage ${state}`, `/campaigns/${states[state]}/manage`, "owner");
  }
  more("campaign_page nothing found", `${campaign}?q=elephants`, null);
  more("campaign_page second page", `/campaigns/${states.long}?sort=new`, null, { act: nextPage });
  more("idea_table empty", `/campaigns/${states.empty}/manage/ideas`, "owner");
  more("idea_table hidden", `${campaign}/manage/ideas?state=hidden`, "owner");
  more("terms_page without terms", `/campaigns/${states.empty}/terms`, null);
  more("idea_similar found", `${campaign}/ideas/similar?title=tools%20workshop`, null);
  more("comment_new answer", `${campaign}/subjects/${content.subject_id}/comments/new?parent_id=${content.comment_id}`, "participant");
  const square = `/campaigns/${content.mapped_id}`;
  more("opinion_map with groups", `${square}/opinion-map`, null);
  more("opinion_map with one's place", `${square}/opinion-map`, "owner");
  more("opinions in the middle", `${square}/opinions`, "owner");
  more("opinions with nothing to judge", `/campaigns/${states.closed}/opinions`, "participant");
  more("opinions_mine with answers", `${square}/opinions/mine`, "owner");
  more("campaign_page with an opinion map", square, null);
  more("campaign_manage with an opinion map", `${square}/manage`, "owner");
  const desk = `/campaigns/${states.long}/manage`;
  more("theme_list with themes", `${desk}/themes`, "owner");
  more("theme_list finest", `${desk}/themes?grain=finest`, "owner");
  more("theme_page named", `${desk}/themes/${content.theme_id}`, "owner");
  more("theme_page with ideas picked", `${desk}/themes/${content.theme_id}`, "owner", { act: pickSome });
  more("problems of theme_page", `${desk}/themes/${content.theme_id}`, "owner", { status: 422, act: nameless });
  more("theme_list without ideas", `/campaigns/${states.empty}/manage/themes`, "owner");
  more("shortlist with reasons", `${desk}/shortlist`, "owner");
  more("shortlist without ideas", `/campaigns/${states.empty}/manage/shortlist`, "owner");
  more("moderation_queue with reasons", `${desk}/moderation`, "owner");
  more("moderation_queue with some picked", `${desk}/moderation`, "owner", { act: pickSome });
  more("moderation_queue with nothing waiting", `/campaigns/${states.empty}/manage/moderation`, "owner");
  more("problems of moderation_queue", `${desk}/moderation`, "owner", { status: 422, act: hideWithoutReason });
  more("money with entries", `/campaigns/${states.empty}/money`, "owner");
  more("problems of money", `/campaigns/${states.empty}/money`, "owner", { status: 422, act: send("Add it") });
  more("earnings with payouts", "/account/earnings", "owner");
  for (const state of ["paid", "approved"])
    more(`payout_batch_page ${state}`, `/organisations/${content.organisation_id}/payouts/batches/${content[`${state}_batch_id`]}`, "owner");
  more("problems of payouts", `/organisations/${content.organisation_id}/payouts`, "owner", { status: 422, act: send("Save") });
  more("problems of earnings", "/account/earnings", "participant", { status: 422, act: send("Save") });
  tasks(more, content);
  webhookPages(more, send, content);
  panelPages(more, send, content);
  more("comparing with a service agreed to", `/organisations/${content.organisation_id}/comparing`, "owner", { act: agree });
  more("welcome with a dead link", `/welcome/${"A".repeat(43)}`, null);
  more("error 404", "/nowhere", null, { status: 404 });
  more("error 403", `/organisations/${content.organisation_id}/team`, "participant", { status: 403 });
  more("error 403 stale form", "/account", "participant", { status: 403, act: staleForm });
  more("error 404 as owner", `/campaigns/${"0".repeat(13)}`, "owner", { status: 404 });
  more("problems of idea_new", `${campaign}/ideas/new`, "participant", { status: 422, act: send("Share the idea") });
  more("idea_new like another one", `${campaign}/ideas/new`, "participant", { status: 422, act: shareAgain });
  more("problems of campaign_new", `/organisations/${content.organisation_id}/campaigns/new`, "owner", { status: 422, act: send("Save as a draft") });
  more("problems of sign_up", "/sign-up", null, { status: 422, act: send("Create the account") });
  more("problems of sign_in", "/sign-in", null, { status: 422, act: send("Sign in") });
  more("problems of idea_page", idea, "owner", { status: 422, act: send("Hide this idea", "Hide it") });
  more("problems of campaign_manage", `${campaign}/manage`, "owner", { status: 422, act: send("Pause the campaign", "Pause") });
  more("problems of account", "/account", "participant", { status: 422, act: send("Erase my account", "Erase the account") });
  return list;
}

function tasks(more, content) {
  const { task } = content;
  const at = (state, rest) => `/campaigns/${task[state]}${rest}`;
  more("home as participant", "/", "participant");
  more("task_page as participant", at("choose", "/tasks"), "participant");
  more("task_page of a draft", at("new", "/tasks"), "owner");
  more("task_work to describe", at("describe", "/tasks/work"), "participant");
  more("task_work to describe with hints", at("describe", "/tasks/work"), "participant", { act: writeHastily });
  for (const [template, state] of [["choose", "choose"], ["describe", "describe"], ["write", "ready"], ["rate", "rate"], ["transcribe", "transcribe"], ["box", "box"], ["form", "form"]])
    more(`task_preview of ${template}`, at(state, "/tasks/preview"), "owner");
  more("task_preview without items", at("new", "/tasks/preview"), "owner");
  more("task_look", at("describe", "/tasks/look?text=Un%20chat%20blanc%20dort%20sur%20une%20chaise"), "participant");
  more("task_work to pick a text", at("pick", "/tasks/work"), "participant");
  more("task_work to write", at("write", "/tasks/work"), "participant");
  for (const template of ["rate", "transcribe", "box", "form"]) more(`task_work to ${template}`, at(template, "/tasks/work"), "participant");
  for (const template of ["transcribe", "box", "form"]) {
    more(`problems of task_work to ${template}`, at(template, "/tasks/work"), "participant", { status: 422, act: send("Give this answer") });
  }
  more("task_work with a box", at("box", "/tasks/work"), "participant", { act: drawn });
  for (const template of ["rate", "box", "form"]) {
    more(`task_mine of ${template}`, at(template, "/tasks/mine"), "participant");
    more(`task_items of ${template}`, at(template, "/tasks/items"), "owner");
    more(`task_item_page of ${template}`, at(template, `/tasks/${task.answered[template]}`), "owner");
  }
  more("task_desk of a draft of a form unfolded", at("formed", "/tasks/desk"), "owner", { act: unfold });
  more("task_desk of a draft of a scale unfolded", at("rated", "/tasks/desk"), "owner", { act: unfold });
  more("task_desk of a form unfolded", at("form", "/tasks/desk"), "owner", { act: unfold });
  more("task_page with practice", at("fair", "/tasks"), "participant");
  more("task_practice with an item", at("fair", "/tasks/practice"), "participant");
  more("task_practice with an answer told", at("fair", "/tasks/practice"), "participant", { act: practise });
  for (const state of ["test", "failed"]) {
    more(`task_page before a test, ${state}`, at(state, "/tasks"), "participant");
    more(`task_test_page, ${state}`, at(state, "/tasks/test"), "participant");
    more(`task_workers with tests, ${state}`, at(state, "/tasks/workers"), "owner");
  }
  more("task_test_page not begun", at("test", "/tasks/test"), "owner");
  more("task_item_page put right", content.corrected, "owner");
  more("task_item_page put right, unfolded", content.corrected, "owner", { act: unfold });
  more("problems of task_item_page", content.corrected, "owner", { status: 422, act: send("Put it right", "The known answer is wrong") });
  more("problems of task_house", `/organisations/${content.organisation_id}/work`, "owner", { status: 422, act: floorInWords });
  more("task_work with nothing at hand", at("done", "/tasks/work"), "participant");
  more("task_mine without answers", at("done", "/tasks/mine"), "participant");
  more("task_desk not described", at("new", "/tasks/desk"), "owner");
  more("task_desk of a draft", at("ready", "/tasks/desk"), "owner");
  more("task_desk unfolded", at("choose", "/tasks/desk"), "owner", { act: unfold });
  more("task_desk of a draft unfolded", at("ready", "/tasks/desk"), "owner", { act: unfold });
  more("problems of task_desk", at("new", "/tasks/desk"), "owner", { status: 422, act: send("Save") });
  more("task_items none", at("new", "/tasks/items"), "owner");
  more("task_workers none", at("new", "/tasks/workers"), "owner");
  more("money of a campaign of tasks", at("choose", "/money"), "owner");
  for (const page of ["manage", "edit"]) more(`campaign_${page} of tasks`, at("choose", `/${page}`), "owner");
  more("campaign_manage of tasks refused", at("ready", "/manage"), "owner", { status: 422, act: openIt });
  for (const page of ["record", "terms"]) more(`${page}_page of tasks`, at("choose", `/${page}`), null);
}

async function writeHastily(page, answer) {
  await page.getByLabel("ALT text").fill("picture of a jug.jpg");
  await page.locator(".work-hints li").first().waitFor();
  return answer;
}

async function drawn(page, answer) {
  const box = await page.locator("[data-draw]").boundingBox();
  await page.mouse.move(box.x + 0.2 * box.width, box.y + 0.3 * box.height);
  await page.mouse.down();
  await page.mouse.move(box.x + 0.6 * box.width, box.y + 0.8 * box.height, { steps: 4 });
  await page.mouse.up();
  return answer;
}

async function floorInWords(page) {
  await page.getByLabel("An hour should bring").fill("lots");
  return send("Save")(page);
}

async function practise(page) {
  await page.keyboard.press("2");
  await page.getByText("Your answer").waitFor();
  return page.reload();
}

async function unfold(page, answer) {
  for (const fold of await page.locator("main details").all()) await fold.evaluate((one) => (one.open = true));
  return answer;
}

async function openIt(page) {
  await page.getByRole("button", { name: "Open the campaign" }).click();
  const [answer] = await Promise.all([page.waitForNavigation(), page.getByRole("button", { name: "Open it" }).click()]);
  return answer;
}

/** Writes what somebody else has written, in other words. */
async function shareAgain(page) {
  await page.getByLabel("Your idea in one line").fill("A market hall for local farms in winter");
  await page.getByLabel("Describe it").fill("On Saturdays.");
  return send("Share the idea")(page);
}

async function agree(page) {
  await page.getByLabel("Send titles and summaries").check();
  const [answer] = await Promise.all([page.waitForNavigation(), page.getByRole("button", { name: "Save" }).click()]);
  return answer;
}

async function nextPage(page) {
  const [answer] = await Promise.all([page.waitForNavigation(), page.getByRole("link", { name: "Show more" }).click()]);
  return answer;
}

async function pickSome(page, answer) {
  for (const box of (await page.locator("[data-pick]").all()).slice(0, 2)) await box.check();
  return answer;
}

async function hideWithoutReason(page) {
  const row = page.locator("[data-row]").first();
  await row.locator("summary").click();
  const [answer] = await Promise.all([page.waitForNavigation(), row.getByRole("button", { name: "Hide it" }).click()]);
  return answer;
}

async function nameless(page) {
  await page.locator("#name-name").fill("");
  return send("Name it")(page);
}

async function staleForm(page) {
  await page.evaluate(() => document.querySelectorAll("[name=csrf]").forEach((field) => (field.value = "x".repeat(43))));
  return send("Save the name")(page);
}

/** Sends a form as it stands, after unfolding what it lies in. */
const send = (button, fold) => async (page) => {
  if (fold) await page.locator("main summary", { hasText: fold }).first().click();
  const [answer] = await Promise.all([
    page.waitForNavigation(),
    page.locator("main").getByRole("button", { name: button, exact: true }).first().click(),
  ]);
  return answer;
};
