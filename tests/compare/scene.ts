/** What a scene is: something that clients do, and what is known to come of it with either server. */
import type { Fact } from './facts.ts';
import type { Stage } from './scene_stage.ts';

export interface Scene {
  /** As --scene takes it. */
  name: string;
  /** One sentence: what it shows. */
  shows: Fact;
  /** The row of the departures table that it belongs to: where it has one, the servers differ (or differ in code only). */
  row?: string;
  /** What is known to come of it, as facts in English. The harness adds when the server ends or others wait. */
  php: string[];
  ts: string[];
  /** Another PHP server may do this instead, which is a row of its own. */
  also?: { row: string; php: string[] };
  /** What both print differs as well, or in its order: not compared. */
  console?: 'free';
  /** The server is meant to end. */
  ends?: true;
  /** Flags for server.ts. */
  flags?: string[];
  /** Plays it, and notes what has come of it. */
  play: (stage: Stage) => Promise<void>;
}
