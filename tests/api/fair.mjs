// What makes campaigns of tasks fair, as a program uses it: practice, the floor under pay.
const items = (rows) => ({ file: { filename: "items.csv", base64: Buffer.from(rows).toString("base64") } });
const rules = {
  template: "choose", ask: "Which animal is it?", choices: "cat\ndog", price: "0.05", answers_least: 1, answers_most: 1,
  accept_hours: 72, reject_percent: 50, control_every: 0, quality_least: 0,
};

export async function fairness({ owner, ann, house, closes_at }) {
  const made = await owner("POST", `${house}/campaigns`, { question: "Which animals are these?", kind: "task", closes_at }, { status: 201 });
  const campaign = `/campaigns/${made.campaign_id}`, work = `${campaign}/tasks`;
  await owner("POST", `${work}/describe`, rules);
  await owner("POST", `${work}/practice`, {}, { status: 409, code: "no_practice" });
  await owner("POST", `${work}/items`, items("text,known,why,practice\nmeow,,,\nwoof,,,\nhiss,cat,It is afraid.,yes\n"));
  await owner("POST", `${campaign}/money/deposit`, { amount: "20", reason: "Invoice 10" });
  await owner("GET", `${house}/work`);
  await owner("POST", `${house}/work`, { floor: "13.90", currency: "EUR" });
  await owner("POST", `${house}/work`, { floor: "many", currency: "EUR" }, { status: 422 });
  await owner("GET", `${work}/desk`);
  await owner("POST", `${campaign}/open`, {});
  await practice(ann, work);
  await admission({ owner, ann, house, closes_at });
}

/** A test of one item, failed and reviewed. */
async function admission({ owner, ann, house, closes_at }) {
  const made = await owner("POST", `${house}/campaigns`, { question: "Who knows animals?", kind: "task", closes_at }, { status: 201 });
  const campaign = `/campaigns/${made.campaign_id}`, work = `${campaign}/tasks`;
  await owner("POST", `${work}/describe`, rules);
  await owner("POST", `${work}/items`, items("text,known,why\nmeow,,\nwoof,,\nhiss,cat,It is afraid.\n"));
  await owner("POST", `${work}/admit`, { test_items: 1, test_percent: 100, test_tries: 1 });
  await owner("POST", `${campaign}/money/deposit`, { amount: "20", reason: "Invoice 11" });
  await owner("POST", `${campaign}/open`, {});
  await owner("POST", `${work}/admit`, { test_items: 1, test_percent: 100, test_tries: 0 }, { status: 422 });
  await ann("GET", `${work}/test`);
  await ann("POST", `${work}/take`, { count: 1 }, { status: 403, code: "turned_away" });
  const { task_item_id } = await ann("POST", `${work}/test`, {});
  const { answers } = await ann("POST", `${work}/test/${task_item_id}`, { answer: "dog" });
  if (answers?.[0]?.right_answer !== "cat") throw new Error("what is right was not told");
  await ann("POST", `${work}/test`, {}, { status: 409, code: "not_again" });
}

async function practice(ann, work) {
  await ann("GET", `${work}/practice`);
  const { task_practice_id } = await ann("POST", `${work}/practice`, {});
  const { told } = await ann("POST", `${work}/practice/${task_practice_id}`, { answer: "dog" });
  if (told?.right_answer !== "cat") throw new Error("what is right was not told");
  await ann("POST", `${work}/practice/${task_practice_id}`, { answer: "cat" }, { status: 409, code: "answered" });
}
