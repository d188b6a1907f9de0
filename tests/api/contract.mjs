// Prism stands between a program and the server and compares every answer with the API's description;
// the program does everything the API offers, and everything that is refused.
import { spawn } from "node:child_process";
import path from "node:path";
import { call, ownerToken } from "../kit/api.mjs";
import { close, expect, holds, none, same } from "../kit/results.mjs";
import { build, freePort, importPeople, inRepository, routes, startServer } from "../kit/server.mjs";
import { script } from "./script.mjs";

/** A proxy that answers 500 where an answer (or, if told so, a request) breaks the contract. */
async function prism(upstream, validateRequests) {
  const port = await freePort();
  const program = inRepository("node_modules/@stoplight/prism-cli/dist/index.js");
  const child = spawn(process.execPath, [
    program, "proxy", path.join(build, "openapi.json"), upstream, "--port", String(port), "--errors",
    "--validate-request", String(validateRequests),
  ], { stdio: ["ignore", "pipe", "pipe"] });
  process.once("exit", () => child.kill("SIGKILL"));
  let said = "";
  await new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (data) => ((said += data), said.includes("Prism is listening") && resolve()));
    child.once("exit", () => reject(new Error(`Prism did not start:\n${said}`)));
  });
  return { base: `http://127.0.0.1:${port}`, stop: () => child.kill("SIGTERM") };
}

/** Finds the declared route of a call. */
function matcher(declared) {
  const patterns = declared.map((route) => [route, route.method, new RegExp(`^${route.path.replace(/{\w+}/g, "[^/]+")}$`)]);
  const plain = ([, , pattern]) => pattern.source.split("[^").length; /* "/tasks/mine" before "/tasks/{task_item_id}" */
  patterns.sort((a, b) => plain(a) - plain(b) || b[2].source.length - a[2].source.length);
  return (method, address) => patterns.find(([, m, p]) => m === method && p.test(address.split("?")[0]))?.[0];
}

const server = await startServer();
const upstream = `${server.base}/api/v1`;
const [strict, lenient] = await Promise.all([prism(upstream, true), prism(upstream, false)]);
const declared = routes().filter((route) => route.api);
const routeOf = matcher(declared);
const succeeded = new Set(), refused = new Set();

/** One call; gives the body. What is well-formed goes by the proxy that judges requests, too. */
async function ask(token, method, address, body, { status = 200, code, headers, malformed = false } = {}) {
  let answer;
  const route = routeOf(method, address);
  await holds(`${method} ${address.replace(/\w{13}/g, "…")} ${status}${code ? ` ${code}` : ""}`, async () => {
    answer = await call((malformed || status >= 400 ? lenient : strict).base, token, method, address, body, { prefix: "", ...headers });
    expect(!String(answer.body?.type ?? "").includes("stoplight"), `breaks the contract: ${JSON.stringify(answer.body, null, 1)}`);
    same(answer.status, status, `status (${JSON.stringify(answer.body)})`);
    if (code) same(answer.body.code, code, "code");
    if (status >= 400) same(answer.headers.get("content-type"), "application/problem+json", "content type");
  });
  if (status < 400) succeeded.add(route?.name);
  else refused.add(status);
  return answer?.body;
}

const token = await ownerToken(server.base);
const crowd = await importPeople(server, ["Ann Lee", "Bo Brandt", "Chioma Obi"]);
const readers = await importPeople(server, ["Rita Reader"], "read");
const managers = await importPeople(server, ["Max Manager"], "manage");
try {
  await script({ ask, token, crowd, reader: readers[0], manager: managers[0], base: server.base });
} catch (error) {
  await holds("the calls can be made to their end", () => { throw error; });
}
await holds("every route of the API was called with success", () =>
  none(declared.map((route) => route.name).filter((name) => !succeeded.has(name)), "routes were not"));
await holds("every kind of refusal was seen", () =>
  none([400, 401, 403, 404, 409, 415, 422].filter((status) => !refused.has(status)), "statuses were not"));
strict.stop();
lenient.stop();
await holds("the server stops when asked", async () => same(await server.stop(), 0, "exit status"));
close();
