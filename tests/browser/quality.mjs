// What holds on a page beyond its content: it stands still, is light, and is walked by keyboard.
import zlib from "node:zlib";
import { expect, holds, same } from "../kit/results.mjs";
import { visit } from "./browser.mjs";

const SHIFT_MAX = 0.02, FIRST_PAGE_BYTES_MAX = 60 * 1024, SCRIPT_BYTES_MAX = 15 * 1024;

export async function quality(browser, { base, content, sessions }) {
  const campaign = `/campaigns/${content.campaign_id}`;
  const idea = `${campaign}/ideas/${content.idea_id}`;
  for (const width of [360, 1280])
    for (const [name, path] of [["campaign", campaign], ["idea", idea]])
      await holds(`nothing jumps on the ${name} page at ${width} px`, () => standsStill(browser, base, path, width));
  for (const width of [360, 1280])
    for (const [name, path] of [["campaign", campaign], ["idea", idea]])
      await holds(`nothing jumps on the ${name} page at ${width} px when the font is late and no other is like it`, () =>
        standsStill(browser, base, path, width, lateFont));
  for (const [name, path] of [["home", "/"], ["campaign", campaign], ["idea", idea], ["record", `${campaign}/record`]])
    await holds(`no line of the details on the ${name} page begins or ends with a dot between`, () =>
      dotsStandBetween(browser, base, path));
  await holds("the first page is light", () => isLight(browser, base, campaign));
  await holds("the skip link is the first stop and leads to the content", () => skips(browser, base, campaign));
  for (const [name, path, who] of [["campaign", campaign, "participant"], ["idea", idea, "owner"], ["sign-in", "/sign-in", null]])
    await holds(`the focus is visible at every stop of the ${name} page`, () =>
      focusShows(browser, base, path, who && sessions[who]));
}

/** A slow line, and a device that lacks the fonts the style sheet borrows: most phones, a bare Debian. */
async function lateFont(page) {
  let late = 0, lacking = 0;
  await page.route(/\.woff2$/, async (route) => {
    late++;
    await page.waitForTimeout(1000);
    await route.continue();
  });
  await page.route(/\.css$/, async (route) => {
    const answer = await route.fetch();
    const sheet = await answer.text(), body = sheet.replace(/local\([^)]*\)/g, 'local("no such font")');
    lacking += body !== sheet;
    await route.fulfill({ response: answer, body });
  });
  return () => expect(late > 0 && lacking > 0, `${late} fonts were late, ${lacking} style sheets lacked a font`);
}

