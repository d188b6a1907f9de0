// A post office for one test run: takes mails by SMTP and hands out the links they hold.
import net from "node:net";

export async function openPostOffice() {
  const mails = [];
  const sockets = new Set();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => {});
    receive(socket, (mail) => mails.push(mail));
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  return {
    url: `smtp://127.0.0.1:${server.address().port}`,
    mails,
    /** The first link in the next mail to `address`; waits for it. */
    async linkFor(address) {
      for (let i = 0; i < 200; i++) {
        const at = mails.findIndex((mail) => mail.to.includes(address));
        if (at >= 0) return /https?:\/\/\S+/.exec(mails.splice(at, 1)[0].text)[0];
        await new Promise((later) => setTimeout(later, 50));
      }
      throw new Error(`no mail came for ${address}`);
    },
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((closed) => server.close(closed));
    },
  };
}

function receive(socket, deliver) {
  let waiting = "", mail = { to: [], lines: null };
  const say = (line) => socket.write(line + "\r\n");
  const command = (line) => {
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === "RCPT") mail.to.push(/<([^>]*)>/.exec(line)?.[1] ?? "");
    if (verb === "DATA") {
      mail.lines = [];
      return say("354 go on");
    }
    say(verb === "QUIT" ? "221 bye" : "250 ok");
    if (verb === "QUIT") socket.end();
  };
  say("220 test");
  socket.setEncoding("utf8");
  socket.on("data", (data) => {
    waiting += data;
    for (let end; (end = waiting.indexOf("\r\n")) >= 0; ) {
      const line = waiting.slice(0, end);
      waiting = waiting.slice(end + 2);
      if (!mail.lines) command(line);
      else if (line !== ".") mail.lines.push(line.replace(/^\./, ""));
      else {
        deliver({ to: mail.to, text: decoded(mail.lines.join("\r\n")) });
        mail = { to: [], lines: null };
        say("250 kept");
      }
    }
  });
}

/** Good enough for looking for links: the body's quoted-printable or base64 undone. */
function decoded(text) {
  const [head, ...parts] = text.split("\r\n\r\n");
  const body = parts.join("\r\n\r\n");
  if (/base64/i.test(head)) return Buffer.from(body, "base64").toString("utf8");
  if (!/quoted-printable/i.test(text)) return body;
  return body.replace(/=\r\n/g, "").replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
}
