/** Elements without markup strings: nothing that anybody writes is ever parsed as HTML. */

const SVG = "http://www.w3.org/2000/svg";

const ICONS = {
  chat: "M4 6a2 2 0 0 1 2-2h12a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-6l-5 4v-4H6a2 2 0 0 1-2-2zM8.5 9h7M8.5 12.5h4.5",
  down: "m6 9.5 6 6 6-6",
  close: "m6 6 12 12M18 6 6 18",
  send: "M12 19V5.5M6 11l6-6 6 6",
  up: "M7 10.5V20H4.5v-9.5zM7 11l4-7.5c1.5 0 2.5 1.1 2.3 2.6L12.8 9H18a2 2 0 0 1 2 2.4l-1.3 6.8A2.2 2.2 0 0 1 16.5 20H7",
  clock: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M12 8v4.3l2.6 1.7",
  check: "m5 12.5 4.5 4.5L19 7.5",
  alert: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M12 8v4.5M12 15.9v.1",
  book: "M5 5.5c2.5-.7 5-.5 7 1 2-1.5 4.5-1.7 7-1V18c-2.5-.7-5-.5-7 1-2-1.5-4.5-1.7-7-1zM12 6.5V19",
};

/** Makes an element. `on…` properties become listeners, true an empty attribute, null and false none. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else set(element, name, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

/** Like `write`, only if it differs: a screen reader must hear no change where there is none. */
export function set(element, name, value) {
  if (value == null || value === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value === true ? "" : value)) {
    element.setAttribute(name, value === true ? "" : value);
  }
}

export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", `icon icon-${name}`);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}
