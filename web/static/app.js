/* Enhancements. Every page works without this file; nothing here decides anything. */

const live = document.getElementById("live");
function say(text) {
  if (live) live.textContent = text;
}
const parse = (text) => new DOMParser().parseFromString(text, "text/html");
const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

/* --- Votes change in place: the form is sent as it is, and of the page that answers, only the parts
   marked data-live are taken over. Whatever goes wrong, the form is sent the ordinary way. --------- */

function takeOver(page, mayGo = () => true) {
  for (const fresh of page.querySelectorAll("[data-live][id]")) {
    const old = document.getElementById(fresh.id);
    if (old && old.outerHTML !== fresh.outerHTML && mayGo(old, fresh)) old.replaceWith(document.importNode(fresh, true));
  }
  const bar = document.getElementById("votes-bar");
  const left = Number(document.getElementById("votes-left")?.textContent.replace(",", ""));
  if (bar && left >= 0) bar.value = left;
}

async function sendVote(form, button) {
  const box = form.closest("[data-live]");
  const fields = new URLSearchParams(new FormData(form));
  if (button.name) fields.set(button.name, button.value);
  const answer = await fetch(button.getAttribute("formaction") ?? form.action, {
    method: "POST",
    body: fields,
    credentials: "same-origin",
  });
  const page = parse(await answer.text());
  if (!answer.ok || !page.getElementById(box.id)) {
    /* Signing in, a refusal: show what the server said. */
    if (answer.redirected && answer.ok) location.assign(answer.url);
    else if (page.querySelector("main h1")) {
      document.querySelector("main").replaceChildren(...document.importNode(page.querySelector("main"), true).childNodes);
      document.querySelector("main").focus();
    } else throw new Error("no answer");
    return;
  }
  const against = button.classList.contains("against");
  takeOver(page);
  const fresh = document.getElementById(box.id)?.querySelector(against ? ".vote-button.against" : ".vote-button");
  fresh?.classList.add("counted");
  fresh?.focus({ preventScroll: true });
  say(page.querySelector(".notice")?.textContent.trim() || fresh?.getAttribute("aria-label") || "");
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.enhance !== "vote" || event.defaultPrevented) return;
  event.preventDefault();
  if (form.dataset.busy) return;
  form.dataset.busy = "1";
  const button = event.submitter ?? form.querySelector("button");
  sendVote(form, button)
    .catch(() => {
      delete form.dataset.enhance;
      form.requestSubmit(button);
    })
    .finally(() => delete form.dataset.busy);
});

/* --- "Are you sure?" ---------------------------------------------------------------------------- */

function confirmed(question, yes, calm) {
  return new Promise((resolve) => {
    const go = make("button", { className: calm ? "button" : "button danger", value: "yes", textContent: yes });
    const stay = make("button", { className: "button quiet", value: "", textContent: "Leave it", autofocus: true });
    const text = make("p", { id: "confirm-text", textContent: question });
    const dialog = make("dialog", { className: "dialog" }, text, make("form", { method: "dialog" }, stay, go));
    dialog.setAttribute("aria-labelledby", "confirm-text");
    dialog.addEventListener("close", () => {
      resolve(dialog.returnValue === "yes");
      dialog.remove();
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.confirm || form.dataset.sure || !window.HTMLDialogElement) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  confirmed(form.dataset.confirm, form.dataset.confirmYes || "Yes", "confirmCalm" in form.dataset).then((yes) => {
    if (!yes) return;
    form.dataset.sure = "1";
    form.requestSubmit(event.submitter);
  });
}, true);

/* --- One press, one sending: the second is ignored until the page is shown again. ---------------- */

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  event.submitter?.setAttribute("aria-disabled", "true");
});
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.forms) {
    delete form.dataset.sent;
    delete form.dataset.sure;
    form.querySelector("[aria-disabled]")?.removeAttribute("aria-disabled");
  }
});

/* --- Fields: what is left, a look at the password, a picture before it is sent, local time -------- */

const length = (text) => [...text.replace(/\r\n/g, "\n")].length;

function count(field) {
  const max = Number(field.dataset.max);
  if (!max) return;
  const note = make("span", { className: "counter" });
  const show = () => {
    const left = max - length(field.value);
    const near = left < Math.max(20, max / 5);
    note.textContent = !near ? "" : left >= 0 ? `${left} characters left` : `${-left} characters too many`;
    note.classList.toggle("over", left < 0);
    if (left < 0 && !field.dataset.over) say(note.textContent);
    left < 0 ? (field.dataset.over = "1") : delete field.dataset.over;
  };
  field.after(note);
  field.addEventListener("input", show);
  show();
}

