// Asks npm's standardwebhooks about what was received: [{ secret, headers, body }] in, [true | "why not"] out.
import { readFileSync } from "node:fs";
import { Webhook } from "standardwebhooks";

const judge = ({ secret, headers, body }) => {
  try {
    new Webhook(secret).verify(body, headers);
    return true;
  } catch (error) {
    return error.message;
  }
};
console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(judge)));