async function standsStill(browser, base, path, width, under) {
  const { context, page } = await visit(browser, { base, width });
  const wasUnder = await under?.(page);
  await page.addInitScript(() => {
    window.shift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  await page.goto(path, { waitUntil: "networkidle" });
  await page.evaluate(() => document.fonts.ready);
  await page.mouse.wheel(0, 2000);
  await page.waitForTimeout(300);
  const shift = await page.evaluate(() => window.shift);
  await context.close();
  wasUnder?.();
  expect(shift < SHIFT_MAX, `layout shift ${shift.toFixed(4)}`);
}

/** Beside the words of each line nothing is painted: the place looks the same when the details are hidden. */
async function dotsStandBetween(browser, base, path) {
  const { context, page } = await visit(browser, { base, width: 360 });
  await page.goto(path, { waitUntil: "networkidle" });
  /* A round picture beside the words is not painted alike each time, at its edge. */
  await page.evaluate(() => {
    document.querySelector("main").style.visibility = "hidden";
    document.querySelectorAll(".meta").forEach((meta) => (meta.style.visibility = "visible"));
  });
  const painted = [];
  let broken = 0;
  for (const width of ["100%", "11rem", "6rem"]) {
    const beside = await page.evaluate(placesBesideLines, width);
    const shown = await pictures(page, beside);
    await page.evaluate(() => document.querySelectorAll(".meta").forEach((meta) => (meta.style.visibility = "hidden")));
    const hidden = await pictures(page, beside);
    await page.evaluate(() => document.querySelectorAll(".meta").forEach((meta) => (meta.style.visibility = "visible")));
    painted.push(...beside.filter((_, i) => shown[i] !== hidden[i]).map((clip) => `${width}: ${JSON.stringify(clip)}`));
    broken += beside.length;
  }
  await context.close();
  expect(broken > 0, "no line was broken");
  expect(painted.length === 0, `painted beside a line:\n${painted.join("\n")}`);
}

async function pictures(page, clips) {
  const taken = [];
  for (const clip of clips) taken.push((await page.screenshot({ clip, fullPage: true })).toString("base64"));
  return taken;
}

/** Runs in the page: makes the lines of details so wide, and says what lies left and right of those that break. */
function placesBesideLines(width) {
  const ROOM = 24, EDGE = 1;
  const metas = [...document.querySelectorAll("main .meta")].filter((meta) => meta.children.length > 1).slice(0, 3);
  metas.forEach((meta) => (meta.style.inlineSize = width));
  const wordsOf = (item) => {
    const words = document.createRange();
    words.selectNodeContents(item);
    return (item.matches(".state") ? item : words).getBoundingClientRect();
  };
  return metas.flatMap((meta) => {
    const box = meta.getBoundingClientRect(), lines = [];
    for (const { left, right, top, bottom } of [...meta.children].map(wordsOf)) {
      const line = lines.at(-1);
      if (line && top < line.bottom - 2) Object.assign(line, { right, bottom: Math.max(line.bottom, bottom) });
      else lines.push({ left, right, top, bottom });
    }
    if (lines.length < 2) return [];
    const strip = (x, end, { top, bottom }) => ({ x: x + scrollX, y: top + scrollY, width: end - x, height: bottom - top });
    return lines.flatMap((line) => [
      strip(Math.max(0, box.left - ROOM), line.left - EDGE, line),
      strip(line.right + EDGE, Math.min(innerWidth, Math.max(box.right, line.right) + ROOM), line),
    ]);
  });
}

/** Bytes as they came over the wire, from the browser's own count. */
async function isLight(browser, base, path) {
  const { context, page } = await visit(browser, { base });
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  const kinds = new Map(), sizes = {};
  session.on("Network.responseReceived", ({ requestId, type }) => kinds.set(requestId, type));
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const kind = kinds.get(requestId) ?? "Other";
    sizes[kind] = (sizes[kind] ?? 0) + encodedDataLength;
  });
  const answer = await page.goto(path, { waitUntil: "networkidle" });
  /* The server leaves compressing pages to the proxy before it; count what that would send. */
  if (!(await answer.headerValue("content-encoding"))) {
    const plain = await answer.body();
    sizes.Document -= plain.length - zlib.gzipSync(plain).length;
  }
  await context.close();
  const { Image = 0, ...counted } = sizes;
  const total = Object.values(counted).reduce((sum, size) => sum + size, 0);
  console.log(`    ${total} bytes, pictures besides: ${Image}; ${JSON.stringify(counted)}`);
  expect(total < FIRST_PAGE_BYTES_MAX, `the first page weighs ${total} bytes`);
  expect(counted.Script > 0 && counted.Script < SCRIPT_BYTES_MAX, `the script weighs ${counted.Script} bytes`);
}

async function skips(browser, base, path) {
  const { context, page } = await visit(browser, { base });
  await page.goto(path);
  await page.keyboard.press("Tab");
  same(await page.evaluate(() => document.activeElement.textContent), "Skip to the content", "first stop");
  const box = await page.locator(".skip").boundingBox();
  expect(box.x >= 0 && box.y >= 0, "the skip link is not to be seen when it has the focus");
  await page.keyboard.press("Enter");
  same(await page.evaluate(() => document.activeElement.id), "main", "where the skip link leads");
  await context.close();
}

/** Tabs through the page; every stop looks different focused, and is not covered by something else. */
async function focusShows(browser, base, path, storage) {
  const { context, page } = await visit(browser, { base, storage });
  await page.goto(path);
  const bad = [];
  let stops = 0;
  for (; stops < 80; stops++) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(judgeFocus);
    if (!stop) break;
    if (stop.trouble) bad.push(`${stop.trouble}: ${stop.what}`);
  }
  await context.close();
  expect(stops >= 8, `only ${stops} stops`);
  expect(bad.length === 0, bad.join("\n"));
}

/** Runs in the page. */
function judgeFocus() {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const look = (e) => {
    const style = getComputedStyle(e);
    const outline = style.outlineStyle === "none" ? "" : style.outlineWidth + style.outlineColor;
    return [outline, style.boxShadow, style.borderColor, style.backgroundColor, style.textDecorationLine].join("|");
  };
  const around = [element, element.parentElement, element.nextElementSibling, element.closest("label")].filter(Boolean);
  const focused = around.map(look).join();
  const box = element.getBoundingClientRect();
  const middle = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  const covered = middle && !element.contains(middle) && !middle.contains(element) && !middle.closest("label")?.contains(element);
  const outside = box.bottom <= 0 || box.top >= innerHeight || box.width === 0;
  element.blur();
  const plain = around.map(look).join();
  element.focus({ preventScroll: true });
  const what = element.outerHTML.slice(0, 120);
  return { what, trouble: outside ? "out of sight" : covered ? "covered" : focused === plain ? "looks the same" : "" };
}
