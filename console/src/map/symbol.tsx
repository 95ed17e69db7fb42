import { colourOf, FRAMED_SCALE, frameOf, hasBar, isFilled, lookOf, outlineOf } from "./symbols";

/** Symbol of a track as a small picture, for tables and the legend. */
export function Symbol({ trackClass, status, identity = 0 }: { trackClass: number; status: number; identity?: number }) {
  const look = lookOf(trackClass, status, identity);
  const colour = colourOf(look);
  const frame = frameOf(look);
  return (
    <svg class="symbol" viewBox="-1 -1 2 2" aria-hidden="true">
      {frame && <path d={frame.outline} fill="none" stroke={frame.colour} stroke-width="0.15" stroke-dasharray={frame.dash.join(" ")} />}
      <g transform={frame ? `scale(${FRAMED_SCALE})` : undefined}>
        <path d={outlineOf(look)} fill={isFilled(look) ? colour : "none"} stroke={colour} stroke-width="0.17" />
        {hasBar(look) && <path d="M-.8 0H.8" stroke={colour} stroke-width="0.17" />}
      </g>
    </svg>
  );
}
