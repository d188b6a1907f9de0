// A server of our own: in a temporary folder, on a free port, with SQLite, gone afterwards.
import { execFile, spawn } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(fileURLToPath(import.meta.url), "../../..");
export const build = path.resolve(process.env.MANYHANDS_BUILD ?? path.join(root, "build"));
export const inRepository = (name) => path.join(root, name);
export const routes = () => JSON.parse(fs.readFileSync(path.join(build, "routes.json"), "utf8"));

export const owner = { email: "owner@example.org", name: "Ines Oldham", password: "a long enough secret 1" };

export function freePort() {
  return new Promise((resolve) => {
    const probe = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** Starts the server; `settings` are MANYHANDS_* variables. Without `organisation` nothing is set up. */
export async function startServer({ settings = {}, organisation = "Norhaven Energy" } = {}) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "manyhands-test-"));
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const env = {
    PATH: process.env.PATH,
    MANYHANDS_SERVER_LISTEN: `127.0.0.1:${port}`,
    MANYHANDS_SERVER_PUBLIC_URL: base,
    MANYHANDS_DATABASE_URL: `sqlite:${folder}/test.db`,
    MANYHANDS_FILES_FOLDER: `${folder}/files`,
    MANYHANDS_OWNER_PASSWORD: owner.password,
    ...settings,
  };
  const program = path.join(build, "manyhands");
  const run = (...args) =>
    new Promise((resolve, reject) => {
      execFile(program, args, { env, cwd: folder }, (error, stdout, stderr) =>
        error ? reject(new Error(`manyhands ${args.join(" ")}: ${stderr || error.message}`)) : resolve(stdout));
    });
  if (organisation)
    await run("setup", "--name", organisation, "--email", owner.email, "--person", owner.name,
      "--colour-1", "#0b5d5e", "--colour-2", "#f2b134");
  const log = fs.openSync(path.join(folder, "server.log"), "w");
  const child = spawn(program, ["serve"], { env, cwd: folder, stdio: ["ignore", "pipe", log] });
  const atLast = () => child.kill("SIGKILL"); // if the test itself breaks
  process.once("exit", atLast);
  const said = await firstWords(child, folder);
  return {
    base, folder, run, said,
    log: () => fs.readFileSync(path.join(folder, "server.log"), "utf8"),
    async stop() {
      const ended = new Promise((resolve) => child.once("exit", (code, signal) => resolve(signal ?? code)));
      if (child.exitCode === null) child.kill("SIGTERM");
      const status = child.exitCode ?? (await ended);
      process.off("exit", atLast);
      fs.closeSync(log);
      fs.rmSync(folder, { recursive: true, force: true });
      return status;
    },
  };
}

function firstWords(child, folder) {
  return new Promise((resolve, reject) => {
    let said = "";
    child.stdout.on("data", (data) => {
      said += data;
      if (said.includes("Manyhands serves")) resolve(said);
    });
    child.once("exit", () =>
      reject(new Error("the server did not start:\n" + fs.readFileSync(path.join(folder, "server.log"), "utf8"))));
  });
}

/** People with confirmed addresses and bearer tokens: [{ email, id, token }]. */
export async function importPeople(server, names, scope = "participate") {
  const file = path.join(server.folder, "people.csv");
  const address = (name) => name.toLowerCase().replace(/[^a-z]+/g, ".") + "@example.org";
  fs.writeFileSync(file, "email,name\n" + names.map((name) => `${address(name)},${name}\n`).join(""));
  const out = await server.run("import", "people", file, "--token", scope);
  return out.trim().split("\n").filter((line) => line.includes("@")).map((line) => {
    const [email, id, token] = line.split(",");
    return { email, id, token };
  });
}
