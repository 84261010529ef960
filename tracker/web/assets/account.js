// Who is signed in, and the way out: a plain form, so that it works by itself.

const known = new WeakMap();

export default function ({ parentElement, data }) {
  let form = known.get(parentElement);
  if (!form) {
    form = document.createElement("form");
    form.method = "post";
    form.append(document.createElement("span"), document.createElement("button"));
    known.set(parentElement, form);
  }
  form.action = data.action;
  form.querySelector("span").textContent = data.name;
  form.querySelector("button").textContent = data.label;
  if (!form.isConnected) parentElement.append(form);
}
