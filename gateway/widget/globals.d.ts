// What a page may have that TypeScript does not know of.

interface Window {
  /** Only some browsers have it. */
  navigation?: EventTarget;
}
