// The main path as most people walk it: with JavaScript.
import { expect, same } from "../kit/results.mjs";
import { signIn, signUp, story } from "./browser.mjs";

export async function withScript(browser, { base, post, content, participant }) {
  const opened = {};
  await story(browser, "owner", { base }, (page, step) => ownerOpens(page, step, content, opened));
  await story(browser, "participant", { base }, async (page, step) => {
    await step("signs up by mailed link, with both consents unticked", () => signUp(page, post, participant));
    await takesPart(page, step, opened.path ?? `/campaigns/${content.campaign_id}`);
    await sharesAlike(page, step, `/campaigns/${content.campaign_id}`);
  });
  await story(browser, "moderator", { base }, (page, step) => moderates(page, step, opened.path, content));
}

async function ownerOpens(page, step, content, opened) {
  await step("signs in with a password", async () => {
    await signIn(page);
    await page.getByText("Ines Oldham").waitFor();
  });
  await step("sees problems beside the fields, and what was typed", async () => {
    await page.goto(`/organisations/${content.organisation_id}/campaigns/new`);
    await page.getByLabel("The question you ask").fill("Short");
    await page.getByLabel("Brief").fill("Kept as typed <b>&amp;");
    await page.getByRole("button", { name: "Save as a draft" }).click();
    await page.locator(".problems").waitFor();
    same(await page.evaluate(() => document.activeElement.className), "problems", "what has the focus");
    const question = page.getByLabel("The question you ask");
    same(await question.getAttribute("aria-invalid"), "true", "aria-invalid of the question");
    const noted = (await question.getAttribute("aria-describedby")).split(" ").pop();
    expect((await page.locator(`#${noted}`).innerText()).length > 10, "no problem is told beside the question");
    same(await question.inputValue(), "Short", "the question typed");
    same(await page.getByLabel("Brief").inputValue(), "Kept as typed <b>&amp;", "the brief typed");
    await page.locator(".problems a").first().click();
    same(await page.evaluate(() => document.activeElement.name), "question", "where the first problem leads");
  });
  await step("creates a campaign", async () => {
    await page.getByLabel("The question you ask").fill("How should the ferry landing look in 2030?");
    await page.getByLabel("Closes").fill(content.from_now(9).slice(0, 16));
    await page.getByLabel("Votes per person").fill("3");
    await page.getByRole("button", { name: "Save as a draft" }).click();
    await page.locator(".state", { hasText: "Draft" }).first().waitFor();
  });
  await step("opens it after being asked", async () => {
    if (!page.url().endsWith("/manage")) await page.getByRole("link", { name: /Manage|Overview|Open the campaign/ }).first().click();
    await page.getByRole("button", { name: "Open the campaign" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Leave it" }).click();
    await dialog.waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Open the campaign" }).click();
    await dialog.getByRole("button", { name: "Open it" }).click();
    await page.locator(".state", { hasText: "Open" }).first().waitFor();
    opened.path = new URL(page.url()).pathname.replace(/\/manage$/, "");
  });
}

const count = async (page) => Number(await page.locator(".vote-card .vote-count").first().innerText());
const ideaTitles = (page) => page.locator(".idea-title").allInnerTexts();

async function share(page, campaign, title, text) {
  await page.goto(`${campaign}/ideas/new`);
  await page.getByLabel("Your idea in one line").fill(title);
  await page.getByLabel("Describe it").fill(text);
}

/** Somebody else has had nearly the same idea. */
async function sharesAlike(page, step, campaign) {
  const title = "A market hall for local farms in winter", text = "With *hot* soup.";
  const kept = async () => {
    same(await page.getByLabel("Your idea in one line").inputValue(), title, "the title typed");
    same(await page.getByLabel("Describe it").inputValue(), text, "the text typed");
  };
  await step("is asked once whether to support an idea that is there, and nothing typed is lost", async () => {
    await share(page, campaign, title, text);
    await page.getByRole("button", { name: "Share the idea" }).click();
    await page.locator(".likely a", { hasText: "A winter market hall" }).waitFor();
    same(await page.evaluate(() => document.activeElement.className), "likely", "what has the focus");
    await kept();
  });
  await step("supports that one in place, and takes it back", async () => {
    await page.locator(".likely").getByRole("button", { name: /^Support “A winter market/ }).click();
    await page.locator(".likely").getByRole("button", { name: /^Take back your support/ }).click();
    await page.locator(".likely").getByRole("button", { name: /^Support “A winter market/ }).waitFor();
    await kept();
  });
  await step("shares it all the same; another mistake does not bring the question back", async () => {
    await page.getByRole("button", { name: "Share mine as well" }).click();
    await page.locator(".problems a", { hasText: "terms" }).waitFor();
    await kept();
    await page.getByLabel("I agree to the terms").check();
    await page.getByRole("button", { name: "Share the idea" }).click();
    await page.getByRole("heading", { name: title }).waitFor();
    await page.getByRole("button", { name: "Withdraw it" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Withdraw it" }).click();
    await page.getByText("Your idea is withdrawn").waitFor();
  });
}

async function takesPart(page, step, campaign) {
  await step("shares an idea", async () => {
    await share(page, campaign, "Benches that face the water", "The old ones look at the *car park*.");
    await page.getByRole("button", { name: "Share the idea" }).click();
    await page.getByRole("heading", { name: "Benches that face the water" }).waitFor();
    same(await page.locator(".idea-full .prose em").innerText(), "car park", "Markdown");
  });
  await step("sees similar ideas while typing a title", async () => {
    await page.goto(`${campaign}/ideas/new`);
    await page.getByLabel("Your idea in one line").pressSequentially("More benches by the water", { delay: 15 });
    await page.locator("similar-ideas a", { hasText: "Benches that face the water" }).waitFor();
  });
  await step("shares one idea by pressing the button twice", async () => {
    await share(page, campaign, "A clock that can be seen from the ferry", "With a light.");
    await page.getByRole("button", { name: "Share the idea" }).dblclick();
    await page.getByRole("heading", { name: "A clock that can be seen from the ferry" }).waitFor();
    await page.goto(campaign);
    same((await ideaTitles(page)).filter((t) => t.startsWith("A clock")).length, 1, "ideas made");
  });
  await step("votes and takes the vote back in place", async () => {
    await page.getByRole("link", { name: "Benches that face the water" }).click();
    await page.locator(".vote-card").waitFor();
    await page.evaluate(() => (window.stayed = true));
    same(await count(page), 0, "votes before");
    await page.getByRole("button", { name: /^Support “Benches/ }).click();
    await page.getByRole("button", { name: /^Take back your support/ }).waitFor();
    same(await count(page), 1, "votes after");
    await page.locator("#votes-left", { hasText: /\b2\b/ }).waitFor();
    expect((await page.locator("#live").innerText()).length > 0, "nothing was announced");
    same(await page.evaluate(() => document.activeElement.getAttribute("aria-pressed")), "true", "the focus stays on the button");
    await page.getByRole("button", { name: /^Take back your support/ }).click();
    await page.getByRole("button", { name: /^Support “Benches/ }).waitFor();
    same(await count(page), 0, "votes at the end");
    same(await page.evaluate(() => window.stayed), true, "the page stayed");
  });
  await step("votes in the list, too", async () => {
    await page.goto(campaign);
    await page.evaluate(() => (window.stayed = true));
    await page.getByRole("button", { name: /^Support “A clock/ }).click();
    await page.getByRole("button", { name: /^Take back your support for “A clock/ }).waitFor();
    same(await page.evaluate(() => window.stayed), true, "the page stayed");
  });
  await step("comments, and answers the comment", async () => {
    await page.getByRole("link", { name: "Benches that face the water" }).click();
    await page.getByLabel("Your comment").fill("With backs, please.");
    await page.getByRole("button", { name: "Add the comment" }).click();
    const comment = page.locator(".comment", { hasText: "With backs, please." });
    await comment.locator("summary", { hasText: "Answer" }).click();
    await comment.getByLabel("Your answer to").fill("And with arms.");
    await comment.getByRole("button", { name: "Answer" }).click();
    await page.locator(".comment.answer", { hasText: "And with arms." }).waitFor();
  });
  await step("changes the words; the earlier ones stay readable", async () => {
    await page.getByRole("link", { name: "Change the words" }).click();
    await page.getByLabel("Describe it").fill("The old ones look at the road.");
    await page.getByRole("button", { name: "Save the changes" }).click();
    await page.getByRole("link", { name: /version 2/ }).click();
    same(await page.locator(".entry").count(), 2, "versions");
  });
  await step("withdraws an idea after being asked", async () => {
    await share(page, campaign, "Paint the landing pink", "All of it.");
    await page.getByRole("button", { name: "Share the idea" }).click();
    await page.getByRole("button", { name: "Withdraw it" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Withdraw it" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.waitForLoadState();
    await page.goto(campaign);
    expect(!(await ideaTitles(page)).includes("Paint the landing pink"), "it is still listed");
  });
  await step("finds a draft kept on the device", async () => {
    await share(page, campaign, "A roof over the queue", "So that");
    await page.getByText("Draft kept on this device.").waitFor();
    await page.goto(`${campaign}/ideas/new`);
    same(await page.getByLabel("Describe it").inputValue(), "So that", "the draft");
  });
  await step("finds what was typed between the last keeping and leaving", async () => {
    await page.getByLabel("Your idea in one line").fill("A roof over the whole queue");
    await page.getByText("Draft kept on this device.").waitFor();
    await page.getByLabel("Describe it").fill("So that nobody gets wet");
    await page.goto(`${campaign}/ideas/new`);
    same(await page.getByLabel("Describe it").inputValue(), "So that nobody gets wet", "the draft");
  });
}

async function moderates(page, step, campaign, content) {
  await step("hides an idea by a rule and with a reason", async () => {
    await signIn(page);
    await page.goto(campaign);
    await page.getByRole("link", { name: "A clock that can be seen" }).click();
    await page.locator("summary", { hasText: "Hide it" }).click();
    await page.getByLabel("Reason, for everyone to read").fill("no");
    await page.getByRole("button", { name: "Hide this idea" }).click();
    await page.locator(".problems").waitFor();
    await page.getByLabel("Rule").selectOption("duplicate");
    await page.getByLabel("Reason, for everyone to read").fill("The station clock has been decided already.");
    await page.getByRole("button", { name: "Hide this idea" }).click();
    await page.locator(".state", { hasText: "Hidden" }).first().waitFor();
    await page.goto(`${campaign}/record`);
    await page.getByText("The station clock has been decided already.").waitFor();
  });
  await step("moves through the table by j, k and x, and learns the keys by ?", () => keys(page, content));
  await step("hides several at once", async () => {
    await page.getByLabel("Rule").selectOption("duplicate");
    await page.getByLabel("Reason, for everyone to read").fill("They are one idea in two places.");
    await page.getByRole("button", { name: "Hide them" }).click();
    await page.locator(".notice").waitFor();
    await page.getByRole("link", { name: "Hidden" }).click();
    same(await page.locator("tr[data-row]").count(), 2, "hidden rows");
    await page.getByRole("button", { name: "Show again" }).first().click();
    await page.locator(".notice").waitFor();
  });
}

async function keys(page, content) {
  await page.goto(`/campaigns/${content.states.long}/manage/ideas`);
  const rows = page.locator("tr[data-row]");
  const here = () => rows.evaluateAll((all) => all.findIndex((row) => row.classList.contains("here")));
  for (const key of ["j", "j", "j", "k"]) await page.keyboard.press(key);
  same(await here(), 1, "row after j j j k");
  await page.keyboard.press("x");
  await page.keyboard.press("j");
  await page.keyboard.press("x");
  await page.getByText("2 picked").waitFor();
  same(await rows.locator("input:checked").count(), 2, "boxes ticked");
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  await page.keyboard.press("j");
  same(await here(), 2, "row while the keys are shown");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog", { name: "Keys" }).waitFor({ state: "hidden" });
}
