// The chat for a page's own scripts. A shop that writes TypeScript copies this file, and then has
//
//     (window.shopdesk ??= []).push((chat) => chat.open());

type Unsubscribe = () => void;

/** What each event tells. No event holds anything that was written. */
interface ShopdeskEvents {
  open: Record<string, never>;
  close: Record<string, never>;
  /** A message came, or one of the customer's was taken. `at` is ISO 8601, UTC. */
  message: { id: string; author: "customer" | "assistant" | "agent" | "system"; language: string; at: string };
  /** An answer was rated; `message` is its id. */
  rating: { message: string; value: 1 | -1 };
  /** How satisfied the customer was with the whole. */
  survey: { score: 1 | 2 | 3 | 4 | 5 };
  /** The offline form was taken. */
  contact: Record<string, never>;
  /** A person was asked for, or has come. */
  handoff: { status: "waiting" | "human" };
  greeting: { match: string; action: "shown" | "opened" | "dismissed" };
  /** An error code of docs/protocol.md. */
  error: { code: string };
}

interface ShopdeskGreeting {
  /** A path, in which * stands for anything: "/tents*". */
  match: string;
  text: string | Record<string, string>;
  /** Seconds; 10 by default. */
  after?: number;
  /** "visit" by default. */
  once?: "visit" | "ever";
}

interface ShopdeskOptions {
  language?: string;
  shopName?: string;
  scheme?: "light" | "dark";
  /** Only before the chat is on the page. */
  server?: string;
  /** The number of unread messages before the page's title. */
  titleBadge?: boolean;
  /** By language and key, in place of the widget's own. */
  texts?: Record<string, Record<string, string>>;
  greetings?: ShopdeskGreeting[];
}

interface Shopdesk {
  open(): void;
  close(): void;
  /** Puts a text into the composer, for the customer to send. */
  write(text: string): void;
  /** A token that the shop's server signed, or a function that fetches one. */
  identify(source: string | (() => string | null | Promise<string | null>)): void;
  logout(): void;
  on<Name extends keyof ShopdeskEvents>(name: Name, handler: (detail: ShopdeskEvents[Name]) => void): Unsubscribe;
  configure(options: ShopdeskOptions): void;
  push(...calls: Array<(chat: Shopdesk) => void>): void;
}

interface Window {
  /** A list of functions until the chat is there; `push` serves before and after. */
  shopdesk?: { push(...calls: Array<(chat: Shopdesk) => void>): unknown };
}
