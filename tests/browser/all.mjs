// The tests in a browser: against a server of their own, filled with a little of everything.
import { close, holds, none, same } from "../kit/results.mjs";
import { openPostOffice } from "../kit/post.mjs";
import { startServer } from "../kit/server.mjs";
import { openBrowser, signedIn, signUp, visit } from "./browser.mjs";
import { fill } from "./content.mjs";
import { asGuest } from "./outside.mjs";
import { everyPage, pages } from "./pages.mjs";
import { quality } from "./quality.mjs";
import { withTasks, workOn } from "./tasks.mjs";
import { withScript } from "./with_script.mjs";
import { withoutScript } from "./without_script.mjs";

const participant = { email: "zoe@example.org", name: "Zoë Adair", password: "an unusual phrase 7" };
const newcomer = { email: "umi@example.org", name: "Umi Tanaka", password: "another unusual phrase 8" };

async function linkToken(base, post) {
  const email = "late@example.org";
  await fetch(`${base}/sign-up`, { method: "POST", redirect: "manual", headers: { origin: base }, body: new URLSearchParams({ email, display_name: "Late Comer" }) });
  return new URL(await post.linkFor(email)).pathname.split("/").pop();
}

/** Before there is an organisation. */
async function firstRun(browser) {
  const server = await startServer({ organisation: null });
  const setup = /\/setup\/[\w-]+/.exec(server.said)[0];
  const empty = [
    { name: "home before the first run", path: "/" },
    { name: "setup", path: setup },
    { name: "setup with a wrong token", path: `/setup/${"A".repeat(43)}`, status: 404 },
  ];
  await pages(browser, { base: server.base, list: empty, sessions: {} });
  await server.stop();

  const fresh = await startServer();
  const owner = await signedIn(browser, fresh.base);
  const { organisation_id } = await (await fetch(`${fresh.base}/api/v1/`)).json();
  await pages(browser, {
    base: fresh.base, sessions: { owner },
    list: [
      { name: "home without campaigns", path: "/" },
      { name: "home without campaigns as owner", path: "/", who: "owner" },
      { name: "organisation_manage without campaigns", path: `/organisations/${organisation_id}/manage`, who: "owner" },
    ],
  });
  await fresh.stop();
}

const post = await openPostOffice();
const server = await startServer({ settings: { MANYHANDS_MAIL_SMTP_URL: post.url, MANYHANDS_FETCH_ALLOW_HTTP: "yes", MANYHANDS_FETCH_ALLOW_PRIVATE: "yes",
  MANYHANDS_EMBEDDINGS_URL: "http://127.0.0.1:1024/v1/embeddings", MANYHANDS_EMBEDDINGS_MODEL: "nobody-answers" } });
const browser = await openBrowser();
try {
  const { base } = server;
  const content = await fill(server);
  const only = process.argv[2];
  const wanted = (part) => !only || only === part;
  if (wanted("script")) await withScript(browser, { base, post, content, participant });
  if (wanted("tasks")) await withTasks(browser, { base, post, content });
  if (wanted("plain")) await withoutScript(browser, { base, post, content, newcomer });
  if (wanted("pages") || wanted("quality")) {
    const sessions = { owner: await signedIn(browser, base) };
    sessions.participant = await asParticipant(base);
    sessions.guest = await asGuest(browser, base, content.panel_link);
    if (wanted("quality")) await quality(browser, { base, content, sessions });
    if (wanted("pages")) {
      const own_idea_id = await shareOne(sessions.participant, content);
      const token = await linkToken(base, post);
      const work = await workOn(browser, { base, storage: sessions.participant, ...content });
      await pages(browser, { base, list: everyPage({ ...content, ...work, own_idea_id, token }), sessions });
      await firstRun(browser);
    }
  }
} catch (error) {
  await holds("the tests run to their end", () => { throw error; });
}
await browser.close();
await holds("the server logs no error", () => none(server.log().split("\n").filter((line) => /"level":"error"/.test(line)), "errors"));
await holds("the server stops when asked", async () => same(await server.stop(), 0, "exit status"));
await post.close();
close();

/** An idea of the participant's own, to be changed. */
async function shareOne(storage, content) {
  const { context, page } = await visit(browser, { base: server.base, storage });
  await page.goto(`/campaigns/${content.campaign_id}/ideas/new`);
  await page.getByLabel("Your idea in one line").fill("A small stage with a piano");
  const terms = page.getByLabel("I agree"); // asked of everybody once
  if (await terms.count() > 0) await terms.check();
  await page.getByRole("button", { name: "Share the idea" }).click();
  await page.getByRole("heading", { name: "A small stage" }).waitFor();
  const [, id] = /ideas\/(\w{13})/.exec(page.url());
  await context.close();
  return id;
}

/** One of those with a password; signs up when the stories that do so have not run. */
async function asParticipant(base) {
  try {
    return await signedIn(browser, base, participant);
  } catch {
    const { context, page } = await visit(browser, { base });
    await signUp(page, post, participant);
    const storage = await context.storageState();
    await context.close();
    return storage;
  }
}
