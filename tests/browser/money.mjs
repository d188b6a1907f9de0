// Money from the deposit to the payout, by links and forms.
import { same } from "../kit/results.mjs";
import { signIn, story } from "./browser.mjs";

export async function pays(browser, options, { campaign, content, worker }) {
  await story(browser, "owner who pays, without script", options, (page, step) => ownerGives(page, step, campaign, worker));
  await story(browser, "who earns, without script", options, (page, step) => workerAsks(page, step, worker));
  await story(browser, "owner who approves, without script", options, (page, step) => ownerPays(page, step, content));
  await story(browser, "who was paid, without script", options, (page, step) => step("sees it among the earnings", async () => {
    await signIn(page, worker);
    await page.goto("/account/earnings");
    await page.locator(".row", { hasText: "25.00 USD" }).locator(".state", { hasText: "Paid" }).waitFor();
    same(await page.getByRole("button", { name: /^Ask for/ }).count(), 0, "further requests");
  }));
}

const press = (page, name) => page.getByRole("button", { name }).click();

async function ownerGives(page, step, campaign, worker) {
  await step("opens a ledger in a currency", async () => {
    await signIn(page);
    await page.goto(`${campaign}/money`);
    await page.getByLabel("Currency").fill("doubloons");
    await press(page, "Open the ledger");
    await page.getByRole("alert").waitFor();
    await page.getByLabel("Currency").fill("usd");
    await press(page, "Open the ledger");
    await page.getByRole("link", { name: "Money" }).waitFor();
  });
  await step("adds to the budget; an amount that is none is kept as it was typed", async () => {
    await page.locator("#deposit-amount").fill("a hundred");
    await page.locator("#deposit-reason").fill("Invoice 12");
    await press(page, "Add it");
    await page.locator("#deposit-amount-problem", { hasText: "Write an amount like 5.00." }).waitFor();
    same(await page.locator("#deposit-amount").inputValue(), "a hundred", "what was typed");
    await page.locator("#deposit-amount").fill("1,000.00");
    await press(page, "Add it");
    await page.locator(".numbers", { hasText: "1000.00 USD" }).waitFor();
  });
  await step("gives a bonus with its reason", async () => {
    await page.locator("summary", { hasText: "Give a bonus" }).click();
    await page.locator("#bonus-email").fill(worker.email);
    await page.locator("#bonus-amount").fill("25");
    await page.locator("#bonus-reason").fill("The best drawing of all");
    await press(page, "Give the bonus");
    await page.locator("tr", { hasText: "The best drawing of all" }).waitFor();
  });
}

async function workerAsks(page, step, worker) {
  await step("says where to pay; a mistyped number is noticed", async () => {
    await signIn(page, worker);
    await page.goto("/account");
    await page.getByRole("link", { name: "Your earnings and payouts" }).click();
    await page.getByLabel("Name of the account's holder").fill("Umi Tanaka");
    await page.getByLabel("IBAN").fill("DE89 3704 0044 0532 0130 01");
    await press(page, "Save");
    await page.locator("#f-iban-problem", { hasText: "the check digits do not fit" }).waitFor();
    await page.getByLabel("IBAN").fill("DE89 3704 0044 0532 0130 00");
    await press(page, "Save");
    await page.getByText("DE … 3000").waitFor();
  });
  await step("asks for what was earned, takes it back, and asks again", async () => {
    await press(page, /^Ask for 25.00 USD/);
    await press(page, /^Take back/);
    await press(page, /^Ask for 25.00 USD/);
    await page.locator(".state", { hasText: "Asked for" }).waitFor();
  });
}

async function ownerPays(page, step, content) {
  await step("makes a batch and approves it; alone that is not enough", async () => {
    await signIn(page);
    await page.goto(`/organisations/${content.organisation_id}/payouts`);
    await page.locator(".step", { hasText: "25.00 USD" }).getByRole("button", { name: "Make a batch" }).click();
    await page.getByRole("heading", { name: "25.00 USD to 1 person" }).waitFor();
    await press(page, "Approve this batch");
    await page.getByText("You have approved it").waitFor();
    same(await page.getByRole("button", { name: "The bank has paid it" }).count(), 0, "buttons to pay");
  });
  await step("pays it when another has approved", async () => {
    await content.manager("POST", `${new URL(page.url()).pathname}/approve`);
    await page.reload();
    same(await page.getByRole("link", { name: "For the bank" }).count(), 0, "SEPA files in dollars");
    same(await page.getByRole("link", { name: "As a table" }).count(), 1, "tables");
    await press(page, "The bank has paid it");
    await page.getByText("Marked as paid by Ines Oldham").waitFor();
  });
}
