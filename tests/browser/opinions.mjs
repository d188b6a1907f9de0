// A campaign with an opinion map: three camps who disagree about a market square, and what they have in common.

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
  const campaign_id = await make("How should the market square look in five years?", { maps_opinions: true }, "open");
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

/** Until the map has heard all of them. */
export async function drawn(owner, campaign_id) {
  for (let tries = 0; tries < 300; tries++) {
    const map = await owner("GET", `/campaigns/${campaign_id}/opinion-map`);
    if (map.has_groups && !map.is_behind) return map;
    await new Promise((go) => setTimeout(go, 200));
  }
  throw new Error("the opinion map was not drawn");
}
