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
  await amends({ owner, ann, house, closes_at });
  await skills({ owner, ann, house });
}

/** What people bring. */
async function skills({ owner, ann, house }) {
  await ann("POST", "/account/languages", { languages: "English, German" });
  await ann("POST", "/account/languages", { languages: "Elvish" }, { status: 422 });
  await owner("POST", `${house}/skills`, { name: "Knows ships" });
  const known = (await owner("GET", `${house}/work`)).skills[0];
  const { email } = await ann("GET", "/account");
  await owner("POST", `${house}/skills/${known.task_skill_id}/give`, { email });
  const [{ person_id }] = (await owner("GET", `${house}/work`)).skills[0].people;
  await owner("POST", `${house}/skills/${known.task_skill_id}/people/${person_id}/take`, {});
  await ann("GET", "/?kind=task&fits=true");
}

/** A known answer that was wrong, a form that was at fault: what was rejected is paid. */
async function amends({ owner, ann, house, closes_at }) {
  const made = await owner("POST", `${house}/campaigns`, { question: "What do you hear?", kind: "task", closes_at }, { status: 201 });
  const campaign = `/campaigns/${made.campaign_id}`, work = `${campaign}/tasks`;
  await owner("POST", `${work}/describe`, { ...rules, control_every: 1 });
  await owner("POST", `${work}/items`, items("text,known\nmeow,\nwoof,\nhiss,dog\nbark,dog\n"));
  await owner("POST", `${campaign}/money/deposit`, { amount: "20", reason: "Invoice 12" });
  await owner("POST", `${campaign}/open`, {});
  const taken = (await ann("POST", `${work}/take`, { count: 2 })).items;
  for (const { task_item_id, fence, shown } of taken)
    await ann("POST", `${work}/${task_item_id}/give`, { fence, answer: shown === "hiss" ? "cat" : "dog", count: 0 });
  const control = `${work}/${taken.find((item) => item.shown === "hiss").task_item_id}`;
  const other = `${work}/${taken.find((item) => item.shown !== "hiss").task_item_id}`;
  const reject = async (item, rule) => {
    const { answers } = await owner("GET", item);
    await owner("POST", `${campaign}/answers/${answers[0].task_answer_id}/reject`, { rule, reason: "It is something else." });
  };
  await reject(control, "controls");
  await owner("POST", `${control}/correct`, { known: "cow", reason: "Only cats hiss." }, { status: 422 });
  await owner("POST", `${control}/correct`, { known: "cat", why: "It is afraid.", reason: "Only cats hiss." });
  const { amends } = await owner("GET", control);
  if (amends?.owed.length !== 1) throw new Error("what is owed was not listed");
  await owner("POST", `${control}/amend`, {});
  await owner("POST", `${control}/amend`, {}, { status: 409, code: "nothing_owed" });
  await reject(other, "unrelated");
  await owner("POST", `${other}/fault`, { reason: "The sound did not play." });
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
