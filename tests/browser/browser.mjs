// Debian's Chromium, and visitors whose every fault is noted: errors on the console, breaches of the
// content-security policy, requests to other hosts.
import fs from "node:fs";
import { chromium } from "playwright-core";
import { holds, none, same } from "../kit/results.mjs";
import { owner } from "../kit/server.mjs";

export function openBrowser() {
  const executablePath = process.env.MANYHANDS_CHROMIUM ?? "/usr/bin/chromium";
  if (!fs.existsSync(executablePath)) throw new Error(`${executablePath} is missing: apt-get install chromium`);
  return chromium.launch({
    executablePath,
    args: [
      "--no-sandbox", "--headless=new", "--disable-gpu", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ],
  });
}

export async function visit(browser, { base, javaScript = true, width = 1280, scheme = "light", storage } = {}) {
  const context = await browser.newContext({
    baseURL: base, javaScriptEnabled: javaScript, colorScheme: scheme, storageState: storage,
    viewport: { width, height: width < 600 ? 740 : 900 }, reducedMotion: "reduce",
  });
  context.setDefaultTimeout(30000); /* generous: machines that run tests are busy */
  const faults = [];
  context.on("request", (request) => {
    if (!/^(data|about|blob):/.test(request.url()) && !request.url().startsWith(base + "/"))
      faults.push(`asks another host: ${request.url()}`);
  });
  context.on("console", (message) => {
    /* Chromium logs every answer from 400 on as an error; such answers are part of the tests. */
    const answered = /^Failed to load resource: the server responded with a status of 4\d\d/.test(message.text());
    if (message.type() === "error" && !answered) faults.push(`console: ${message.text()} (${message.page()?.url()})`);
  });
  context.on("weberror", (error) => faults.push(`script: ${error.error().stack}`));
  context.on("requestfailed", (request) => {
    if (request.failure()?.errorText !== "net::ERR_ABORTED") faults.push(`failed: ${request.url()} ${request.failure()?.errorText}`);
  });
  const page = await context.newPage();
  return { context, page, faults };
}

/** A story of one visitor; afterwards nothing may have gone wrong behind the scenes. */
export async function story(browser, name, options, tell) {
  const visitor = await visit(browser, options);
  await tell(visitor.page, (what, check) => holds(`${name}: ${what}`, check), visitor);
  await holds(`${name}: no error on the console, no breach of the policy, no other host`, () => none(visitor.faults, "faults"));
  await visitor.context.close();
}

export async function signIn(page, { email, password } = owner) {
  await page.goto("/sign-in");
  const form = page.locator("form", { has: page.locator('input[type="password"]') });
  await form.getByLabel("E-mail address").fill(email);
  await form.getByLabel("Password", { exact: true }).fill(password);
  await form.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
}

/** Signs in once; the state can be given to many visitors. */
export async function signedIn(browser, base, account) {
  const { context, page, faults } = await visit(browser, { base, javaScript: false });
  await signIn(page, account);
  const storage = await context.storageState();
  await context.close();
  same(faults.length, 0, "faults while signing in");
  return storage;
}

/** From the form for a new account over the mailed link to a password. */
export async function signUp(page, post, { email, name, password }) {
  await page.goto("/sign-up");
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Name shown beside").fill(name);
  same(await page.getByLabel("Tell me by e-mail").isChecked(), false, "consent to notices is ticked");
  same(await page.getByLabel("Send me news").isChecked(), false, "consent to marketing is ticked");
  await page.getByRole("button", { name: "Create the account" }).click();
  await page.getByRole("heading", { name: "Look at your mail" }).waitFor();
  await page.goto(await post.linkFor(email));
  await page.getByLabel("Choose a password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("You are signed in.").waitFor();
}
