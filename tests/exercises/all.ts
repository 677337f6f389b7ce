/** README's exercises, from small to large. */
import type { Exercise } from './stage.ts';
import { broadcast, chat, online } from './talk.ts';
import { clock, heartbeat, limits } from './time.ts';

export const EXERCISES: Exercise[] = [broadcast, online, clock, heartbeat, limits, chat];
