// Top of the console: what kind of data this is, whose console, how old each link and feed is.

import { age, clock, count, moment } from "../format";
import type { Feed, Link } from "../messages";
import {
  clauseText, closedBecause, connected, ended, feeds, frame, hello, helpOpen, links, partyName, silence_s, stale, staleAfter_s,
} from "../state";

const OLD_TICKS = 3;

export const MODE_WORDS: Record<string, string> = {
  RECORDING: "recorded traffic, not live",
  EXERCISE: "exercise data, not live",
  LIVE: "live data",
};

export function ModeStrip() {
  const told = hello.value;
  if (!told) return null;
  const what = MODE_WORDS[told.mode] ?? "";
  return (
    <div class={`mode mode-${told.mode.toLowerCase()}`}>
      <strong>{told.mode}</strong>
      {what && <span>{what}</span>}
      {told.mode !== "LIVE" && <span>{told.speed > 0 ? `${told.speed}× speed` : "as fast as possible"}</span>}
      {ended.value && <span class="ended">{ended.value}</span>}
    </div>
  );
}

export function Header() {
  const told = hello.value;
  const picture = frame.value;
  const now = picture ? moment(picture.time_ms) : null;
  return (
    <div class="top">
      <div class="brand">
        <a href="/" class="wordmark" title="All members">foedus</a>
        <h1 title={told?.name}>
          <span class="member">{told?.member ?? "…"}</span> <span class="member-name">{told?.name ?? "connecting"}</span>
        </h1>
      </div>
      {told && (
        <p class="pact" title={`Pact digest ${told.pact.digest}`}>
          <span class="label">Pact</span> {told.pact.id} {told.pact.version} <code>{told.pact.digest.slice(0, 8)}</code>
        </p>
      )}
      <p class="time" aria-label="Time of the picture">
        {now ? <><span class="date">{now.date}</span> <b>{now.time}</b> <span class="label">UTC</span></> : "no picture yet"}
      </p>
      <button type="button" class="help-button" aria-label="Help and keys" title="Help and keys (?)"
        onClick={() => (helpOpen.value = true)}>?</button>
    </div>
  );
}

/** Links to all parties and this member's feeds, each with the age of what came last. */
export function LinkStrip() {
  const now_ns = (frame.value?.time_ms ?? 0) * 1e6;
  return (
    <nav class="links" aria-label="Links and feeds">
      <ul>
        {links.value.map((link) => <LinkChip key={link.party} link={link} now_ns={now_ns} />)}
        {feeds.value.map((feed) => <FeedChip key={feed.feed} feed={feed} now_ns={now_ns} />)}
      </ul>
    </nav>
  );
}

type Health = "good" | "old" | "none";

function health(newest_ns: number, now_ns: number): Health {
  if (!newest_ns || stale.value) return "none"; // an old picture says nothing about the links of now
  const limit_s = OLD_TICKS * (hello.value?.tick_s ?? 5);
  return (now_ns - newest_ns) / 1e9 <= limit_s ? "good" : "old";
}

function Lamp({ state }: { state: Health }) {
  const words = { good: "current", old: "late", none: "unknown or silent" };
  return <span class={`lamp lamp-${state}`} role="img" aria-label={words[state]} title={words[state]} />;
}

const ageOf = (newest_ns: number, now_ns: number): string => (newest_ns ? age((now_ns - newest_ns) / 1e9) : "none yet");

function LinkChip({ link, now_ns }: { link: Link; now_ns: number }) {
  const held = link.withheld.reduce((sum, [, rows]) => sum + rows, 0);
  return (
    <li>
      <details class="chip" name="chip">
        <summary>
          <Lamp state={health(link.newest_ns, now_ns)} />
          <b>{link.party}</b>
          <span class="age">{ageOf(link.newest_ns, now_ns)}</span>
          <span title="rows received">↓{count(link.received_rows)}</span>
          <span title="rows released">↑{count(link.released_rows)}</span>
          {held > 0 && <span class="held" title="rows withheld">⊘{count(held)}</span>}
        </summary>
        <div class="detail">
          <h3>{partyName(link.party)} {link.via && <small>through {link.via}</small>}</h3>
          <dl>
            <dt>Newest picture</dt><dd>{link.newest_ns ? `${clock(link.newest_ns)} UTC, ${ageOf(link.newest_ns, now_ns)} old` : "none yet"}</dd>
            <dt>Rows received</dt><dd>{count(link.received_rows)}</dd>
            <dt>Rows released</dt><dd>{count(link.released_rows)}</dd>
            <dt>Warnings</dt><dd>{link.warnings_received} received, {link.warnings_sent} sent</dd>
          </dl>
          {link.withheld.length > 0 && <h4>Withheld from {link.party}</h4>}
          {link.withheld.map(([clause, rows]) => (
            <p class="clause" key={clause}><b>{count(rows)}</b> <code>{clause || "default deny"}</code> {clauseText(clause)}</p>
          ))}
        </div>
      </details>
    </li>
  );
}

function FeedChip({ feed, now_ns }: { feed: Feed; now_ns: number }) {
  const refused = feed.refused.reduce((sum, [, records]) => sum + records, 0);
  return (
    <li>
      <details class="chip feed" name="chip">
        <summary>
          <Lamp state={health(feed.newest_ns, now_ns)} />
          <span class="kind">feed</span>
          <b>{feed.feed}</b>
          <span class="age">{ageOf(feed.newest_ns, now_ns)}</span>
        </summary>
        <div class="detail">
          <h3>Feed {feed.feed}</h3>
          <dl>
            <dt>Newest plot</dt><dd>{feed.newest_ns ? `${clock(feed.newest_ns)} UTC, ${ageOf(feed.newest_ns, now_ns)} old` : "none yet"}</dd>
            <dt>Plots</dt><dd>{count(feed.plots)}</dd>
            <dt>Refused</dt><dd>{count(refused)}</dd>
          </dl>
          {feed.refused.map(([reason, records]) => <p class="clause" key={reason}><b>{count(records)}</b> {reason}</p>)}
        </div>
      </details>
    </li>
  );
}

/** Says that the picture is old; it goes when the picture is new again and cannot be closed. */
export function StaleBanner() {
  document.body.dataset["stale"] = stale.value ? "yes" : "no";
  if (!stale.value) return null;
  const old = frame.value ? `This picture is ${age(silence_s.value)} old.` : "No picture has come yet.";
  return (
    <div class="stale" role="alert">
      <strong>{connected.value ? "No new picture" : "Connection lost"}</strong>
      <span>
        {old} {connected.value
          ? `The node should give one every ${staleAfter_s.value / 3 < 1.05 ? "second" : `${Math.round(staleAfter_s.value / 3)} s`}.`
          : closedBecause.value ? `The gateway said: ${closedBecause.value}.` : "Trying to connect again."}
      </span>
    </div>
  );
}