function reveal(field) {
  const button = make("button", { type: "button", className: "reveal" });
  const show = (hidden) => {
    button.textContent = hidden ? "Show" : "Hide";
    button.setAttribute("aria-label", hidden ? "Show the password" : "Hide the password");
  };
  show(true);
  button.addEventListener("click", () => {
    const hidden = field.type === "password";
    field.type = hidden ? "text" : "password";
    show(!hidden);
  });
  field.form?.addEventListener("submit", () => (field.type = "password"));
  field.after(button);
}

function preview(field) {
  const image = make("img", { className: "preview", alt: "", hidden: true });
  field.after(image);
  field.addEventListener("change", () => {
    const [file] = field.files;
    const reader = new FileReader();
    image.hidden = !file;
    if (!file) return;
    reader.addEventListener("load", () => (image.src = reader.result)); /* data:, since the policy knows no blob: */
    reader.readAsDataURL(file);
  });
}

function localTime(field) {
  const note = make("span", { className: "counter" });
  const show = () => {
    const time = new Date(field.value + "Z");
    const there = isNaN(time) || time.getTimezoneOffset() === 0;
    note.textContent = there ? "" : `${time.toLocaleString("en-GB", { dateStyle: "long", timeStyle: "short" })} where you are`;
  };
  (field.closest(".with-unit") ?? field).after(note);
  field.addEventListener("input", show);
  show();
}

document.querySelectorAll("[data-max]").forEach(count);
document.querySelectorAll("[data-reveal]").forEach(reveal);
document.querySelectorAll("[data-picture]").forEach(preview);
document.querySelectorAll("[data-utc]").forEach(localTime);

/* --- Drafts stay in this browser until they are sent. -------------------------------------------- */

function draft(form) {
  const key = `draft:${form.dataset.draft}:${location.pathname}`;
  const note = form.querySelector("[data-draft-note]");
  const fields = [...form.elements].filter((f) => f.name && /^(text|textarea|number|datetime-local|select-one)$/.test(f.type));
  const tell = (text) => note && (note.textContent = text);
  let timer;
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? "null");
    /* After a refusal the page already holds what was typed. */
    if (kept && !form.querySelector(".problems") && !document.querySelector(".likely")) {
      let changed = false;
      for (const field of fields)
        if (field.name in kept && kept[field.name] !== field.value) {
          field.value = kept[field.name];
          field.dispatchEvent(new Event("input", { bubbles: true }));
          changed = true;
        }
      if (changed) tell("Your draft from last time is back.");
    }
  } catch { /* no storage: nothing is kept */ }
  const keep = () => {
    timer = clearTimeout(timer);
    try {
      localStorage.setItem(key, JSON.stringify(Object.fromEntries(fields.map((f) => [f.name, f.value]))));
      tell("Draft kept on this device.");
    } catch { tell(""); }
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(keep, 600);
  });
  /* The note stays while one types on, so whoever leaves then finds the last words, too. */
  addEventListener("pagehide", () => timer && keep());
  form.addEventListener("submit", () => {
    timer = clearTimeout(timer);
    try { sessionStorage.setItem("sent", key); } catch { /* the same */ }
  });
}
/* A draft goes when the page after it shows neither problems nor a failure. */
try {
  const sent = sessionStorage.getItem("sent");
  sessionStorage.removeItem("sent");
  if (sent && !document.querySelector(".problems, .message, .likely")) localStorage.removeItem(sent);
} catch { /* no storage */ }
document.querySelectorAll("[data-draft]").forEach(draft);

/* --- Similar ideas while a title is typed --------------------------------------------------------- */

