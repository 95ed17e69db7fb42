// The one connection of a console: reads what its member's gateway says, and posts what a person does.

import { batch } from "@preact/signals";
import { decodeFrame } from "./frame";
import type { Message, Provenance, Warning } from "./messages";
import {
  closedBecause, connected, ended, feeds, frame, frameAt, hello, links, needsPerson, pact, queue, wallNow, warnings,
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
      break;
    case "warnings":
      warnings.value = message.warnings;
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

async function post(path: string, body?: object): Promise<string> {
  try {
    const answer = await fetch(new URL(path, here), {
      method: "POST",
      ...(body ? { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } } : {}),
    });
    if (answer.ok) return "";
    const told = (await answer.json().catch(() => null)) as { error?: string } | null;
    return told?.error ?? `the gateway answered ${answer.status}`;
  } catch {
    return "the gateway cannot be reached; this was not taken";
  }
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
