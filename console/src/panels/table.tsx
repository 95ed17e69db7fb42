// Filter and track table: the same rows as the map, for eyes, keyboards and screen readers.

import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { age, count, height, speed, trend } from "../format";
import { COASTING, nameOf, TENTATIVE, type Frame } from "../frame";
import { Symbol } from "../map/symbol";
import { scene } from "../map/view";
import {
  clearFilter, filterCeiling_ft, filterClass, filtered, filterFloor_ft, filterParty, filterText, frame, hello, identityWord,
  rows,
  selected, sortDown, sorted, sortKey, sourcesOf, type SortKey,
} from "../state";

const ROW_PX = 26;
const SPARE_ROWS = 12;

const scrolled_px = signal(0);
const shown_px = signal(400);

export function Tracks() {
  return (
    <section class="panel tracks" aria-labelledby="tracks-title">
      <div class="panel-head">
        <h2 id="tracks-title">Tracks</h2>
        <Counts />
        {filtered.value && <button type="button" class="linklike" onClick={clearFilter}>clear filter</button>}
      </div>
      <Filter />
      <Table />
    </section>
  );
}

function Counts() {
  const picture = frame.value;
  if (!picture) return null;
  const silent = rows.value.reduce((sum, row) => sum + (picture.trackClass[row] ? 0 : 1), 0);
  return (
    <span class="counts" role="status" data-rows={rows.value.length}>
      <b>{count(rows.value.length)}</b> of {count(picture.rows)}
      {silent > 0 && <span class="silent"> · {count(silent)} unidentified</span>}
      {picture.leftOut > 0 && <span> · {picture.leftOut} without position</span>}
    </span>
  );
}

function Filter() {
  const bound = (text: string): number => (text.trim() === "" ? NaN : Number(text) * 100);
  const text = (value: number): string => (Number.isFinite(value) ? String(value / 100) : "");
  return (
    <form class="filter" onSubmit={(event) => event.preventDefault()} aria-label="Filter">
      <input id="find" type="search" placeholder="Find  ( / )" aria-label="Find callsign, address, Mode A or number"
        value={filterText.value} onInput={(event) => (filterText.value = event.currentTarget.value)} />
      <select aria-label="Class" value={filterClass.value}
        onChange={(event) => (filterClass.value = event.currentTarget.value as typeof filterClass.value)}>
        <option value="all">All classes</option>
        <option value="cooperative">Cooperative</option>
        <option value="unidentified">Unidentified</option>
      </select>
      <select aria-label="Source" value={String(filterParty.value)}
        onChange={(event) => (filterParty.value = Number(event.currentTarget.value))}>
        <option value="-1">All sources</option>
        {hello.value?.parties.map((party, bit) => <option key={party.id} value={String(bit)}>{party.id} {party.name}</option>)}
      </select>
      <fieldset class="band">
        <legend class="sr-only">Height band in hundreds of feet</legend>
        <input inputMode="numeric" placeholder="from" aria-label="From, hundreds of feet" value={text(filterFloor_ft.value)}
          onInput={(event) => (filterFloor_ft.value = bound(event.currentTarget.value))} />
        <span aria-hidden="true">–</span>
        <input inputMode="numeric" placeholder="to" aria-label="To, hundreds of feet" value={text(filterCeiling_ft.value)}
          onInput={(event) => (filterCeiling_ft.value = bound(event.currentTarget.value))} />
        <span class="unit" aria-hidden="true">×100 ft</span>
      </fieldset>
    </form>
  );
}

const COLUMNS: [SortKey | null, string, string][] = [
  ["class", "", "Class and status"],
  ["name", "Track", "Callsign, address or number"],
  ["height", "Height ft", "Height in feet"],
  ["speed", "kt", "Ground speed in knots"],
  ["age", "Age", "Age of the estimate"],
  [null, "From", "Parties behind the track"],
];

function sortBy(key: SortKey): void {
  if (sortKey.value === key) sortDown.value = !sortDown.value;
  else {
    sortKey.value = key;
    sortDown.value = key === "height" || key === "speed" || key === "age";
  }
}