customElements.define("similar-ideas", class extends HTMLElement {
  connectedCallback() {
    const field = document.getElementById(this.dataset.for);
    const more = document.getElementById(this.dataset.with);
    if (!field) return;
    this.setAttribute("aria-live", "polite");
    const look = () => this.look(field.value.trim(), more?.value.trim() ?? "");
    for (const one of [field, more]) one?.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(look, 350);
    });
    if (field.value) look();
  }

  async look(title, text) {
    this.request?.abort();
    if (title.length < 4) return this.replaceChildren();
    this.request = new AbortController();
    try {
      const part = (words, size) => encodeURIComponent([...words].slice(0, size).join(""));
      const url = `${this.dataset.url}?title=${part(title, 160)}&text=${part(text, 180)}`;
      const answer = await fetch(url, { signal: this.request.signal, credentials: "same-origin" });
      if (!answer.ok) return;
      const found = parse(await answer.text()).getElementById("similar");
      const nodes = [...(found?.children ?? [])].map((n) => document.importNode(n, true));
      for (const node of nodes) node.querySelectorAll("a").forEach((a) => { a.target = "_blank"; a.rel = "noopener"; });
      this.replaceChildren(...nodes);
    } catch { /* without it one can still share */ }
  }
});

/* --- Numbers that go on while one looks at them: every few seconds the page is asked for again, and its parts
   marked data-live are taken over. Nothing moves: a part never becomes smaller, and one with the focus in it stays.
   What is said of it are steps of ten percent. ------------------------------------------------------ */

customElements.define("live-numbers", class extends HTMLElement {
  connectedCallback() {
    this.stop = new AbortController();
    document.addEventListener("visibilitychange", () => document.hidden ? clearTimeout(this.timer) : this.look(), { signal: this.stop.signal });
    this.wait();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    this.stop?.abort();
  }

  wait() {
    clearTimeout(this.timer);
    if (!document.hidden) this.timer = setTimeout(() => this.look(), 1000 * this.dataset.seconds);
  }

  async look() {
    clearTimeout(this.timer);
    if (this.busy) return;
    this.busy = true;
    let goesOn = true;
    try {
      const answer = await fetch(location.pathname, { credentials: "same-origin", signal: this.stop.signal });
      const page = answer.ok && !answer.redirected && parse(await answer.text());
      if (page) this.take(page);
      goesOn = page ? Boolean(page.querySelector("live-numbers")) : answer.status >= 500 || answer.status === 429;
    } catch { /* no connection: later */ }
    this.busy = false;
    if (goesOn && this.isConnected) this.wait();
  }

  take(page) {
    const before = this.steps();
    takeOver(page, (old, fresh) => {
      const { height } = old.getBoundingClientRect(), isOver = old.firstElementChild && !fresh.firstElementChild;
      if (height > 0) fresh.style.minHeight = `${height}px`;
      if (isOver) fresh.append(make("p", { className: "work-progress", textContent: fresh.dataset.over }));
      const changes = old.innerHTML !== fresh.innerHTML && !old.contains(document.activeElement);
      if (changes && isOver) say(fresh.dataset.over);
      return changes;
    });
    for (const [name, step] of this.steps()) if (step > (before.get(name) ?? step)) say(`${name}: ${step * 10} percent.`);
  }

  steps() {
    return new Map([...this.querySelectorAll("progress")].map((bar) => [bar.getAttribute("aria-label"), Math.floor(bar.position * 10)]));
  }
});

/* --- Work: the next item is there before it is asked for ------------------------------------------

   The page holds all items that are out with the reader. An answer is sent as the form would send it; without
   waiting for it the next item is shown, and the page that comes back says what is at hand then. Answers leave one
   after another, and none is forgotten: what cannot be sent is tried again, and leaving the page asks first. */

const ALT_LONG = 125, ALT_MAX = 250;

/** What to look at again in an ALT text; `name` is the file's. */
function altHints(text, name) {
  const plain = text.trim().toLowerCase(), bare = (t) => t.toLowerCase().replace(/\.\w{3,4}$/, "").replace(/[\W_]+/g, " ").trim();
  const hints = [];
  if (!plain) hints.push("It is empty: say what the picture shows.");
  if (/^(this is )?(an? |the )?(image|picture|photo|photograph|graphic|icon|drawing|illustration)( of|:| showing)/.test(plain))
    hints.push("Leave out “picture of”: screen readers say that it is one.");
  if (/\.(jpe?g|png|webp|gif|svg|tiff?)$/.test(plain) || (bare(plain) && bare(plain) === bare(name)))
    hints.push("This is the file’s name. Say what one sees.");
  const size = length(text.trim());
  if (size > ALT_MAX) hints.push(`At most ${ALT_MAX} characters; more can go into the caption.`);
  else if (size > ALT_LONG) hints.push("Rather long to listen to. Could a shorter sentence say it?");
  return hints;
}

