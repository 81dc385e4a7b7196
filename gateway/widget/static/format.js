/** Words that anybody wrote, as DOM nodes: paragraphs, line breaks, and the web addresses in them as links. */

import { h } from "./dom.js";

const ADDRESS = /https?:\/\/[^\s<>"'，。；：！？、（）【】《》]+/g;
const ELSEWHERE = { target: "_blank", rel: "noopener noreferrer nofollow" };
const WEB = ["https:", "http:"];
const FOLLOWED = { "https:": ELSEWHERE, "http:": ELSEWHERE, "mailto:": {}, "tel:": {} };

function parsed(address) {
  try {
    return new URL(address, document.baseURI);
  } catch {
    return null;
  }
}

/** The whole address, if it is one on the web; otherwise null. */
export function webAddress(address) {
  const url = address ? parsed(address) : null;
  return WEB.includes(url?.protocol) ? url.href : null;
}

/** A link, if the address is one that a browser may follow safely; otherwise null. */
export function link(address, ...children) {
  const url = parsed(address);
  const how = url && Object.hasOwn(FOLLOWED, url.protocol) && FOLLOWED[url.protocol];
  return how ? h("a", { href: url.href, ...how }, ...children) : null;
}

/** The line's nodes: text, and links where it holds addresses. */
export function linked(line) {
  const nodes = [];
  let end = 0;
  for (const { 0: found, index } of line.matchAll(ADDRESS)) {
    // The full stop that ends the sentence is not part of the address.
    const address = found.replace(/[.,;:!?)\]*]+$/, "");
    nodes.push(line.slice(end, index), link(address, address) ?? address);
    end = index + address.length;
  }
  nodes.push(line.slice(end));
  return nodes;
}

/** Text without markup, in paragraphs. */
export function plain(text) {
  return text
    .split(/\n\s*\n/)
    .filter((part) => part.trim())
    .map((part) =>
      h("p", {}, ...part.split("\n").flatMap((line, at) => (at ? [h("br"), ...linked(line)] : linked(line)))),
    );
}
