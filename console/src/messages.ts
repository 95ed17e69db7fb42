// What a member's gateway says, as src/foedus/live/gateway.py and node.py write it. Times are nanoseconds.

export interface Party {
  id: string;
  name: string;
}

export interface Zone {
  id: string;
  owner: string;
  polygon: [lat: number, lon: number][];
}

export interface Hello {
  topic: "hello";
  member: string;
  name: string;
  title: string;
  mode: string;
  speed: number;
  tick_s: number;
  parties: Party[];
  pact: { id: string; version: string; digest: string };
  clauses: Record<string, string>;
  zones: Zone[];
  bounds: [south: number, west: number, north: number, east: number];
  attribution: string;
  /** Whether acts need a person who has signed in at this console. */
  sign_in: boolean;
}

/** GET and POST api/sign-in {person, secret}, POST api/sign-out. */
export interface WhoAmI {
  /** Empty: nobody has signed in. */
  person: string;
  role: string;
  needed: boolean;
  mode: string;
  ends_in_s: number;
}

/** POST api/calls: a warning that a person asks for; the class in lower case, as in a warning. */
export interface CallRequest {
  zone: string;
  class: string;
  lat_cell_deg: number;
  lon_cell_deg: number;
  entry_in_s: number;
  says?: string;
  /** Only where nobody signs in. */
  person?: string;
}

/** A call as the node keeps it. */
export interface Call {
  id: string;
  zone: string;
  track_class: string;
  lat_cell_deg: number;
  lon_cell_deg: number;
  entry_ns: number;
  by: string;
  says: string;
  seconded_by: string;
  state: "waiting" | "sent" | "refused" | "withdrawn" | "lapsed";
  reason: string;
  until_ns: number;
  warnings: string[];
}

/** Its answer: what the second person reads before POST api/calls/{call}/second {mode}. */
export interface CallPrompt {
  call: string;
  mode: string;
  prompt: string;
  person: string;
  recipients: string[];
  entry_ns: number;
}

export interface Warning {
  id: string;
  direction: "received" | "sent" | "own";
  party: string;
  zone: string;
  clause: string;
  state: "raised" | "renewed" | "downgraded" | "cancelled" | "expired";
  revision: number;
  track_class: string;
  lat_cell_deg: number;
  lon_cell_deg: number;
  raised_ns: number;
  entry_ns: number;
  probability_percent: number;
  expires_ns: number;
  track: number;
  stored_ns: number;
  shown_ns: number;
  acknowledged_ns: number;
  person: string;
}

export interface Link {
  party: string;
  via: string;
  newest_ns: number;
  received_rows: number;
  released_rows: number;
  withheld: [clause: string, rows: number][];
  warnings_sent: number;
  warnings_received: number;
}

export interface Feed {
  feed: string;
  newest_ns: number;
  plots: number;
  refused: [reason: string, records: number][];
}

export interface Casus {
  id: string;
  stand: "" | "met" | "over" | "undetermined";
  since_ns: number;
  by: string;
  may_declare: boolean;
  scopes: string[];
}

export interface Suspension {
  clause: string;
  by: string;
  why: string;
  pairs: [string, string][];
}

export interface Fact {
  what: string;
  of: string;
  at_ns: number;
  by: string;
  says: string;
  as_to: string[];
  person: string;
}

export interface PactStand {
  in_force: "yes" | "no" | "undetermined";
  grounds: [term: string, found: string][];
  roster: string[];
  casus: Casus[];
  suspended: Suspension[];
  facts: Fact[];
}

export type Message =
  | Hello
  | { topic: "warnings"; warnings: Warning[] }
  | { topic: "calls"; calls: Call[] }
  | { topic: "links"; links: Link[] }
  | { topic: "feeds"; feeds: Feed[] }
  | { topic: "pact"; pact: PactStand }
  | { topic: "state"; state: string };

export interface Provenance {
  number: number;
  contributions: { origin: string; kind: string; form: string; clause: string; time_ns: number }[];
  releases: { party: string; form: string; clause: string }[];
}

export interface Index {
  title: string;
  mode: string;
  speed: number;
  attribution: string;
  members: { member: string; name: string }[];
}
