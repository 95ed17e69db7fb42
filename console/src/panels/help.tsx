import { helpOpen } from "../state";
import { Modal } from "./modal";

const KEYS: [string, string][] = [
  ["a", "acknowledge the first warning that waits"],
  ["j / k", "next / previous track of the table"],
  ["/", "find a track"],
  ["Esc", "deselect, close, leave the search"],
  ["f", "show the whole area"],
  ["+ / -", "zoom (map in focus)"],
  ["arrows", "move the map (map in focus)"],
  ["l", "labels on and off"],
  ["h", "history dots on and off"],
  ["?", "this help"],
];

export function Help() {
  const close = (): void => {
    helpOpen.value = false;
  };
  return (
    <Modal open={helpOpen.value} title="Help" onClose={close}>
      <h3>Keys</h3>
      <dl class="keys">
        {KEYS.map(([key, words]) => <div key={key}><dt><kbd>{key}</kbd></dt><dd>{words}</dd></div>)}
      </dl>
      <h3>Reading the picture</h3>
      <p>Everything here came through this member's own gateway, and so under the pact. Labels give height in hundreds of
        feet, a climb arrow, and ground speed in knots. A symbol fades as its estimate ages from 10 to 60 seconds.</p>
      <p>In the link bar, ↓ counts the rows that a party gave, ↑ those given to it, ⊘ those withheld from it; open an
        entry to see by which clause. A warning counts as <i>shown</i> once its card stands on a screen.</p>
      <p>A frame round a symbol is what an authority of this member declared the track to be, with the word in its label; no
        frame: pending. The program declares nothing.</p>
      <p>foedus watches and warns. It controls nothing.</p>
      <button type="button" onClick={close}>Close</button>
    </Modal>
  );
}