/** Notes below a field while it is typed in: what `look` finds at once, then what `url` says of its language. Gives
    a function that forgets them. */
function notes(field, look, url) {
  const list = make("ul", { className: "work-hints" }), status = make("div", {}, list), LANGUAGE_LEAST = 24;
  status.setAttribute("role", "status");
  field.after(status);
  let soon, later, request;
  const show = (more = []) => list.replaceChildren(...[...look(field.value), ...more].map((text) => make("li", {}, text)));
  const ask = async () => {
    if (length(field.value.trim()) < LANGUAGE_LEAST) return;
    request = new AbortController();
    try {
      const text = encodeURIComponent([...field.value].slice(0, 500).join(""));
      const answer = await fetch(`${url}?text=${text}`, { signal: request.signal, credentials: "same-origin" });
      const note = answer.ok && parse(await answer.text()).getElementById("language-note")?.textContent.trim();
      if (note) show([note]);
    } catch { /* one can answer without it */ }
  };
  const stop = () => { clearTimeout(soon); clearTimeout(later); request?.abort(); };
  field.addEventListener("input", () => { stop(); soon = setTimeout(show, 250); later = setTimeout(ask, 700); });
  field.addEventListener("blur", () => field.value || show());
  return () => { stop(); list.replaceChildren(); };
}

/** A box on a picture, drawn by pointer or keys; it stands in the fields of the form, which can be typed in as well. */
class Drawing {
  constructor(frame, form, signal, give) {
    const on = (target, name, act) => target.addEventListener(name, act, { signal });
    this.frame = frame;
    this.rect = frame.querySelector("rect");
    this.fields = ["left", "top", "width", "height"].map((name) => form.elements[`values.${name}`]);
    this.absent = form.elements["values.absent"];
    frame.tabIndex = 0;
    frame.setAttribute("role", "application");
    frame.setAttribute("aria-label", "The picture. Arrow keys move the box, with Shift they change its size, Enter gives the answer.");
    on(frame, "dragstart", (event) => event.preventDefault());
    on(frame, "pointerdown", (event) => this.begin(event));
    on(frame, "pointermove", (event) => this.from && this.stretch(event));
    for (const end of ["pointerup", "pointercancel"]) on(frame, end, () => (this.from = null));
    on(frame, "keydown", (event) => (event.key === "Enter" ? give() : this.push(event)));
    for (const field of this.fields) on(field, "input", () => ((this.absent.checked = false), this.show()));
    on(this.absent, "change", () => this.absent.checked && this.set(null));
    this.show();
  }

  get box() {
    return this.fields.every((field) => field.value !== "") ? this.fields.map((field) => Number(field.value)) : null;
  }

  set(box) {
    this.fields.forEach((field, n) => (field.value = box ? Math.round(box[n] * 10) / 10 : ""));
    if (box) this.absent.checked = false;
    this.show();
  }

  clear() {
    this.absent.checked = false;
    this.set(null);
  }

  get isWhole() {
    const [left, top, width, height] = this.box ?? [];
    return this.absent.checked || (width > 0 && height > 0 && left + width <= 100 && top + height <= 100);
  }

  show() {
    const box = this.box ?? [0, 0, 0, 0];
    ["x", "y", "width", "height"].forEach((name, n) => this.rect.setAttribute(name, Math.max(0, box[n] * 10)));
  }

  /** Where the pointer is, in percent of the picture. */
  at(event) {
    const { left, top, width, height } = this.frame.getBoundingClientRect();
    const within = (part, whole) => Math.min(100, Math.max(0, (100 * part) / whole));
    return [within(event.clientX - left, width), within(event.clientY - top, height)];
  }

  begin(event) {
    if (event.button !== 0) return;
    this.frame.setPointerCapture(event.pointerId);
    this.from = this.at(event);
  }

  stretch(event) {
    const to = this.at(event), least = (n) => Math.min(this.from[n], to[n]), size = (n) => Math.abs(this.from[n] - to[n]);
    if (size(0) > 0.5 && size(1) > 0.5) this.set([least(0), least(1), size(0), size(1)]);
  }

  push(event) {
    const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!by || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    if (!this.box) return this.set([30, 30, 40, 40]);
    const box = this.box;
    for (const n of [0, 1]) {
      if (event.shiftKey) box[n + 2] = Math.min(100 - box[n], Math.max(1, box[n + 2] + by[n]));
      else box[n] = Math.min(100 - box[n + 2], Math.max(0, box[n] + by[n]));
    }
    this.set(box);
  }
}

