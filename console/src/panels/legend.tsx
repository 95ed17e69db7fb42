import { Symbol } from "../map/symbol";

/** What the signs on the map mean. */
export function Legend() {
  const looks: [number, number, string][] = [
    [1, 1, "cooperative: it answers interrogation"],
    [0, 1, "unidentified: it answers nothing"],
    [1, 0, "tentative: not yet confirmed"],
    [1, 2, "coasting: no new plot or report"],
  ];
  return (
    <ul class="legend">
      {looks.map(([trackClass, status, words]) => (
        <li key={words}><Symbol trackClass={trackClass} status={status} /> {words}</li>
      ))}
      <li><span class="legend-line" /> where it will be in 60 s</li>
      <li><span class="legend-zone own" /> own zone</li>
      <li><span class="legend-zone" /> zone of another party</li>
      <li><span class="legend-cell" /> area of an open warning</li>
    </ul>
  );
}
