/** The gateway's tree of a text with markup, as DOM nodes. Each is made here, so there is none that could run. */

import { h } from "./dom.js";
import { link, linked } from "./format.js";

const DEEPEST = 20;

const MAKERS = {
  paragraph: (node, deep) => [h("p", {}, ...all(node.children, deep))],
  list: (node, deep) => [
    h(
      node.ordered ? "ol" : "ul",
      { start: node.ordered ? Number(node.start ?? 1) : null },
      ...listed(node.items).map((item) => h("li", {}, ...all(item, deep))),
    ),
  ],
  // Focusable, so that a keyboard can scroll a long line.
  code_block: (node) => [h("pre", { tabindex: 0, dir: "ltr" }, h("code", {}, String(node.text)))],
  quote: (node, deep) => [h("blockquote", {}, ...all(node.blocks, deep))],
  text: (node) => linked(String(node.text)),
  code: (node) => [h("code", {}, String(node.text))],
  break: () => [h("br")],
  strong: (node, deep) => [h("strong", {}, ...all(node.children, deep))],
  emphasis: (node, deep) => [h("em", {}, ...all(node.children, deep))],
  link: (node, deep) => {
    const words = h("span", {}, ...all(node.children, deep));
    // An address among a link's own words is no second link.
    for (const inner of words.querySelectorAll("a")) inner.replaceWith(...inner.childNodes);
    return [link(String(node.url), ...words.childNodes) ?? words];
  },
};

const listed = (value) => (Array.isArray(value) ? value : []);

const all = (nodes, deep) => listed(nodes).flatMap((node) => made(node, deep + 1));

function made(node, deep) {
  const known = Object.hasOwn(MAKERS, node?.type) && deep < DEEPEST;
  return known ? MAKERS[node.type](node, deep) : [wordsOf(node)];
}

/** What the node says, however it is made: a newer gateway may know nodes that this widget does not. */
function wordsOf(node) {
  if (node === null || typeof node !== "object") return "";
  if (Array.isArray(node)) return node.map(wordsOf).filter(Boolean).join(" ");
  return node.text === undefined ? wordsOf(Object.values(node)) : String(node.text);
}

export const rich = (blocks) => all(blocks, 0);
