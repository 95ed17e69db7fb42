import { clauseText } from "../state";

/** A clause by its id and as the sentence that it is; `bare` gives the id with the sentence as its tooltip. */
export function Clause({ id, bare = false }: { id: string; bare?: boolean }) {
  const name = id || "default deny";
  if (bare) return <code class="clause-id" title={clauseText(id)}>{name}</code>;
  return <span class="clause"><code class="clause-id">{name}</code> {clauseText(id)}</span>;
}
