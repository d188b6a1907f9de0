// A campaign with an opinion map: three camps who disagree about a market square, and what they have in common.

import { expect, same } from "../kit/results.mjs";

const square = [
  /* title, who agrees: d(rivers), w(alkers), t(hrifty) */
  ["Plant twelve lime trees along the north side", "dwt"],
  ["Mend the well, so that there is drinking water in summer", "dwt"],
  ["Keep the Thursday market where it is", "dwt"],
  ["Light the passage to the station", "dwt"],
  ["Close the square to cars on all days", "w"],
  ["Take out forty parking places for tables and trees", "w"],
  ["Let bicycles cross in both directions", "wt"],
  ["Build a garage with two hundred places under the square", "d"],
  ["Keep the parking places in front of the pharmacy and the bank", "dt"],
  ["Let the first hour of parking be free", "d"],
  ["Lay new paving of granite, also in the side streets, so that prams and wheelchairs get across", "dw"],
  ["Spend no more than the 400,000 that are there", "t"],
  ["Sell the town's house at number nine to pay for it", "t"],
  ["Ask an artist for a fountain", "dw"],
];
const sizes = { d: 17, w: 13, t: 9 };

/** Always the same numbers from 0 to 1. */
function dice(seed) {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** What someone of a camp says of the ideas: mostly its line. */
function* sayings(camp, ideas, roll) {
  for (const [i, [, agrees]] of square.entries()) {
    const line = agrees.includes(camp) ? "agree" : "disagree";
    const whim = roll();
    if (whim < 0.12) continue;
    yield [ideas[i].idea_id, whim < 0.24 ? "pass" : whim < 0.32 ? (line === "agree" ? "disagree" : "agree") : line];
  }
}

/** `join(count)` makes people; the owner answers as a walker would, but for the last three. */
export async function mapped(make, owner, join) {
  const campaign_id = await make("How should the square look in five years?", {
    maps_opinions: true,
    brief: "The market square is 600 years old and full of cars. There are 400,000 for it, and a year to plan.",
  }, "open");
  const crowd = await join(Object.values(sizes).reduce((a, b) => a + b));
  const ideas = [];
  for (const [i, [title]] of square.entries())
    ideas.push(await crowd[i]("POST", `/campaigns/${campaign_id}/ideas`, { title, text: i === 6 ? "As in the Mill Lane, with a line on the ground and **room for both**." : "" }));
  const roll = dice(20);
  const say = (who, subject, opinion) => who("POST", `/campaigns/${campaign_id}/subjects/${subject}/opinion`, { opinion });
  let at = 0;
  for (const [camp, size] of Object.entries(sizes))
    for (const person of crowd.slice(at, (at += size)))
      for (const [subject, opinion] of sayings(camp, ideas, roll))
        await say(person, subject, opinion).catch(() => {}); /* one's own is not asked for */
  for (const [i, [, agrees]] of square.entries())
    if (i < 11) await say(owner, ideas[i].idea_id, agrees.includes("w") ? "agree" : "disagree");
  return { mapped_id: campaign_id, mapped_title: square[4][0] };
}

/** What a participant does who has no idea there and has said nothing yet. */
export async function answersOpinions(page, step, content) {
  const question = page.locator(".question-title");
  await step("agrees, disagrees and passes on one idea after another", async () => {
    await page.goto(`/campaigns/${content.mapped_id}/opinions`);
    await page.getByText(`0 of ${square.length}`).waitFor();
    const asked = new Set();
    for (const opinion of ["Agree", "Disagree", "Pass", "Agree", "Agree", "Disagree"]) {
      const title = await question.innerText();
      expect(!asked.has(title), `asked twice: ${title}`);
      asked.add(title);
      await page.getByRole("button", { name: opinion, exact: true }).click();
      await page.getByText(`${asked.size} of ${square.length}`).waitFor();
    }
  });
  await step("answers by keyboard alone", async () => {
    const agree = page.getByRole("button", { name: "Agree", exact: true });
    for (let presses = 0; presses < 40 && !(await agree.evaluate((b) => b === document.activeElement)); presses++)
      await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByText(`7 of ${square.length}`).waitFor();
  });
  await step("is on the map at once", async () => {
    await page.getByRole("link", { name: "Map", exact: true }).click();
    await page.getByText("You are here.").waitFor();
    same(await page.locator(".map-picture .you").count(), 1, "marks");
  });
  await step("changes an answer, and takes one back", async () => {
    await page.getByRole("link", { name: "Your opinions" }).click();
    const answers = page.locator(".answer");
    same(await answers.count(), 7, "answers");
    await answers.first().getByRole("button", { name: "Pass", exact: true }).click();
    await answers.first().locator('[aria-pressed="true"]', { hasText: "Pass" }).waitFor();
    await answers.last().getByRole("button", { name: /^Take back/ }).click();
    await page.getByText("Taken back.").waitFor();
    same(await answers.count(), 6, "answers at the end");
  });
}

/** Until the map has heard all of them. */
export async function drawn(owner, campaign_id) {
  for (let tries = 0; tries < 300; tries++) {
    const map = await owner("GET", `/campaigns/${campaign_id}/opinion-map`);
    if (map.has_groups && !map.is_behind) return map;
    await new Promise((go) => setTimeout(go, 200));
  }
  throw new Error("the opinion map was not drawn");
}