customElements.define("task-work", class extends HTMLElement {
  connectedCallback() {
    this.find = (selector) => this.querySelector(selector);
    this.form = this.find("[data-give]");
    this.skip = this.find("[data-skip] form");
    this.field = this.form.querySelector("[name=answer][type=text], textarea[name=text]");
    this.queue = [];
    this.done = new Set();
    this.ahead = this.itemsOf(this);
    this.current = this.ahead.shift();
    this.stop = new AbortController();
    const signal = this.stop.signal, on = (target, name, act) => target.addEventListener(name, act.bind(this), { signal });
    on(this.form, "submit", this.answered);
    on(this.skip, "submit", this.skipped);
    on(document, "keydown", this.pressed);
    on(window, "beforeunload", (event) => this.queue.length && event.preventDefault());
    const frame = this.find("[data-draw]");
    if (frame) this.drawing = new Drawing(frame, this.form, signal, () => this.form.requestSubmit());
    this.keys = this.find("[data-keys-on]");
    this.find("[data-keys-note]").hidden = false;
    try { this.keys.checked = localStorage.getItem("keys") !== "off"; } catch { /* no storage */ }
    this.keysShown();
    on(this.keys, "change", () => {
      try { localStorage.setItem("keys", this.keys.checked ? "on" : "off"); } catch { /* the same */ }
      this.keysShown();
    });
    if (this.field && this.dataset.template === "describe") this.hint();
    if (!document.querySelector(".problems")) this.asked();
  }

  disconnectedCallback() {
    this.stop?.abort();
  }

  /** The items a page holds, those that were answered since left out; pictures begin to load. */
  itemsOf(page) {
    return [...page.querySelectorAll("template[data-item]")].map(({ content }) => {
      const [give, skip] = content.querySelectorAll("a"), words = content.querySelector("p");
      const item = { give: give.getAttribute("href"), skip: skip.getAttribute("href"), fence: words.dataset.fence, shown: words.textContent,
        ask: words.dataset.ask, parts: content.querySelector("[data-parts]") };
      const picture = content.querySelector("img")?.getAttribute("src");
      item.picks = content.querySelector("[data-texts]");
      if (picture) item.picture = make("img", { src: picture, className: "work-picture", alt: "The picture to work on" });
      return item;
    }).filter((item) => !this.done.has(item.give + item.fence));
  }

  keysShown() {
    this.classList.toggle("keys-off", !this.keys.checked);
  }

  hint() {
    const { look } = this.dataset;
    const forget = [notes(this.field, (text) => altHints(text, this.current?.shown ?? ""), look),
      notes(this.form.elements.caption, () => [], look)];
    this.unhint = () => forget.forEach((one) => one());
  }

  pressed(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.repeat && event.target.form === this.form)
      return this.form.requestSubmit(this.form.querySelector("[type=submit]"));
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || !this.keys.checked) return;
    if (document.querySelector("dialog[open]") || event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select")) return;
    const button = this.find(`[aria-keyshortcuts="${CSS.escape(event.key)}"]`);
    if (button) this.form.requestSubmit(button);
    else if (event.key.toLowerCase() === "s") this.skip.requestSubmit();
    else return;
    event.preventDefault();
  }

  answered(event) {
    const fields = new URLSearchParams(new FormData(this.form, event.submitter));
    /* What the server would refuse is sent the ordinary way: its words stand beside the field then. */
    const text = (fields.get("answer") ?? fields.get("text") ?? "").trim() || fields.has("decorative");
    const isThere = this.find("form > [data-parts]") ? !this.form.querySelector(":invalid") && (this.drawing?.isWhole ?? this.isFilled(fields)) : text;
    if (!this.current?.picks && (!isThere || (this.dataset.template === "describe" && length(String(text)) > ALT_MAX))) return;
    event.preventDefault();
    if (this.current) this.send(this.current.give, fields, event.submitter);
  }

  isFilled(fields) {
    return [...fields].some(([name, value]) => name.startsWith("values.") && value.trim());
  }

  skipped(event) {
    event.preventDefault();
    if (!this.current) return;
    this.find("[data-skip]").open = false;
    this.send(this.current.skip, new URLSearchParams(new FormData(this.skip)));
  }

  send(url, fields, button) {
    fields.set("fence", this.current.fence);
    fields.set("count", "3");
    if (fields.has("idempotency_key")) fields.set("idempotency_key", Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16)).join("-"));
    this.done.add(this.current.give + this.current.fence);
    this.queue.push({ url, fields });
    button?.classList.add("counted");
    setTimeout(() => button?.classList.remove("counted"), 150);
    this.trouble("");
    this.next();
    this.pump();
  }

  next() {
    this.current = this.ahead.shift();
    const { current, form } = this;
    this.find(".work-item").setAttribute("aria-busy", String(!current));
    if (!current) return;
    this.find("[data-ask]").textContent = current.ask;
    this.find("[data-shown]").textContent = current.shown;
    this.find(".work-picture")?.remove();
    if (current.picture) (this.drawing?.frame ?? this.find(".work-item")).prepend(current.picture);
    this.drawing?.clear();
    this.drawing?.frame.focus();
    if (this.dataset.template === "form") {
      this.find(".work-item").hidden = !current.picture;
      this.find("form > [data-parts]").replaceChildren(...document.importNode(current.parts, true).childNodes);
      this.find("form > [data-parts] :is(input, textarea)")?.focus();
    }
    form.action = current.give;
    this.skip.action = current.skip;
    for (const one of [form, this.skip]) one.elements.fence.value = current.fence;
    if (this.field) {
      for (const field of form.querySelectorAll("input[type=text], textarea")) {
        field.value = "";
        field.dispatchEvent(new Event("input"));
      }
      for (const tick of form.querySelectorAll("input[type=checkbox]")) tick.checked = false;
      this.unhint?.();
      this.asked();
    }
    say(current.picture ? "Next picture." : `Next: ${current.shown}`);
  }

  /** A text is written, or one of those that others wrote is picked. */
  asked() {
    const picks = this.current?.picks, place = this.find("[data-picks]");
    if (place) {
      this.find("[data-write]").hidden = Boolean(picks);
      this.find("[data-pick]").hidden = !picks;
      place.replaceChildren(...(picks ? document.importNode(picks, true).childNodes : []));
    }
    if (picks) document.activeElement?.blur();
    else this.field?.focus();
  }

  trouble(text) {
    const place = this.find("[data-trouble]");
    place.hidden = !text;
    place.textContent = text;
  }

  async pump() {
    if (this.busy) return;
    this.busy = true;
    while (this.queue.length > 0) {
      try {
        await this.sent(this.queue[0]);
        this.queue.shift();
      } catch {
        this.trouble("There is no connection just now. Your answer is kept, and sent as soon as there is one.");
        await new Promise((later) => setTimeout(later, 2000));
      }
    }
    this.busy = false;
    if (!this.current) this.over();
  }

  async sent({ url, fields }) {
    const answer = await fetch(url, { method: "POST", body: fields, credentials: "same-origin" });
    if (answer.status >= 500 || answer.status === 429) throw new Error("later");
    let page = parse(await answer.text());
    if (answer.redirected && !answer.url.startsWith(location.origin + this.dataset.url)) {
      this.queue = []; /* signed out: the item is still the reader's, and comes again */
      return location.assign(answer.url);
    }
    this.trouble(answer.ok ? "" : page.querySelector("main .lead, main p")?.textContent.trim() || "This answer was not taken.");
    if (!answer.ok) page = parse(await (await fetch(this.dataset.url)).text());
    this.last = page;
    takeOver(page);
    const fresh = this.itemsOf(page).filter((item) => item.give + item.fence !== this.current?.give + this.current?.fence);
    this.ahead = fresh;
    if (!this.current && fresh.length > 0) this.next();
  }

  /** Nothing is at hand: what the page says about it. */
  over() {
    const page = this.last;
    if (!page?.querySelector("[data-nothing]")) return location.reload();
    this.replaceWith(document.importNode(page.querySelector("[data-nothing]"), true));
    say(document.querySelector("[data-nothing] .empty")?.textContent.replace(/\s+/g, " ").trim() ?? "");
    document.querySelector("[data-nothing] button")?.focus();
  }
});

