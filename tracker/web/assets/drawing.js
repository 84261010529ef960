// One SVG in two widths; which one shows is the style sheet's business.

const known = new WeakMap();

export default function ({ parentElement, data }) {
  let box = known.get(parentElement);
  if (!box) {
    box = document.createElement("div");
    box.className = "box";
    known.set(parentElement, box);
  }
  if (!box.isConnected) parentElement.append(box);
  const drawn = `<div class="narrow">${data.narrow}</div><div class="wide">${data.wide}</div>`;
  // Drawn by tracker.charts and tracker.strip, which escape every word in it.
  if (box.drawn !== drawn) box.innerHTML = drawn;
  box.drawn = drawn;
}
