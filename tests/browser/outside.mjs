// The world outside: programs that hear what happens, and panels that send people.
import crypto from "node:crypto";
import http from "node:http";
import { call } from "../kit/api.mjs";
import { visit } from "./browser.mjs";

/** A receiver that takes news at /ok, and answers 500 and 410 elsewhere. */
async function receiver() {
  const server = http.createServer((asked, answer) => {
    asked.resume();
    answer.statusCode = { "/ok": 200, "/gone": 410 }[asked.url] ?? 500;
    answer.end(asked.url === "/ok" ? "Thank you" : "Not today: the till is being moved to another counter, and nobody knows when it will be back");
  });
  await new Promise((go) => server.listen(0, "127.0.0.1", go));
  server.unref();
  return `http://127.0.0.1:${server.address().port}`;
}

/** Webhooks that work, fail, and are switched off; gives their ids. */
export async function told(owner, organisation_id) {
  const base = await receiver(), list = `/organisations/${organisation_id}/webhooks`;
  const add = async (path, description, kinds) => {
    const { endpoint } = await owner("POST", list, { address: base + path, description, kinds });
    const one = `${list}/${endpoint.webhook_endpoint_id}`;
    await owner("POST", `${one}/test`);
    for (let tries = 0; !(await owner("GET", one)).deliveries.some((delivery) => delivery.tries > 0); tries++) {
      if (tries === 600) throw new Error(`${path} was not asked`);
      await new Promise((go) => setTimeout(go, 100));
    }
    return endpoint.webhook_endpoint_id;
  };
  return {
    failing_webhook_id: await add("/a/rather/long/address/with-an-identifier-0123456789abcdef0123456789abcdef", "The till", "campaign.cancelled\npayout.*"),
    gone_webhook_id: await add("/gone", "", "campaign.cancelled"),
    webhook_endpoint_id: await add("/ok", "Our own website", ""),
  };
}

export function webhookPages(more, send, { organisation_id, failing_webhook_id, gone_webhook_id }) {
  const list = `/organisations/${organisation_id}/webhooks`;
  more("webhook_page failing", `${list}/${failing_webhook_id}`, "owner");
  more("webhook_page switched off", `${list}/${gone_webhook_id}`, "owner");
  more("problems of webhooks", list, "owner", { status: 422, act: send("Add it") });
  more("problems of webhook_page", `${list}/${failing_webhook_id}`, "owner", { status: 422, act: async (page) => {
    await page.locator("summary", { hasText: "Change it" }).click();
    await page.getByLabel("Kinds of news").fill("idea.burnt");
    return send("Save")(page);
  } });
  more("webhook_page with its secret", list, "owner", { act: async (page) => {
    await page.getByLabel("Address").fill("https://nobody.invalid/hook");
    await page.getByLabel("Kinds of news").fill("campaign.cancelled");
    return send("Add it")(page);
  } });
}

const rules = {
  template: "write", ask: "Copy the label", price: "0.05", answers_least: 1, answers_most: 1, accept_hours: 0, control_every: 0, quality_least: 0,
};

/** A panel whose worker has answered once, for pay that is owed; gives its ids and a link for another worker. */
export async function sent(base, make, owner, organisation_id) {
  const list = `/organisations/${organisation_id}/panels`;
  const campaign_id = await make("What do the labels of our seeds say?", { kind: "task" });
  const tasks = `/campaigns/${campaign_id}/tasks`;
  await owner("POST", `${tasks}/describe`, rules);
  await owner("POST", `${tasks}/items`, { file: { filename: "i.csv", base64: Buffer.from("text\nRye\nOats\nFlax\nBarley\n").toString("base64") } });
  await owner("POST", `/campaigns/${campaign_id}/money/deposit`, { amount: "5", reason: "Invoice 12" });
  await owner("POST", `/campaigns/${campaign_id}/open`);
  const { panel: { panel_id }, secret } = await owner("POST", list, { name: "Northern Answers", pays: "panel", done_address: "https://panel.example/back" });
  const { token } = await owner("POST", `${list}/${panel_id}/token`);
  const worker = await call(base, token, "POST", `/panels/${panel_id}/workers`, { campaign: campaign_id, worker: "N-1" });
  const work = (path, body) => call(base, worker.body.token, "POST", `${tasks}/${path}`, body);
  const item = (await work("take", { count: 1 })).body.items[0];
  await work(`${item.task_item_id}/give`, { fence: item.fence, answer: "Rye", count: 0 });
  const until = String(Math.floor(Date.now() / 1000) + 3600);
  const lines = ["manyhands-panel-1", "enter", panel_id, campaign_id, "N-2", until];
  const signature = crypto.createHmac("sha256", secret).update(lines.map((line) => `${line}\n`).join("")).digest("base64url");
  const query = new URLSearchParams({ campaign: campaign_id, worker: "N-2", until, signature });
  return { panel_id, panel_campaign_id: campaign_id, panel_link: `/panels/${panel_id}/enter?${query}` };
}

/** Follows the link as its worker does. */
export async function asGuest(browser, base, link) {
  const { context, page } = await visit(browser, { base, javaScript: false });
  await page.goto(link);
  await page.getByRole("button", { name: "Begin", exact: true }).click();
  await page.getByText("Panel worker 2").waitFor();
  const storage = await context.storageState();
  await context.close();
  return storage;
}

export function panelPages(more, send, { organisation_id, panel_id, panel_link, panel_campaign_id }) {
  const list = `/organisations/${organisation_id}/panels`, work = `/campaigns/${panel_campaign_id}`;
  more("panel_enter with a good link", panel_link, null);
  more("panel_enter as somebody else", panel_link, "participant");
  more("panel_done as a guest", `${work}/panel`, "guest");
  more("task_page as a guest", `${work}/tasks`, "guest");
  more("task_work as a guest", `${work}/tasks/work`, "guest");
  more("earnings as a guest", "/account/earnings", "guest");
  more("error 403 as a guest", "/account", "guest", { status: 403 });
  more("problems of panels", list, "owner", { status: 422, act: send("Add it") });
  more("panel_page with its token", `${list}/${panel_id}`, "owner", { act: async (page) => {
    await page.getByRole("button", { name: "Token for programs" }).click();
    const [answer] = await Promise.all([page.waitForNavigation(), page.getByRole("button", { name: "Make it" }).click()]);
    return answer;
  } });
  more("panel_page with its secret", list, "owner", { act: async (page) => {
    await page.getByLabel("Name of the panel").fill("Another one");
    return send("Add it")(page);
  } });
}
