// Generated from the gateway's frames by `python -m gateway.widget.schemas`.

export type ClientFrame = Hello | CustomerMessage | RatingFrame | SeenFrame | CustomerTyping | HistoryRequest | EndFrame | SurveyFrame | ContactFrame | LogoutFrame | Ping;

export type ServerFrame = Welcome | HistoryPage | Ack | MessageFrame | TypingFrame | StatusFrame | RatedFrame | Seen | Surveyed | Contacted | ErrorFrame | Pong;

/** The customer's message is stored. */
export interface Ack {
  type: "ack";
  id: string;
  message: MessageView;
}

/** A new line. */
export interface Break {
  type: "break";
}

/** A product, say; several stand side by side. */
export interface CardView {
  title: string;
  subtitle: string | null;
  image: string | null;
  url: string | null;
  quick_replies: Array<QuickReplyView>;
}

/** Words to be taken letter by letter. */
export interface Code {
  type: "code";
  text: string;
}

/** Lines to be taken letter by letter. */
export interface CodeBlock {
  type: "code_block";
  text: string;
}

/** The offline form; sent again with the same id until `contacted` comes. */
export interface ContactFrame {
  type: "contact";
  id: string;
  email: string;
  text: string;
  name?: string | null;
}

/** The offline form is stored. */
export interface Contacted {
  type: "contacted";
  id: string;
}

/** A message of the customer; sent again with the same id until it is acknowledged. */
export interface CustomerMessage {
  type: "message";
  id: string;
  text: string;
  payload?: string | null;
  files?: Array<string>;
}

/** The customer began or ended writing; told only to a person who has the conversation. */
export interface CustomerTyping {
  type: "typing";
  on: boolean;
}

/** Who the shop says the customer is. */
export interface CustomerView {
  name: string | null;
  email: string | null;
}

/** Stressed words. */
export interface Emphasis {
  type: "emphasis";
  children: Array<Text | Code | Break | Strong | Emphasis | Link>;
}

/** The customer ends the conversation; it is opened again by the next message. */
export interface EndFrame {
  type: "end";
}

/** Something the client sent was refused; `text` is for its developer, not its user. */
export interface ErrorFrame {
  type: "error";
  code: "bad_frame" | "bad_hello" | "unsupported_protocol" | "bad_session" | "message_too_long" | "message_empty" | "unknown_message" | "unknown_file" | "nothing_yet" | "bad_identity" | "too_many" | "internal";
  text: string;
  id: string | null;
}

/** A file of the customer's. `url` is a path on the gateway, good for an hour. */
export interface FileView {
  id: string;
  name: string;
  media_type: string;
  size: number;
  width: number | null;
  height: number | null;
  url: string;
}

/** The first frame of a client. */
export interface Hello {
  type: "hello";
  protocol: 1;
  session?: string | null;
  identity?: string | null;
  last_seq?: number;
  language?: string;
}

/** The messages before the one that was asked for, in order; `earlier`: there are more. */
export interface HistoryPage {
  type: "history";
  before: number;
  messages: Array<MessageView>;
  earlier: boolean;
}

/** The page of messages before this one is wanted. */
export interface HistoryRequest {
  type: "history";
  before: number;
}

/** Words that lead to `url`, which is `https:`, `http:`, `mailto:`, `tel:`, a path. */
export interface Link {
  type: "link";
  url: string;
  children: Array<Text | Code | Break | Strong | Emphasis | Link>;
}

/** Items, numbered from `start` or not at all. */
export interface ListBlock {
  type: "list";
  ordered: boolean;
  start: number;
  items: Array<Array<Paragraph | ListBlock | CodeBlock | Quote>>;
}

/** The customer signed out of the shop: nobody may come back with this conversation's tokens. */
export interface LogoutFrame {
  type: "logout";
}

/** There is a new message. */
export interface MessageFrame {
  type: "message";
  message: MessageView;
}

/**
 * A message as a client sees it.
 *
 * `rich` is the text as a tree of `gateway.markdown`, null when it has no markup, and in
 * the customer's own messages. `reply_to` is the `seq` of the customer's message that it
 * replies to.
 */
export interface MessageView {
  id: string;
  seq: number;
  author: "customer" | "assistant" | "agent" | "system";
  text: string;
  language: string;
  at: string;
  client_id: string | null;
  sources: Array<SourceView>;
  quick_replies: Array<QuickReplyView>;
  cards: Array<CardView>;
  files: Array<FileView>;
  rich: Array<Paragraph | ListBlock | CodeBlock | Quote> | null;
  reply_to: number | null;
  rateable: boolean;
  rating: 1 | -1 | null;
}

/** Words that stand by themselves. */
export interface Paragraph {
  type: "paragraph";
  children: Array<Text | Code | Break | Strong | Emphasis | Link>;
}

/** Answered by `pong`: browsers do not show the WebSocket's own pings to a page. */
export interface Ping {
  type: "ping";
}

/** The answer to ping. */
export interface Pong {
  type: "pong";
}

/** A button; when pressed, its payload is sent with its title as text. */
export interface QuickReplyView {
  title: string;
  payload: string;
}

/** Somebody else's words. */
export interface Quote {
  type: "quote";
  blocks: Array<Paragraph | ListBlock | CodeBlock | Quote>;
}

/** An answer was rated, perhaps in another tab. */
export interface RatedFrame {
  type: "rated";
  message: string;
  value: 1 | -1;
  comment: string | null;
}

/** What the customer thinks of an answer. */
export interface RatingFrame {
  type: "rating";
  message: string;
  value: 1 | -1;
  comment?: string | null;
}

/** The customer has seen everything up to this message, perhaps on another device. */
export interface Seen {
  type: "seen";
  seq: number;
}

/** The customer has seen everything up to this message. */
export interface SeenFrame {
  type: "seen";
  seq: number;
}

/** A passage that an answer cites. */
export interface SourceView {
  id: string;
  title: string;
  url: string | null;
  quote: string;
}

/** Somebody else has the conversation now. */
export interface StatusFrame {
  type: "status";
  status: "bot" | "waiting" | "human" | "closed";
}

/** Weighty words. */
export interface Strong {
  type: "strong";
  children: Array<Text | Code | Break | Strong | Emphasis | Link>;
}

/** How satisfied the customer was with the whole, at its end. */
export interface SurveyFrame {
  type: "survey";
  score: number;
  comment?: string | null;
}

/** The survey is stored. */
export interface Surveyed {
  type: "surveyed";
  score: number;
}

/** Words. */
export interface Text {
  type: "text";
  text: string;
}

/** The assistant, or a person of the shop, began or ended writing. */
export interface TypingFrame {
  type: "typing";
  author: "assistant" | "agent";
  on: boolean;
}

/** The answer to hello. */
export interface Welcome {
  type: "welcome";
  protocol: 1;
  session: string;
  resumed: boolean;
  status: "bot" | "waiting" | "human" | "closed";
  messages: Array<MessageView>;
  earlier: boolean;
  seen_seq: number;
  customer: CustomerView | null;
}