function Table() {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const observer = new ResizeObserver(() => (shown_px.value = box.current?.clientHeight ?? 400));
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, []);
  const picture = frame.value;
  const list = sorted.value;
  const first = Math.max(0, Math.min(Math.floor(scrolled_px.value / ROW_PX) - SPARE_ROWS, list.length - 1));
  const last = Math.min(list.length, first + Math.ceil(shown_px.value / ROW_PX) + 2 * SPARE_ROWS);
  return (
    <div class="table-box" ref={box} tabIndex={0} role="region" aria-label="Track table"
      onScroll={(event) => (scrolled_px.value = event.currentTarget.scrollTop)}>
      <table aria-rowcount={list.length + 1}>
        <thead>
          <tr>
            {COLUMNS.map(([key, name, title]) => (
              <th key={title} scope="col" class={key ?? "from"}
                {...(key && sortKey.value === key ? { "aria-sort": sortDown.value ? "descending" as const : "ascending" as const } : {})}>
                {key
                  ? <button type="button" title={title} onClick={() => sortBy(key)}>
                      {name || <><span aria-hidden="true">◇</span><span class="sr-only">{title}</span></>}<span class="arrow" aria-hidden="true">{sortKey.value === key ? (sortDown.value ? "▾" : "▴") : ""}</span>
                    </button>
                  : <span title={title}>{name}</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {first > 0 && <tr class="space" aria-hidden="true"><td colSpan={6} style={{ height: `${first * ROW_PX}px` }} /></tr>}
          {picture && Array.from(list.subarray(first, last), (row, i) => (
            <Row key={picture.number[row]} picture={picture} row={row} index={first + i + 2} />
          ))}
          {last < list.length && (
            <tr class="space" aria-hidden="true"><td colSpan={6} style={{ height: `${(list.length - last) * ROW_PX}px` }} /></tr>
          )}
        </tbody>
      </table>
    </div>
  );
}

export const statusWord = (status: number): string =>
  status === TENTATIVE ? "tentative" : status === COASTING ? "coasting" : "confirmed";
export const classWord = (trackClass: number): string => hello.value?.classes[trackClass] ?? "unknown class";

export function select(number: number): void {
  selected.value = number;
  if (number) scene.value?.centre(number);
}

function Row({ picture, row, index }: { picture: Frame; row: number; index: number }) {
  const number = picture.number[row]!;
  const chosen = number === selected.value;
  const words = [classWord(picture.trackClass[row]!), statusWord(picture.status[row]!), identityWord(picture, row)].filter(Boolean).join(", ");
  return (
    <tr aria-rowindex={index} class={`${chosen ? "chosen" : ""} ${picture.status[row] === COASTING ? "coasting" : ""}`}
      onClick={() => select(number)}>
      <td title={words}><Symbol trackClass={picture.trackClass[row]!} status={picture.status[row]!} identity={picture.identity[row]!} /><span class="sr-only">{words}</span></td>
      <td class="name">
        <button type="button" aria-pressed={chosen} onClick={(event) => { event.stopPropagation(); select(number); }}>
          {nameOf(picture, row)}
        </button>
      </td>
      <td class="figure">{trend(picture.climb_m_s[row]!)}{height(picture.height_m[row]!)}</td>
      <td class="figure">{speed(picture.speed_m_s[row]!)}</td>
      <td class="figure">{age(picture.age_s[row]!)}</td>
      <td class="from">{sourcesOf(picture, row).join(" ")}</td>
    </tr>
  );
}

/** Select the track that many rows further down the table. */
export function step(rowsDown: number): void {
  const picture = frame.value;
  const list = sorted.value;
  if (!picture || !list.length) return;
  const at = list.findIndex((row) => picture.number[row] === selected.value);
  const next = at < 0 ? 0 : (at + rowsDown + list.length) % list.length;
  select(picture.number[list[next]!]!);
  const box = document.querySelector<HTMLElement>(".table-box");
  if (!box) return;
  const top = next * ROW_PX;
  if (top < box.scrollTop || top > box.scrollTop + box.clientHeight - 3 * ROW_PX) box.scrollTop = top - box.clientHeight / 3;
}
