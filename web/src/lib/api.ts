// The only place that talks to the server: credentials, errors as sentences, one refresh in flight.
//
// The access token lives in memory alone. The refresh token lives in a cookie that no script can read and that
// only the token endpoints receive.

import { strings } from "./i18n.svelte";
import { said, sentencesReady } from "./said.svelte";
import type { components } from "./schema";
import type { Sentence } from "./sentences";

export type Schemas = components["schemas"];

export interface FieldError {
  field: string;
  message: string;
}

/** What went wrong, for a person and in that person's language: `message` is a whole sentence, `fields` name inputs. */
export class ApiFailure extends Error {
  constructor(
    /** The HTTP status; 0 when the server was not reached. */
    readonly status: number,
    message: string,
    readonly fields: FieldError[] = [],
    readonly retryAfterSeconds = 0,
    /** The answer as it came, for what it says besides. */
    readonly content: unknown = undefined,
  ) {
    super(message);
    this.name = "ApiFailure";
  }

  get isUnreachable(): boolean {
    return this.status === 0;
  }

  /** Whether the server said just this. */
  says(sentence: Sentence): boolean {
    return ownSentence(readErrors(this.content), this.content) === sentence;
  }

  /** The message for one input of a form, empty when it is not to blame. */
  of(field: string): string {
    return this.fields.find((entry) => entry.field === field)?.message ?? "";
  }
}

interface Options {
  method?: "GET" | "HEAD" | "POST" | "PATCH" | "PUT" | "DELETE";
  body?: unknown;
  /** Sent as it is, for uploads. */
  form?: FormData;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

const NO_CONTENT = 204;
const NOT_MODIFIED = 304;

let access = "";
let refreshing: Promise<boolean> | undefined;
let whenSignedOut: () => void = () => undefined;

/** Called once when the session has ended and could not be renewed. */
export function onSignedOut(listener: () => void): void {
  whenSignedOut = listener;
}

export function hasAccess(): boolean {
  return access !== "";
}

/** Claims are for display only; the server decides by the account. */
export function claims(): { userId: string; name: string } {
  const payload = access.split(".")[1] ?? "";
  const text = atob(payload.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  const read = JSON.parse(new TextDecoder().decode(bytes)) as { user_id: string | number; name?: string };
  return { userId: String(read.user_id), name: read.name ?? "" };
}

export async function obtain(username: string, password: string): Promise<void> {
  const answer = await send("/api/auth/token/obtain/", {
    method: "POST",
    body: { username, password, remember: true },
  });
  access = ((await answer.json()) as { access: string }).access;
}

/** Exchange the cookie for a new access token. False: nobody is signed in here. Throws when the server is away. */
export function refresh(): Promise<boolean> {
  refreshing ??= renew().finally(() => (refreshing = undefined));
  return refreshing;
}

async function renew(): Promise<boolean> {
  try {
    const answer = await send("/api/auth/token/refresh/", { method: "POST", body: { if_remembered: true } });
    if (answer.status === NO_CONTENT) {
      access = "";
      return false;
    }
    access = ((await answer.json()) as { access: string }).access;
    return true;
  } catch (error) {
    if (error instanceof ApiFailure && error.status === 401) {
      access = "";
      return false;
    }
    throw error;
  }
}

export async function signOut(): Promise<void> {
  await send("/api/auth/token/blacklist/", { method: "POST", body: {} }).catch(() => undefined);
  access = "";
}

/** Call the API and return its JSON, undefined for an empty answer. Throws ApiFailure. */
export async function call<T>(path: string, options: Options = {}): Promise<T> {
  return readJson<T>(await sendSignedIn(path, options));
}

/** Ask for a list that is known as `etag` already; `content` is undefined when it is still that. */
export async function callIfChanged<T>(path: string, etag: string): Promise<{ etag: string; content: T | undefined }> {
  const answer = await sendSignedIn(path, etag ? { headers: { "If-None-Match": etag } } : {});
  const content = answer.status === NOT_MODIFIED ? undefined : await readJson<T>(answer);
  return { etag: answer.headers.get("ETag") ?? "", content };
}

/** Whether a file of the pictures' mount can be had. Throws ApiFailure when the server is away. */
export async function isThere(path: string): Promise<boolean> {
  try {
    await send(path, { method: "HEAD" }, access);
    return true;
  } catch (error) {
    if (error instanceof ApiFailure && error.status > 0) return false;
    throw error;
  }
}

async function readJson<T>(answer: Response): Promise<T> {
  const text = await answer.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

async function sendSignedIn(path: string, options: Options): Promise<Response> {
  try {
    return await send(path, options, access);
  } catch (error) {
    if (!(error instanceof ApiFailure) || error.status !== 401 || !access) throw error;
    if (!(await refresh())) {
      whenSignedOut();
      throw new ApiFailure(401, strings.t.errors.sessionEnded);
    }
    return send(path, options, access);
  }
}

async function send(path: string, options: Options, token = ""): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json", ...options.headers };
  if (token) headers["Authorization"] = `Bearer ${token}`;
  let body: BodyInit | null = options.form ?? null;
  if (options.body !== undefined) {
    headers["Content-Type"] = "application/json";
    body = JSON.stringify(options.body);
  }
  let answer: Response;
  try {
    answer = await fetch(path, {
      method: options.method ?? "GET",
      headers,
      body,
      credentials: "same-origin",
      signal: options.signal ?? null,
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiFailure(0, strings.t.errors.unreachable);
  }
  if (!answer.ok && answer.status !== NOT_MODIFIED) throw await failureOf(answer);
  return answer;
}

async function failureOf(answer: Response): Promise<ApiFailure> {
  const content: unknown = await answer.json().catch(() => undefined);
  await sentencesReady;
  const errors = readErrors(content);
  const wait = Number(answer.headers.get("Retry-After") ?? 0) || 0;
  const sentence = sentenceFor(answer.status, ownSentence(errors, content), wait) ?? said(ownSentence(errors, content));
  const fields = errors.map(({ field, message }) => ({ field, message: said(message) }));
  return new ApiFailure(answer.status, sentence, fields, wait, content);
}

function readErrors(content: unknown): FieldError[] {
  const errors = (content as { errors?: unknown } | undefined)?.errors;
  if (!Array.isArray(errors)) return [];
  // The hint of a server in DEBUG is for developers.
  return (errors as FieldError[]).filter((entry) => entry.field !== "auth");
}

/** What the server said, whatever the shape of its answer; empty when it said nothing. */
function ownSentence(errors: FieldError[], content: unknown): string {
  const own = content as { message?: unknown; detail?: unknown; error?: unknown } | undefined;
  const texts = [errors.map((entry) => entry.message).join(" "), own?.message, own?.detail, own?.error];
  return texts.find((text): text is string => typeof text === "string" && text !== "") ?? "";
}

// Neither passes by waiting, or by making room on the server.
const TOO_MANY_UPLOADS: Sentence = "Too many uploads are open. Finish some of them first.";
const LIBRARY_FULL: Sentence = "Your library may not grow any further on this server.";

const UNKNOWN = /^(Not found\.|No \w+ matches the given query\.)$/;

/** The page's own words, where they say more than the server's. */
function sentenceFor(status: number, own: string, wait: number): string | undefined {
  const texts = strings.t.errors;
  if (status === 429 && own !== TOO_MANY_UPLOADS) return texts.tooOften(Math.max(1, wait));
  if (status === 507 && own !== LIBRARY_FULL) return texts.diskFull;
  if (status === 404 && (!own || UNKNOWN.test(own))) return texts.gone;
  if (own) return undefined;
  return status >= 500 ? texts.server : texts.refused(status);
}
