// Two photos, one over the other, with a slider between them.

const known = new WeakMap();

function element(name, attributes = {}) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function build() {
  const parts = {
    pair: element("div", { class: "pair" }),
    before: element("img", { class: "before", draggable: "false" }),
    after: element("img", { class: "after", draggable: "false" }),
    range: element("input", { type: "range", min: "0", max: "100", step: "1", value: "50" }),
    first: element("span", { class: "tag first", "aria-hidden": "true" }),
    second: element("span", { class: "tag second", "aria-hidden": "true" }),
  };
  const line = element("div", { class: "line" });
  const knob = element("div", { class: "knob" });
  parts.pair.append(
    parts.before, parts.after, parts.range, line, knob, parts.first, parts.second,
  );
  return parts;
}

function move(parts, data) {
  const share = Number(parts.range.value);
  parts.pair.style.setProperty("--p", `${share}%`);
  const text = `${share} % ${data.before_name}, ${100 - share} % ${data.after_name}`;
  parts.range.setAttribute("aria-valuetext", text);
}

function fill(parts, data) {
  if (parts.before.getAttribute("src") !== data.before) parts.before.src = data.before;
  if (parts.after.getAttribute("src") !== data.after) parts.after.src = data.after;
  parts.before.alt = data.before_alt;
  parts.after.alt = data.after_alt;
  parts.range.setAttribute("aria-label", data.label);
  parts.first.textContent = data.before_name;
  parts.second.textContent = data.after_name;
  parts.range.oninput = () => move(parts, data);
  move(parts, data);
}

export default function ({ parentElement, data }) {
  let parts = known.get(parentElement);
  if (!parts) {
    parts = build();
    known.set(parentElement, parts);
  }
  if (!parts.pair.isConnected) parentElement.append(parts.pair);
  fill(parts, data);
}
