/* The contrast of each piece of text with what lies under it, as the browser has computed both. */
({ shadowRoot }) => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].map((value) => value / 255);
  };
  const over = (top, under) => top.slice(0, 3).map((value, at) => value * top[3] + under[at] * (1 - top[3]));
  const light = (color) => {
    const [red, green, blue] = color.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ground = (element) => {
    if (!element) return [1, 1, 1];
    const color = rgba(getComputedStyle(element).backgroundColor);
    return color[3] === 1 ? color.slice(0, 3) : over(color, ground(element.parentElement));
  };
  const found = {};
  const measure = (name, element, color, under) => {
    const [high, low] = [light(over(rgba(color), under)), light(under)].sort((a, b) => b - a);
    found[name] = Math.min(found[name] ?? 21, (high + 0.05) / (low + 0.05));
  };
  const walker = document.createTreeWalker(shadowRoot, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    const name = `text of ${element.localName}.${element.className} in .${element.parentElement?.className}`;
    measure(name, element, getComputedStyle(element).color, ground(element));
  }
  for (const element of shadowRoot.querySelectorAll(".field, .suggestions button, .comment textarea")) {
    measure(`border of ${element.className || element.localName}`, element,
      getComputedStyle(element).borderTopColor, ground(element.parentElement));
  }
  for (const element of shadowRoot.querySelectorAll(".thumb, .close")) {
    measure(`icon of ${element.className}`, element, getComputedStyle(element).color, ground(element));
  }
  const input = shadowRoot.querySelector(".field textarea");
  measure("text of what is not yet written", input, getComputedStyle(input, "::placeholder").color, ground(input));
  return found;
}
