/** The little Markdown that an answer may hold (paragraphs, lists, bold, links), made into DOM nodes. */

import { h } from "./dom.js";

const ITEM = /^\s*(?:[-*•]|(\d{1,3})[.)])\s+(.*)$/;
const INLINE = /\*\*(.+?)\*\*|\[([^\]]+)\]\(([^()\s]+)\)|(https?:\/\/[^\s<>"'，。；：！？、（）【】《》]+)/g;

/** A link, if the address is one that a browser may follow safely; otherwise null. */
export function link(address, ...children) {
  let url;
  try {
    url = new URL(address, document.baseURI);
  } catch {
    return null;
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") return null;
  return h("a", { href: url.href, target: "_blank", rel: "noopener" }, ...children);
}

export function formatted(text) {
  const result = new DocumentFragment();
  let list = null;
  let paragraph = null;
  for (const line of text.split(/\r?\n/)) {
    const item = ITEM.exec(line);
    if (item) {
      const tag = item[1] ? "ol" : "ul";
      if (list?.localName !== tag) result.append((list = h(tag, { start: item[1] })));
      list.append(h("li", {}, ...inline(item[2])));
      paragraph = null;
      continue;
    }
    list = null;
    if (!line.trim()) paragraph = null;
    else if (paragraph) paragraph.append(h("br"), ...inline(line));
    else result.append((paragraph = h("p", {}, ...inline(line))));
  }
  return result;
}

function inline(line) {
  const nodes = [];
  let end = 0;
  for (const match of line.matchAll(INLINE)) {
    const [all, bold, label, target, bare] = match;
    nodes.push(line.slice(end, match.index));
    end = match.index + all.length;
    if (bold) nodes.push(h("strong", {}, ...inline(bold)));
    else if (label) nodes.push(link(target, label) ?? all);
    else {
      // The full stop that ends the sentence is not part of the address.
      const address = bare.replace(/[.,;:!?)\]*]+$/, "");
      nodes.push(link(address, address) ?? address);
      end -= bare.length - address.length;
    }
  }
  nodes.push(line.slice(end));
  return nodes;
}
