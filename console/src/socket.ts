// The one connection of a console: reads what its member's gateway says, and posts what a person does.

import { batch } from "@preact/signals";
import { decodeFrame } from "./frame";
import type {
  CallOptions, CallPrompt, CallRequest, Declaration, Message, Provenance, Warning, WarningTexts, WhoAmI,
} from "./messages";
import {
  calls, closedBecause, connected, ended, escalations, feeds, frame, frameAt, hello, links, needsPerson, pact, queue,
  signInOpen, wallNow, warnings, who,
} from "./state";

const BACKOFF_MS_MAX = 5_000;
const here = new URL("./", location.href);

/** Connect, and connect again whenever the socket closes. */
export function connect(delay_ms = 250): void {
  const address = new URL("ws", here);
  address.protocol = here.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(address);
  socket.binaryType = "arraybuffer";
  let wait_ms = delay_ms;
  socket.onmessage = ({ data }: MessageEvent<ArrayBuffer | string>) => {
    wait_ms = 250;
    connected.value = true;
    closedBecause.value = "";
    if (typeof data === "string") return take(JSON.parse(data) as Message);
    const picture = decodeFrame(data);
    batch(() => {
      frame.value = picture;
      frameAt.value = wallNow.value = performance.now();
    });
    document.body.dataset["seq"] = String(picture.sequence);
  };
  socket.onclose = (event) => {
    connected.value = false;
    closedBecause.value = event.reason;
    setTimeout(() => connect(Math.min(2 * wait_ms, BACKOFF_MS_MAX)), wait_ms);
  };
}

function take(message: Message): void {
  switch (message.topic) {
    case "hello":
      ended.value = "";
      hello.value = message;
      document.title = `${message.mode} ${message.member} - foedus`;
      if (message.sign_in) void askWho();
      break;
    case "warnings":
      warnings.value = message.warnings;
      break;
    case "calls":
      calls.value = message.calls;
      break;
    case "escalations":
      escalations.value = message.escalations;
      break;
    case "links":
      links.value = message.links;
      break;
    case "feeds":
      feeds.value = message.feeds;
      break;
    case "pact":
      pact.value = message.pact;
      break;
    case "state":
      ended.value = message.state;
      break;
  }
}

/** What the gateway answered, or why it did not. */
interface Answered<T> {
  value: T | null;
  /** Empty where the value is there. */
  failure: string;
}

async function ask<T>(path: string, body?: object, method = body ? "POST" : "GET"): Promise<Answered<T>> {
  try {
    const answer = await fetch(new URL(path, here), {
      method,
      ...(body ? { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } } : {}),
    });
    const told = (await answer.json().catch(() => null)) as (T & { error?: string }) | null;
    if (answer.ok) return { value: told, failure: "" };
    if (answer.status === 401 && path !== SIGN_IN) {
      signInOpen.value = true;
      void askWho();
    }
    return { value: null, failure: told?.error ?? `the gateway answered ${answer.status}` };
  } catch {
    return { value: null, failure: "the gateway cannot be reached; this was not taken" };
  }
}

async function post(path: string, body?: object): Promise<string> {
  return (await ask(path, body, "POST")).failure;
}

const SIGN_IN = "api/sign-in";

/** Ask who has signed in at this console. */
export async function askWho(): Promise<void> {
  const { value } = await ask<WhoAmI>(SIGN_IN);
  if (value) who.value = value;
}

/** Sign in; the sentence says why it failed, empty if it was taken. */
export async function signIn(person: string, secret: string): Promise<string> {
  const { value, failure } = await ask<WhoAmI>(SIGN_IN, { person, secret });
  if (value) who.value = value;
  return failure;
}

export async function signOut(): Promise<string> {
  const { value, failure } = await ask<WhoAmI>("api/sign-out", {});
  if (value) who.value = value;
  return failure;
}

const warningPath = (id: string, verb: string): string => `api/warnings/${encodeURIComponent(id)}/${verb}`;

const told = new Set<string>();

/** Say that a received warning stands on this screen; once, and again only if that failed. */
export async function tellShown(warning: Warning): Promise<void> {
  if (told.has(warning.id)) return;
  told.add(warning.id);
  if (await post(warningPath(warning.id, "shown"))) told.delete(warning.id);
}

/** Acknowledge; the sentence says why it failed, empty if it was taken. */
export function acknowledge(warning: Warning, person: string): Promise<string> {
  return post(warningPath(warning.id, "acknowledge"), { person });
}

/** Cancel a warning that this member gave; the sentence says why it failed, empty if it was taken. */
export function cancelWarning(warning: Warning, person: string): Promise<string> {
  return post(warningPath(warning.id, "cancel"), { person });
}

/** A warning in every language; empty where the gateway has none. */
export async function fetchTexts(warning: Warning): Promise<WarningTexts["texts"]> {
  return (await ask<WarningTexts>(warningPath(warning.id, "texts"))).value?.texts ?? [];
}

export const fetchCallOptions = (): Promise<Answered<CallOptions>> => ask("api/calls");
/** What a call would send; nothing is called. */
export const askPrompt = (request: CallRequest): Promise<Answered<CallPrompt>> => ask("api/calls/prompt", request);
export const makeCall = (request: CallRequest): Promise<Answered<CallPrompt>> => ask("api/calls", request);
const callPath = (id: string): string => `api/calls/${encodeURIComponent(id)}`;
export const fetchCall = (id: string): Promise<Answered<CallPrompt>> => ask(callPath(id));
export function secondCall(id: string, mode: string, person: string): Promise<string> {
  return post(`${callPath(id)}/second`, { mode, person });
}
export const withdrawCall = (id: string, person: string): Promise<string> => post(`${callPath(id)}/withdraw`, { person });

/** Declare what a track is; the sentence says why it failed, empty if it was taken. */
export function declareTrack(number: number, declaration: Declaration): Promise<string> {
  return post(`api/tracks/${number}/declare`, declaration);
}

/** Declare a casus met (yes) or over (no) at this member; the sentence says why it failed, empty if it was taken. */
export function declareCasus(of: string, says: "yes" | "no", person: string): Promise<string> {
  return post("api/facts", { person, what: "casus", of, says });
}

export function firstToAcknowledge(): Warning | undefined {
  return queue.value.find(needsPerson);
}

export async function fetchProvenance(number: number): Promise<Provenance | null> {
  const answer = await fetch(new URL(`api/tracks/${number}`, here)).catch(() => null);
  return answer?.ok ? ((await answer.json()) as Provenance) : null;
}
