/** What a shop's own script might do with the chat; and the demo's stand-in for pages that a real shop would have. */

/** Opens the chat, with a question in it if there is one: the customer sends it, not the page. */
function ask(question) {
  const chat = document.querySelector("shopdesk-chat");
  chat.open();
  if (question) chat.write(question);
}

addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-ask]");
  if (button) ask(button.dataset.ask);
});

/**
 * Sources lead to /help/…, /policies/… and /shop/… in the language-neutral form that the knowledge base has. This demo has
 * one page a language for all of them: go to the part that was meant, in the language that was read last.
 */
const [, kind, name] = /^\/(help|policies|shop)(?:\/([\w-]+))?/.exec(location.pathname) ?? [];
if (kind) {
  const home = localStorage.getItem("language") === "zh" ? "/zh" : "/";
  const part = kind === "shop" ? name : `help-${name}`;
  const known = name && document.getElementById(part);
  location.replace(`${home}#${known ? part : { shop: "products" }[kind] ?? "help"}`);
} else {
  localStorage.setItem("language", document.documentElement.lang.slice(0, 2));
}
