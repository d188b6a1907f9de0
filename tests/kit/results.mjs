// Named results, and the closing line that counts them.

const counts = { passed: 0, failed: 0, skipped: 0 };

export async function holds(name, check) {
  const begun = Date.now();
  try {
    await check();
    counts.passed++;
    console.log(`ok - ${name} (${Date.now() - begun} ms)`);
  } catch (error) {
    counts.failed++;
    const text = String(error?.stack ?? error).split("\n").slice(0, 24).join("\n    ");
    console.log(`not ok - ${name}\n    ${text}`);
  }
}

export function skipped(name, reason) {
  counts.skipped++;
  console.log(`skipped - ${name}: ${reason}`);
}

export function expect(truth, message) {
  if (!truth) throw new Error(message);
}

export function same(found, expected, what) {
  expect(found === expected, `${what}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`);
}

export function none(list, what) {
  expect(list.length === 0, `${list.length} ${what}:\n${list.join("\n")}`);
}

/** Prints the closing line and sets what the process exits with. */
export function close() {
  const { passed, failed, skipped: left } = counts;
  console.log(`${passed} passed, ${failed} failed${left ? `, ${left} skipped` : ""}`);
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
}
