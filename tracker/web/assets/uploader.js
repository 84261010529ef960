// Sends the chosen photos one after the other by plain HTTP, whatever the WebSocket does.

const WAITS_MS = [1000, 2000, 4000, 8000, 16000];
const SILENCE_MS = 60000;
const REMIND_MS = 3000;
// Kept beyond the component's life, so that a queue survives a change of page and comes back.
const known = (globalThis[Symbol.for("smp.uploaders")] ??= new Map());

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function build(data) {
  const input = element("input", {
    type: "file", name: "photos", accept: "image/*,.heic,.heif", multiple: "",
  });
  const caption = element("span");
  const list = element("ul", { "aria-live": "polite" });
  const root = element("div", { class: "uploader" });
  root.append(element("label", { class: "pick" }, caption, input), list);
  return { root, input, caption, list, queue: [], busy: false, data, unheard: new Set(), done: () => {} };
}

function row(file, fields) {
  const bar = element("progress", { max: "1", value: "0", hidden: "" });
  bar.setAttribute("aria-label", file.name);
  const state = element("div", { class: "state" });
  const item = element("li", {}, element("div", { class: "name" }, file.name), bar, state);
  return { file, fields, item, bar, state, attempt: 0, status: "waiting" };
}

function show(job, status, sentence) {
  job.status = status;
  job.item.dataset.state = status;
  job.bar.hidden = status !== "sending";
  if (job.sentence !== sentence) job.state.replaceChildren(sentence);
  job.sentence = sentence;
}

function offer(up, job, sentence) {
  show(job, "stopped", "");
  const button = element("button", { type: "button" }, sentence);
  button.addEventListener("click", () => resume(up));
  job.state.replaceChildren(button);
}

function signIn(up, job) {
  show(job, "stopped", "");
  const link = element("a", { href: up.data.sign_in, target: "_blank" }, up.data.words.sign_in);
  link.addEventListener("click", () => offer(up, job, up.data.words.not_sent));
  job.state.replaceChildren(link);
}

function resume(up) {
  for (const job of up.queue) {
    if (job.status !== "stopped") continue;
    job.attempt = 0;
    show(job, "waiting", up.data.words.queued);
  }
  pump(up);
}

function answer(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

async function digest(bytes) {
  // Browsers withhold this on plain HTTP outside localhost.
  if (!globalThis.crypto?.subtle) return "";
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(sum, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function form(up, job) {
  // Read first: a file still in the cloud would otherwise look like a broken network.
  const bytes = await job.file.arrayBuffer();
  const made = new FormData();
  for (const [name, value] of Object.entries(job.fields)) if (value) made.append(name, value);
  const sha256 = await digest(bytes);
  if (sha256) made.append("sha256", sha256);
  made.append("photos", new Blob([bytes], { type: job.file.type }), job.file.name);
  return made;
}

function post(up, job, body) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    let silence;
    const listen = () => {
      clearTimeout(silence);
      silence = setTimeout(() => request.abort(), SILENCE_MS);
    };
    const end = (status) => {
      clearTimeout(silence);
      resolve({ status, body: answer(request.responseText) });
    };
    request.upload.onprogress = (event) => {
      listen();
      if (event.lengthComputable) job.bar.value = event.loaded / event.total;
    };
    request.onload = () => end(request.status);
    request.onerror = request.onabort = () => end(0);
    request.open("POST", up.data.url);
    listen();
    request.send(body);
  });
}

function pause(ms) {
  return new Promise((resolve) => {
    const go = () => {
      clearTimeout(timer);
      removeEventListener("online", go);
      resolve();
    };
    const timer = setTimeout(go, ms);
    addEventListener("online", go);
  });
}

function settled(up, job, result) {
  const { words } = up.data;
  const { status, body } = result;
  if (status === 200 && body.id) {
    job.id = body.id;
    show(job, "saved", body.note || (body.new ? words.saved : words.already));
  } else if (status === 401) signIn(up, job);
  else if (status === 413) show(job, "refused", words.too_large);
  else if (status === 429) show(job, "refused", body.error || words.too_many);
  else show(job, "refused", body.error || words.refused);
}

async function send(up, job) {
  const { words } = up.data;
  if (job.file.size > up.data.max_bytes) return show(job, "refused", words.too_large);
  if (!job.file.size) return show(job, "refused", words.empty);
  let body;
  try {
    body = await form(up, job);
  } catch {
    return show(job, "refused", words.unreadable);
  }
  for (;;) {
    job.bar.value = 0;
    show(job, "sending", words.sending);
    const result = await post(up, job, body);
    // 200 without an id is somebody else's answer, such as a hotel's sign-in page.
    const broken = result.status === 0 || (result.status === 200 && !result.body.id);
    if (!broken && result.status < 500) return settled(up, job, result);
    if (job.attempt >= WAITS_MS.length) {
      return offer(up, job, broken ? words.not_sent : words.server_stopped);
    }
    show(job, "retry", broken ? words.waiting : words.server);
    await pause(WAITS_MS[job.attempt++]);
  }
}

async function pump(up) {
  if (up.busy) return;
  up.busy = true;
  for (let job; (job = up.queue.find((one) => one.status === "waiting")); ) {
    await send(up, job);
    if (job.status === "saved") up.unheard.add(job.id);
  }
  up.busy = false;
  up.queue = up.queue.filter((job) => job.status === "stopped");
  tell(up);
}

function tell(up) {
  clearTimeout(up.reminder);
  if (!up.unheard.size) return;
  // What is said while the socket is down is lost, so it is said again until Python answers.
  up.reminder = setTimeout(tell, REMIND_MS, up);
  if (up.root.isConnected) up.done([...up.unheard]);
}

function choose(up) {
  for (const file of up.input.files) {
    const job = row(file, up.data.fields);
    show(job, "waiting", up.data.words.queued);
    up.queue.push(job);
    up.list.append(job.item);
  }
  // Emptied, so that the same file can be chosen again.
  up.input.value = "";
  pump(up);
}

function start(data) {
  const up = build(data);
  up.input.addEventListener("change", () => choose(up));
  addEventListener("beforeunload", (event) => {
    if (up.busy || up.queue.length) event.preventDefault();
  });
  known.set(data.key, up);
  return up;
}

export default function (component) {
  const { parentElement, data, setTriggerValue } = component;
  const up = known.get(data.key) ?? start(data);
  up.data = data;
  for (const id of data.heard) up.unheard.delete(id);
  up.done = (ids) => setTriggerValue("done", { ids });
  up.caption.textContent = data.label;
  if (up.root.parentNode !== parentElement) parentElement.append(up.root);
}
