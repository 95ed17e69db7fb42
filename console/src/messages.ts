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
  /** Words by the number in a frame. */
  identities: string[];
  classes: string[];
  /** Classes that an authority may declare. */
  declarable: string[];
  /** English sentences of the reasons, with {value} where one has a value. */
  reasons: [word: string, sentence: string][];
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

/** GET api/calls: in which zones this member must warn whom of what. */
export interface CallOptions {
  mode: string;
  zones: { zone: string; to: string; name: string; classes: string[] }[];
}

/** What would be sent, in words: POST api/calls and api/calls/prompt, GET api/calls/{call}. */
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
  /** A value is null where the word has none or a partner did not tell it. */
  reasons: { word: string; value: number | null }[];
  basis: "unconfirmed" | "confirmed" | "person";
  detail: [earliest_ns: number, latest_ns: number, reasons: string[]] | null;
  /** Of one sent: how far it came, or what is overdue. */
  delivery: string;
  delivery_since_ns: number;
  cancelled_by: string;
}

/** No person acknowledged a warning in time: what the clause says of that. */
export interface Escalation {
  warning: string;
  clause: string;
  then: string;
  time_ns: number;
}

/** GET api/warnings/{warning}/texts. */
export interface WarningTexts {
  texts: { language: string; direction: "ltr" | "rtl"; text: string }[];
}

/** POST api/tracks/{number}/declare; what is left out is not said. */
export interface Declaration {
  identity?: string;
  class?: string;
  says: string;
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
  | { topic: "escalations"; escalations: Escalation[] }
  | { topic: "links"; links: Link[] }
  | { topic: "feeds"; feeds: Feed[] }
  | { topic: "pact"; pact: PactStand }
  | { topic: "state"; state: string };

export interface Provenance {
  number: number;
  contributions: { origin: string; kind: string; form: string; clause: string; time_ns: number }[];
  releases: { party: string; form: string; clause: string }[];
  identity: string;
  declared_class: string;
  declared: {
    identity: string;
    track_class: string;
    person: string;
    says: string;
    time_ns: number;
    ended_ns: number;
  }[];
}

export interface Index {
  title: string;
  mode: string;
  speed: number;
  attribution: string;
  members: { member: string; name: string }[];
}
