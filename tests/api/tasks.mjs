// Campaigns of tasks as a program runs them: pictures in, answers, a rejection and its appeal, results out.
import { readFileSync } from "node:fs";
import { inRepository } from "../kit/server.mjs";

function crc32(bytes) {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}

/** A ZIP archive of files that are stored as they are. */
function zip(files) {
  const parts = [], directory = [];
  let at = 0;
  for (const [name, bytes] of files) {
    const head = Buffer.alloc(26);
    [20, 0, 0, 0, 0x21].forEach((value, n) => head.writeUInt16LE(value, 2 * n));
    head.writeUInt32LE(crc32(bytes), 10);
    head.writeUInt32LE(bytes.length, 14);
    head.writeUInt32LE(bytes.length, 18);
    head.writeUInt16LE(Buffer.byteLength(name), 22);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(at, 10);
    directory.push(Buffer.from("PK\x01\x02\x14\x00", "latin1"), head, rest, Buffer.from(name));
    const local = [Buffer.from("PK\x03\x04", "latin1"), head, Buffer.from(name), bytes];
    parts.push(...local);
    at += local.reduce((sum, part) => sum + part.length, 0);
  }
  const all = Buffer.concat(directory), end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(all.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, all, end]);
}

const picture = (name) => readFileSync(inRepository(`src/platform/blobs/test_data/${name}`));
const upload = (filename, bytes) => ({ file: { filename, base64: Buffer.from(bytes).toString("base64") } });
const rules = {
  template: "describe", ask: "Describe the picture.", price: "0.05", answers_least: 1, answers_most: 1, accept_hours: 72,
  reject_percent: 50, control_every: 0, quality_least: 0,
};

export async function tasks({ ask, owner, ann, bo, house, person, closes_at }) {
  const made = await owner("POST", `${house}/campaigns`, { question: "What is on these pictures?", kind: "task", closes_at }, { status: 201 });
  const campaign = `/campaigns/${made.campaign_id}`, work = `${campaign}/tasks`;
  await owner("POST", `${work}/describe`, rules);
  await owner("POST", `${work}/items`, upload("bad.zip", zip([["a.png", picture("damaged.png")]])), { status: 422 });
  const files = [["a.png", picture("alpha.png")], ["b.jpg", picture("located.jpg")], ["c.gif", picture("moving.gif")],
    ["d.webp", picture("plain.webp")], ["list.csv", Buffer.from("file,text\nb.jpg,A square\n")]];
  await owner("POST", `${work}/items`, upload("pictures.zip", zip(files)));
  await owner("POST", `${campaign}/money/deposit`, { amount: "20", reason: "Invoice 9" });
  await owner("POST", `${campaign}/open`, {});
  await ann("GET", work);
  const { items } = await ann("POST", `${work}/take`, { count: 3 });
  await ann("GET", `${work}/work`);
  const give = (item) => ann("POST", `${work}/${item.task_item_id}/give`, { fence: item.fence, answer: "A pattern of squares", count: 0 });
  await give(items[0]);
  await give(items[1]);
  await ann("POST", `${work}/${items[2].task_item_id}/skip`, { fence: items[2].fence, reason: "unsure", count: 0 });
  await ann("POST", `${work}/${items[2].task_item_id}/give`, { fence: items[2].fence, answer: "Too late", count: 0 }, { status: 409 });
  await owner("GET", `${work}/items`);
  const { answers } = await owner("GET", `${work}/${items[0].task_item_id}`);
  const answer = `${campaign}/answers/${answers[0].task_answer_id}`;
  await owner("POST", `${answer}/reject`, { rule: "unrelated", reason: "It shows a cat." });
  await ann("GET", `${work}/mine`);
  await ann("POST", `${answer}/appeal`, { text: "There is no cat on it." });
  await owner("POST", `${answer}/decide`, { overturn: true, reason: "You are right." }, { status: 403 });
  await owner("POST", `${house}/team`, { email: person.email, role: "manager" });
  await ask(person.token, "POST", `${answer}/decide`, { overturn: true, reason: "You are right." });
  await owner("POST", `${work}/${items[1].task_item_id}/ask`, {});
  await owner("POST", `${work}/${items[2].task_item_id}/break`, {});
  await bo("GET", `${work}/desk`, undefined, { status: 403 });
  for (const page of ["desk", "workers", "results.csv", "results.json", "answers.csv", "alt.csv", "alt.html", "label-studio.json"])
    await owner("GET", `${work}/${page}`);
}