/* --- Practice and tests: each answer is sent the ordinary way, keys press its buttons ------------- */

customElements.define("task-trial", class extends HTMLElement {
  connectedCallback() {
    this.stop = new AbortController();
    const { signal } = this.stop, frame = this.querySelector("[data-draw]"), form = this.querySelector("form");
    if (frame) new Drawing(frame, form, signal, () => form.requestSubmit());
    this.keys = this.querySelector("[data-keys-on]");
    if (this.keys) {
      this.querySelector("[data-keys-note]").hidden = false;
      try { this.keys.checked = localStorage.getItem("keys") !== "off"; } catch { /* no storage */ }
      const shown = () => this.classList.toggle("keys-off", !this.keys.checked);
      shown();
      this.keys.addEventListener("change", () => {
        try { localStorage.setItem("keys", this.keys.checked ? "on" : "off"); } catch { /* the same */ }
        shown();
      }, { signal });
      document.addEventListener("keydown", (event) => this.pressed(event), { signal });
    }
    if (!document.querySelector(".problems")) (frame ?? this.querySelector(".work-parts :is(input, textarea), input[type=text], textarea, [data-next]"))?.focus();
  }

  disconnectedCallback() {
    this.stop?.abort();
  }

  pressed(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.repeat && event.target.form?.closest("task-trial") === this)
      return event.target.form.requestSubmit();
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || !this.keys.checked) return;
    if (document.querySelector("dialog[open]") || event.target.closest("input:not([type=checkbox], [type=radio]), textarea")) return;
    const button = this.querySelector(`[aria-keyshortcuts="${CSS.escape(event.key)}"]`);
    if (!button) return;
    event.preventDefault();
    button.click();
  }
});

