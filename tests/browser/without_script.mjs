// The same path where no script runs: every step is a link or a form.
import { expect, same } from "../kit/results.mjs";
import { signIn, signUp, story } from "./browser.mjs";
import { pays } from "./money.mjs";
import { answersOpinions } from "./opinions.mjs";

export async function withoutScript(browser, { base, post, content, newcomer }) {
  const opened = {};
  const options = { base, javaScript: false };
  await story(browser, "owner without script", options, (page, step) => ownerOpens(page, step, content, opened));
  await story(browser, "participant without script", options, async (page, step) => {
    await step("signs up by mailed link", () => signUp(page, post, newcomer));
    await takesPart(page, step, opened.path ?? `/campaigns/${content.campaign_id}`);
    await answersOpinions(page, step, content);
  });
  await pays(browser, options, { campaign: opened.path, content, worker: newcomer });
  await story(browser, "moderator without script", options, (page, step) => moderates(page, step, opened.path, content));
}

async function ownerOpens(page, step, content, opened) {
  await step("signs in, and sees what is wrong with a campaign", async () => {
    await signIn(page);
    await page.goto(`/organisations/${content.organisation_id}/campaigns/new`);
    await page.getByLabel("The question you ask").fill("Short");
    await page.getByRole("button", { name: "Save as a draft" }).click();
    same(await page.locator(".problems a").first().innerText(), "The question you ask", "the field named in the summary");
    same(await page.getByLabel("The question you ask").inputValue(), "Short", "the question typed");
  });
  await step("creates and opens it", async () => {
    await page.getByLabel("The question you ask").fill("Which street should be closed to cars on Sundays?");
    await page.getByLabel("Closes").fill(content.from_now(9).slice(0, 16));
    await page.getByRole("button", { name: "Save as a draft" }).click();
    if (!page.url().endsWith("/manage")) await page.getByRole("link", { name: "Manage" }).click();
    await page.getByRole("button", { name: "Open the campaign" }).click();
    await page.locator(".state", { hasText: "Open" }).first().waitFor();
    opened.path = new URL(page.url()).pathname.replace(/\/manage$/, "");
  });
}

async function takesPart(page, step, campaign) {
  await step("shares an idea; the same form sent again makes no second one", async () => {
    await page.goto(`${campaign}/ideas/new`);
    await page.getByLabel("Your idea in one line").fill("Mill Street, from the bridge to the well");
    await page.getByRole("button", { name: "Share the idea" }).click();
    await page.waitForURL(/\/ideas\/[0-9a-z]{13}$/);
    const made = page.url();
    await page.goBack();
    await page.getByLabel("Your idea in one line").fill("Mill Street, from the bridge to the well");
    await page.getByRole("button", { name: "Share the idea" }).click();
    await page.waitForURL(/\/ideas\/[0-9a-z]{13}$/);
    same(page.url(), made, "where the second sending leads");
    await page.goto(campaign);
    same(await page.locator(".idea").count(), 1, "ideas");
  });
  await step("votes in the list and takes it back on the page", async () => {
    await page.getByRole("button", { name: /^Support “Mill Street/ }).click();
    await page.getByRole("button", { name: /^Take back your support/ }).waitFor();
    await page.goto(campaign);
    await page.getByRole("link", { name: "Mill Street, from the bridge" }).click();
    same(await page.locator(".vote-card .vote-count").first().innerText(), "1", "votes");
    await page.getByRole("button", { name: /^Take back your support/ }).click();
    await page.getByRole("button", { name: /^Support “Mill Street/ }).waitFor();
  });
  await step("comments, and answers the comment", async () => {
    await page.getByLabel("Your comment").fill("And the market?");
    await page.getByRole("button", { name: "Add the comment" }).click();
    const comment = page.locator(".comment", { hasText: "And the market?" });
    await comment.locator("summary", { hasText: "Answer" }).click();
    await comment.getByLabel("Your answer to").fill("It stays.");
    await comment.getByRole("button", { name: "Answer" }).click();
    await page.locator(".comment.answer", { hasText: "It stays." }).waitFor();
  });
  await step("searches and sorts", async () => {
    await page.goto(campaign);
    await page.getByRole("searchbox").fill("elephants");
    await page.getByRole("searchbox").press("Enter");
    await page.getByText("Nothing found").waitFor();
    await page.getByRole("link", { name: "Show all ideas" }).click();
    await page.getByRole("link", { name: "New", exact: true }).click();
    same(await page.locator(".idea").count(), 1, "ideas");
  });
  await step("withdraws the idea", async () => {
    await page.getByRole("link", { name: "Mill Street, from the bridge" }).click();
    await page.getByRole("button", { name: "Withdraw it" }).click();
    await page.goto(campaign);
    same(await page.locator(".idea").count(), 0, "ideas");
  });
}

async function moderates(page, step, campaign, content) {
  await step("hides an idea, and shows it again", async () => {
    await signIn(page);
    await page.goto(`/campaigns/${content.campaign_id}/ideas/${content.quiet_idea_id}`);
    await page.locator("summary", { hasText: "Hide it" }).click();
    await page.getByLabel("Rule").selectOption("off_topic");
    await page.getByLabel("Reason, for everyone to read").fill("It is about another house.");
    await page.getByRole("button", { name: "Hide this idea" }).click();
    await page.getByText("It is about another house.").waitFor();
    await page.getByRole("button", { name: "Show it again" }).click();
    await page.locator("summary", { hasText: "Hide it" }).waitFor();
  });
  await step("pauses the campaign with a reason", async () => {
    await page.goto(`${campaign}/manage`);
    await page.locator("summary", { hasText: "Pause" }).click();
    await page.locator("#pause-reason").fill("The works on the bridge begin early.");
    await page.getByRole("button", { name: "Pause the campaign" }).click();
    await page.goto(campaign);
    await page.getByText("The works on the bridge begin early.").waitFor();
    expect(!(await page.getByRole("link", { name: "Share an idea" }).count()), "one can still share an idea");
  });
  await step("signs out", async () => {
    await page.locator("summary", { hasText: "Ines Oldham" }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("link", { name: "Sign in" }).first().waitFor();
  });
}
