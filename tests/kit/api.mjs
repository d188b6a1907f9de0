// The API as a program uses it, and the pages as a browser without anything does.
import { expect } from "./results.mjs";
import { owner } from "./server.mjs";

/** Calls the API; gives { status, body, headers }. */
export async function call(base, token, method, path, body, { prefix = "/api/v1", ...headers } = {}) {
  const answer = await fetch(base + prefix + path, {
    method,
    headers: {
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: /json\b/.test(answer.headers.get("content-type")) ? JSON.parse(text) : text };
}

/** Like call(), for what must succeed: gives the body. */
export function client(base, token) {
  return async (method, path, body) => {
    const { status, body: answer } = await call(base, token, method, path, method === "POST" ? body ?? {} : undefined);
    expect(status === 200 || status === 201, `${method} ${path}: ${status} ${JSON.stringify(answer)}`);
    return answer;
  };
}

/** A bearer token of the owner with every scope, made on the account page as a person would. */
export async function ownerToken(base) {
  let cookie = "";
  const post = async (path, fields) => {
    const answer = await fetch(base + path, {
      method: "POST", redirect: "manual", body: new URLSearchParams(fields), headers: { cookie, origin: base },
    });
    const session = /session=([^;]+)/.exec(answer.headers.get("set-cookie") ?? "");
    if (session) cookie = session[0];
    return answer;
  };
  const answer = await post("/sign-in", { email: owner.email, password: owner.password });
  expect(answer.status === 303, `the owner could not sign in: ${answer.status}`);
  const page = await (await fetch(base + "/account", { headers: { cookie } })).text();
  const csrf = /name="csrf" value="([^"]+)"/.exec(page)[1];
  const made = await post("/account/tokens", { csrf, label: "Tests", scope: "manage" });
  const token = /class="secret"[^>]*>([\w-]{43})</.exec(await made.text())?.[1];
  expect(token, `no token was shown: ${made.status}`);
  return token;
}