/* --- An address to hand on ------------------------------------------------------------------------ */

customElements.define("share-link", class extends HTMLElement {
  connectedCallback() {
    const input = this.querySelector("input");
    const native = navigator.share && matchMedia("(pointer: coarse)").matches;
    const button = make("button", { type: "button", className: "button quiet small", textContent: native ? "Share" : "Copy" });
    button.addEventListener("click", async () => {
      try {
        if (native) return await navigator.share({ title: document.title, url: input.value });
        await navigator.clipboard.writeText(input.value);
        button.textContent = "Copied";
        say("The address has been copied.");
        setTimeout(() => (button.textContent = "Copy"), 2000);
      } catch { input.select(); }
    });
    this.append(button);
  }
});

/* --- Tables by keyboard: j k x Enter ?, and picking rows for the form below ----------------------- */

function keys(table) {
  const rows = [...table.querySelectorAll("[data-row]")];
  let at = -1;
  const go = (to) => {
    rows[at]?.classList.remove("here");
    at = Math.min(Math.max(to, 0), rows.length - 1);
    rows[at]?.classList.add("here");
    rows[at]?.querySelector("th a, a")?.focus({ preventScroll: true });
    rows[at]?.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
    if (event.key === "j") go(at + 1);
    else if (event.key === "k") go(at - 1);
    else if (event.key === "x") rows[at]?.querySelector("[data-pick]")?.click();
    else if (event.key === "?") document.getElementById("keys")?.showModal();
    else return;
    event.preventDefault();
  });
}

function bulk(table) {
  const form = document.getElementById(table.dataset.bulk), ids = form?.querySelectorAll("[data-ids]");
  const all = table.querySelector("[data-pick-all]");
  const picks = [...table.querySelectorAll("[data-pick]")];
  if (!form) return;
  const show = () => {
    const chosen = picks.filter((p) => p.checked);
    ids.forEach((i) => (i.value = chosen.map((p) => p.value).join(" ")));
    form.classList.toggle("picked", chosen.length > 0);
    form.querySelector("[data-picked]").textContent = chosen.length ? `${chosen.length} picked` : "";
    if (all) {
      all.checked = chosen.length === picks.length;
      all.indeterminate = chosen.length > 0 && !all.checked;
    }
  };
  const kept = [...ids].flatMap((i) => i.value.split(" "));
  picks.forEach((p) => { p.checked ||= kept.includes(p.value); p.addEventListener("change", show); });
  all?.addEventListener("change", () => { picks.forEach((p) => (p.checked = all.checked)); show(); });
  show();
}

document.querySelectorAll("[data-keys]").forEach(keys);
document.querySelectorAll("[data-bulk]").forEach(bulk);

/* --- The menu closes when one looks elsewhere; problems are where one begins. ---------------------- */

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(".menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector(".menu[open]");
  if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
});
document.querySelector(".problems, .likely")?.focus();
