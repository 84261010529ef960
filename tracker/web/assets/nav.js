// Draws the header and the main navigation; a tap asks Python to switch the page.

const SVG = "http://www.w3.org/2000/svg";
const drawn = new WeakMap();

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function icon(path) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 -960 960 960");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const shape = document.createElementNS(SVG, "path");
  // The outlines come from a font, whose y axis points up.
  shape.setAttribute("transform", "scale(1 -1)");
  shape.setAttribute("d", path);
  svg.append(shape);
  return svg;
}

function mark(circles) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 26 26");
  svg.setAttribute("aria-hidden", "true");
  for (const [x, y, r] of circles) {
    const dot = document.createElementNS(SVG, "circle");
    dot.setAttribute("cx", x);
    dot.setAttribute("cy", y);
    dot.setAttribute("r", r);
    dot.setAttribute("fill", "currentColor");
    svg.append(dot);
  }
  return svg;
}

function link(item, go) {
  const pill = element("span", { class: "pill" }, icon(item.icon));
  const made = element("a", { href: item.href, "data-key": item.key }, pill);
  made.append(element("span", {}, item.label), element("span", { class: "count" }));
  made.addEventListener("click", (event) => {
    // A click meant for a new tab or window stays the browser's.
    if (event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(item.key);
  });
  return made;
}

function build(data, go) {
  const brand = element("span", { class: "brand" }, mark(data.mark), data.brand);
  const nav = element("nav", { "aria-label": "Main" }, ...data.items.map((i) => link(i, go)));
  const bar = element("div", { class: "bar" }, brand, nav);
  if (data.help) {
    bar.append(
      element("a", { class: "help", href: data.help.href }, icon(data.help.icon), data.help.label),
    );
  }
  return bar;
}

function update(bar, data) {
  for (const item of data.items) {
    const made = bar.querySelector(`a[data-key="${CSS.escape(item.key)}"]`);
    if (item.key === data.current) made.setAttribute("aria-current", "page");
    else made.removeAttribute("aria-current");
    made.querySelector(".count").textContent = item.count || "";
  }
}

export default function (component) {
  const { parentElement, data, setTriggerValue } = component;
  const frame = JSON.stringify([data.brand, data.help, data.items.map((i) => [i.key, i.label])]);
  let seen = drawn.get(parentElement);
  // Rebuilding on every run would take the focus away from the link just used.
  if (!seen || seen.frame !== frame || !seen.bar.isConnected) {
    seen?.bar.remove();
    seen = { frame, go: setTriggerValue };
    const own = seen;
    seen.bar = build(data, (key) => own.go("go", key));
    parentElement.append(seen.bar);
    drawn.set(parentElement, seen);
  }
  seen.go = setTriggerValue;
  update(seen.bar, data);
}
