/** Elements without markup strings: nothing that anybody writes is ever parsed as HTML. */

import { ICONS } from "./icons.js";

const SVG = "http://www.w3.org/2000/svg";

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

/** Only if it differs: a screen reader must hear no change where there is none. */
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
