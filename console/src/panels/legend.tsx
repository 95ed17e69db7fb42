import { Symbol } from "../map/symbol";
import { hello } from "../state";

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
      {hello.value && (
        <li class="legend-frames"><span>Frame: identity, as an authority declared it</span>
          <ul>{hello.value.identities.map((word, identity) => identity > 0 && (
            <li key={word}><Symbol trackClass={0} status={1} identity={identity} /> {word.replaceAll("_", " ")}</li>
          ))}</ul>
        </li>
      )}
      <li><span class="legend-line" /> where it will be in 60 s</li>
      <li><span class="legend-zone own" /> own zone</li>
      <li><span class="legend-zone" /> zone of another party</li>
      <li><span class="legend-cell" /> area of an open warning</li>
    </ul>
  );
}
