import { colourOf, hasBar, isFilled, lookOf, outlineOf } from "./symbols";

/** Symbol of a track as a small picture, for tables and the legend. */
export function Symbol({ trackClass, status }: { trackClass: number; status: number }) {
  const look = lookOf(trackClass, status);
  const colour = colourOf(look);
  return (
    <svg class="symbol" viewBox="-1 -1 2 2" aria-hidden="true">
      <path d={outlineOf(look)} fill={isFilled(look) ? colour : "none"} stroke={colour} stroke-width="0.17" />
      {hasBar(look) && <path d="M-.8 0H.8" stroke={colour} stroke-width="0.17" />}
    </svg>
  );
}
